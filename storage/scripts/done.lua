-- Takes a delivered notice off its lane; what is left of it says only that it was sent.
-- KEYS due, lane, notice, shown · ARGV token, lane, id, seconds, recipient, posted (or '')
if redis.call('HGET', KEYS[3], 'token') ~= ARGV[1] then
  return 0
end
redis.call('DEL', KEYS[3])
redis.call('HSET', KEYS[3], 'state', 'sent', 'at', now())
redis.call('EXPIRE', KEYS[3], ARGV[4])
if ARGV[6] ~= '' then
  redis.call('HSET', KEYS[4], ARGV[5], ARGV[6])
end
return advance(KEYS[1], KEYS[2], ARGV[2], ARGV[3])
