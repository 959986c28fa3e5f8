-- Puts a claimed notice back because the limits leave no room: this is no try.
-- KEYS due, notice · ARGV token, lane, ms
if redis.call('HGET', KEYS[2], 'token') ~= ARGV[1] then
  return -1
end
postpone(KEYS[1], KEYS[2], ARGV[2], now() + ARGV[3])
return 1
