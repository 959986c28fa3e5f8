-- Leaves a notice at the head of its lane for later. A doubt, once there, stays: that a later
-- try was refused says nothing about the earlier one.
-- KEYS due, notice · ARGV token, lane, ms, why, doubt
if redis.call('HGET', KEYS[2], 'token') ~= ARGV[1] then
  return 0
end
redis.call('HDEL', KEYS[2], 'token')
redis.call('HSET', KEYS[2], 'state', 'waiting', 'why', ARGV[4])
if ARGV[5] == '1' then
  redis.call('HSET', KEYS[2], 'doubt', 1)
end
redis.call('ZADD', KEYS[1], now() + ARGV[3], ARGV[2])
return 1
