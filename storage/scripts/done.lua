-- Takes a delivered notice off its lane; what is left of it says only that it was sent. Returns
-- -1 if the lease is lost, else whether more waits in the lane.
-- KEYS due, lane, notice, shown, then as in `report`
-- ARGV token, lane, id, seconds, recipient, posted (or ''), then as in `report`
if redis.call('HGET', KEYS[3], 'token') ~= ARGV[1] then
  return -1
end
-- First what a full server refuses: nothing is half done then.
redis.call('HSET', KEYS[3], 'state', 'sent', 'at', now())
redis.call('HDEL', KEYS[3], 'token', 'value', 'case', 'tenant', 'lane', 'due', 'tries', 'doubt',
  'unknown', 'faults', 'queued', 'why')
redis.call('EXPIRE', KEYS[3], ARGV[4])
if ARGV[6] ~= '' then
  redis.call('HSET', KEYS[4], ARGV[5], ARGV[6])
end
report(KEYS[1], 5, 7)
return advance(KEYS[1], KEYS[2], ARGV[2], ARGV[3])
