-- Puts a dead letter at the end of its lane, as if it were new.
-- KEYS due, lanes:, notice, dead · ARGV id
local notice = redis.call('HMGET', KEYS[3], 'state', 'lane')
if notice[1] ~= 'dead' then
  return 0
end
local time = now()
redis.call('HSET', KEYS[3], 'state', 'waiting', 'tries', 0, 'due', time)
redis.call('PERSIST', KEYS[3])
redis.call('ZREM', KEYS[4], ARGV[1])
redis.call('RPUSH', KEYS[2] .. notice[2], ARGV[1])
redis.call('ZADD', KEYS[1], 'NX', time, notice[2])
return 1
