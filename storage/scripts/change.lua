-- Applies one deed to a case if it was not applied before and the guard holds.
-- KEYS case, timeline, deed, due, lanes:, notices:, list all:, list before:, list after:
-- ARGV guard's member, its value, sequence, event, tenant, deed's seconds, requester,
--      how many of the next are names and values of members, these, then the notices as in `queue`
if redis.call('EXISTS', KEYS[3]) == 1 then
  return 'again'
end
local stored = redis.call('HMGET', KEYS[1], ARGV[1], 'watchers')
if not stored[1] then
  return 'missing'
end
if stored[1] ~= ARGV[2] then
  return 'stale'
end
local members, last = {}, 8 + tonumber(ARGV[8])
local watchers = stored[2]
for at = 9, last, 2 do
  members[#members + 1] = ARGV[at]
  members[#members + 1] = ARGV[at + 1]
  if ARGV[at] == 'watchers' then
    watchers = ARGV[at + 1]
  end
end
-- Decoded before the first write, and from what is stored: a change that is guarded by the
-- status alone may have read older watchers. `''` stands for the list of the whole tenant.
local was, is = {}, {['']=true, [ARGV[7]]=true}
for _, user in ipairs(cjson.decode(stored[2])) do was[user] = true end
for _, user in ipairs(cjson.decode(watchers)) do is[user] = true end

redis.call('SET', KEYS[3], 1, 'EX', ARGV[6])
if #members > 0 then
  redis.call('HSET', KEYS[1], unpack(members))
end
redis.call('HINCRBY', KEYS[1], 'rev', 1)
redis.call('RPUSH', KEYS[2], ARGV[4])
if KEYS[8] ~= KEYS[9] or watchers ~= stored[2] then
  for user in pairs(was) do
    if not is[user] then
      redis.call('ZREM', KEYS[7] .. user, ARGV[3])
      redis.call('ZREM', KEYS[8] .. user, ARGV[3])
    end
  end
  for user in pairs(is) do
    redis.call('ZADD', KEYS[7] .. user, ARGV[3], ARGV[3])
    redis.call('ZREM', KEYS[8] .. user, ARGV[3])
    redis.call('ZADD', KEYS[9] .. user, ARGV[3], ARGV[3])
  end
end
queue(KEYS[4], KEYS[5], KEYS[6], ARGV[3], ARGV[5], last + 1, #ARGV)
return 'done'
