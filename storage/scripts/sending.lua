-- Marks a claimed notice as being sent, and counts the lease anew from here.
-- KEYS due, notice · ARGV token, lane, lease in ms
if redis.call('HGET', KEYS[2], 'token') ~= ARGV[1] then
  return 0
end
if redis.call('HGET', KEYS[2], 'state') ~= 'sending' then
  redis.call('HSET', KEYS[2], 'state', 'sending')
  redis.call('HINCRBY', KEYS[2], 'tries', 1)
end
redis.call('ZADD', KEYS[1], now() + ARGV[3], ARGV[2])
return 1
