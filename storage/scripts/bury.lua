-- Puts a notice on the list of dead letters and lets its lane go on.
-- KEYS due, lane, notice, dead · ARGV token, lane, id, seconds, why
if redis.call('HGET', KEYS[3], 'token') ~= ARGV[1] then
  return 0
end
local time = now()
redis.call('HDEL', KEYS[3], 'token')
redis.call('HSET', KEYS[3], 'state', 'dead', 'why', ARGV[5])
redis.call('EXPIRE', KEYS[3], ARGV[4])
redis.call('ZADD', KEYS[4], time, ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[4], '-inf', time - ARGV[4] * 1000)
return advance(KEYS[1], KEYS[2], ARGV[2], ARGV[3])
