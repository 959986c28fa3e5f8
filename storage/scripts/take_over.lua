-- Renews the leases of a process's own messages, and takes over those whose lease has ended.
-- Returns these, each with how many processes ended over it, as it seems.
-- KEYS leases, messages, deaths · ARGV lease in ms, how many, its own
local time, left = now(), {}
for at = 3, #ARGV do
  redis.call('ZADD', KEYS[1], 'XX', time + ARGV[1], ARGV[at])
end
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', time, 'LIMIT', 0, ARGV[2])) do
  redis.call('ZADD', KEYS[1], time + ARGV[1], id)
  left[#left + 1] = {id, redis.call('HGET', KEYS[2], id), redis.call('HINCRBY', KEYS[3], id, 1)}
end
return left
