-- Leaves a notice at the head of its lane for later. A doubt, once there, stays: that a later
-- try was refused says nothing about the earlier one. Returns 1, or -1 if the lease is lost.
-- KEYS due, notice · ARGV token, lane, ms, why, whether it may have been shown, whether by a fault
if redis.call('HGET', KEYS[2], 'token') ~= ARGV[1] then
  return -1
end
redis.call('HSET', KEYS[2], 'state', 'waiting', 'why', ARGV[4])
if ARGV[5] == '1' then
  redis.call('HSET', KEYS[2], 'doubt', 1)
  redis.call('HINCRBY', KEYS[2], 'unknown', 1)
end
if ARGV[6] == '1' then
  redis.call('HINCRBY', KEYS[2], 'faults', 1)
end
redis.call('HDEL', KEYS[2], 'token')
redis.call('ZADD', KEYS[1], now() + ARGV[3], ARGV[2])
return 1
