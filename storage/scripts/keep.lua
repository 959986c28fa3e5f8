-- Keeps a message that is not saved yet, leased to the process that has it.
-- KEYS leases, messages · ARGV id, message, lease in ms
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
redis.call('ZADD', KEYS[1], now() + ARGV[3], ARGV[1])
return 1
