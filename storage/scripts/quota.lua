-- Sliding windows over requests, exact to the ms and shared by all processes. `spent` lists the
-- instants of requests that were made. `booked` is there only while somebody waits: a copy with
-- the instants that were promised behind it, so that each who must wait comes back once, in order,
-- and not all at the same moment. What was promised is held against `spent` again.
local SLACK = 10

local function read_quotas(key, arg)
  local quotas = {}
  for at = key, #KEYS, 2 do
    local quota = {spent = KEYS[at], booked = KEYS[at + 1], limits = {}}
    local last = arg + 2 * tonumber(ARGV[arg])
    for limit = arg + 1, last, 2 do
      quota.limits[#quota.limits + 1] = {tonumber(ARGV[limit]), tonumber(ARGV[limit + 1])}
    end
    arg = last + 1
    quotas[#quotas + 1] = quota
  end
  return quotas
end

local function free_at(list, limits, slack)
  local free = 0
  for _, limit in ipairs(limits) do
    local stamp = redis.call('LINDEX', list, -limit[1])
    if stamp then
      free = math.max(free, stamp + limit[2] + slack)
    end
  end
  return free
end

-- The last limit is the longest one, and has the most requests.
local function note(quota, list, at, life)
  local most = quota.limits[#quota.limits][1]
  if redis.call('RPUSH', list, at) > 2 * most then
    redis.call('LTRIM', list, -most, -1)
  end
  redis.call('PEXPIRE', list, life)
end

local function spend(quota, at)
  note(quota, quota.spent, at, quota.limits[#quota.limits][2])
  if redis.call('EXISTS', quota.booked) == 1 then
    redis.call('RPUSH', quota.booked, at)
  end
end

-- Counts a request and returns 0 if every quota has room, else returns after how many ms to come
-- back, `queued` then.
local function ask(quotas, time, queued)
  local go = time
  for _, quota in ipairs(quotas) do
    quota.free = free_at(quota.spent, quota.limits, 0)
    if not queued and redis.call('EXISTS', quota.booked) == 1 then
      quota.free = math.max(quota.free, free_at(quota.booked, quota.limits, SLACK))
    end
    go = math.max(go, quota.free)
  end
  for _, quota in ipairs(quotas) do
    if go == time then
      spend(quota, time)
    elseif not queued and quota.free > time then
      if redis.call('EXISTS', quota.booked) == 0 then
        redis.call('COPY', quota.spent, quota.booked)
      end
      note(quota, quota.booked, quota.free, math.ceil(quota.free - time) + 1000)
    end
  end
  return math.ceil(go - time)
end
