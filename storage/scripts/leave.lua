-- Ends the leases of messages that a process leaves to others, which it did not die over.
-- KEYS leases, deaths · ARGV ids
for _, id in ipairs(ARGV) do
  redis.call('ZADD', KEYS[1], 'XX', 0, id)
  redis.call('HDEL', KEYS[2], id)
end
return 1
