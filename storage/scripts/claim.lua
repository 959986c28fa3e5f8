-- Leases the heads of lanes that are due: the lane is due again when the lease ends, so that a
-- worker that died holds nobody up for longer. Returns the notices, each with what its delivery
-- needs, and the ms until the next lane is due (-1: none).
-- KEYS due, lanes:, notices:, people:, shown: · ARGV token, how many, lease in ms
local time, claims = now(), {}

-- Tells whether the last notice of the lane redraws the card that this one redraws.
local function is_moot(list, value, case)
  if redis.call('LLEN', list) == 1 or cjson.decode(value).kind ~= 'update' then
    return 0
  end
  local last = redis.call('HMGET', KEYS[3] .. redis.call('LINDEX', list, -1), 'value', 'case')
  local same = last[1] and last[2] == case and cjson.decode(last[1]).kind == 'update'
  return same and 1 or 0
end

for _, lane in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', time, 'LIMIT', 0, ARGV[2])) do
  local list = KEYS[2] .. lane
  local id = redis.call('LINDEX', list, 0)
  while id and redis.call('EXISTS', KEYS[3] .. id) == 0 do
    redis.call('LPOP', list)
    id = redis.call('LINDEX', list, 0)
  end
  if id then
    local key = KEYS[3] .. id
    -- Marked as being sent and never reported: it may have been shown.
    if redis.call('HGET', key, 'state') == 'sending' then
      redis.call('HSET', key, 'doubt', 1)
      redis.call('HINCRBY', key, 'unknown', 1)
    end
    redis.call('HSET', key, 'state', 'claimed', 'token', ARGV[1])
    redis.call('ZADD', KEYS[1], time + ARGV[3], lane)
    local notice = redis.call('HMGET', key, 'value', 'case', 'tenant', 'lane', 'due', 'tries',
      'doubt', 'unknown', 'faults', 'queued')
    local digest, audience, owner = string.match(lane, '^(%x+):(%a+):(.*)$')
    local person = audience == 'person' and
      redis.call('HGET', KEYS[4] .. digest .. ':' .. owner, 'value')
    local recipient = audience == 'desk' and audience or (audience or '') .. ':' .. (owner or '')
    local shown = redis.call('HGET', KEYS[5] .. notice[2], recipient)
    claims[#claims + 1] = {notice, person, shown, is_moot(list, notice[1], notice[2])}
  else
    redis.call('ZREM', KEYS[1], lane)
  end
end
local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
return {claims, first[2] and math.max(0, math.ceil(first[2] - time)) or -1}
