-- Puts a notice on the list of dead letters and lets its lane go on. Returns -1 if the lease is
-- lost, else whether more waits in the lane.
-- KEYS due, lane, notice, dead, missed, then as in `report`
-- ARGV token, lane, id, seconds, why, seconds for which the recipient may come back (or 0),
--      whether it is listed among the dead letters (or 0), then as in `report`
if redis.call('HGET', KEYS[3], 'token') ~= ARGV[1] then
  return -1
end
local time = now()
redis.call('HSET', KEYS[3], 'state', 'dead', 'why', ARGV[5])
redis.call('EXPIRE', KEYS[3], ARGV[4])
if ARGV[7] ~= '0' then
  redis.call('ZADD', KEYS[4], time, ARGV[3])
  redis.call('ZREMRANGEBYSCORE', KEYS[4], '-inf', time - ARGV[4] * 1000)
end
if ARGV[6] ~= '0' then
  redis.call('ZADD', KEYS[5], time, ARGV[3])
  redis.call('EXPIRE', KEYS[5], ARGV[6])
end
redis.call('HDEL', KEYS[3], 'token')
report(KEYS[1], 6, 8)
return advance(KEYS[1], KEYS[2], ARGV[2], ARGV[3])
