-- Forgets a message that is saved.
-- KEYS leases, messages, deaths · ARGV id
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[2], ARGV[1])
redis.call('HDEL', KEYS[3], ARGV[1])
return 1
