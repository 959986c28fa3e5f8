-- KEYS case, timeline, receipts · ARGV how many events
local events, receipts = {}, {}
if tonumber(ARGV[1]) > 0 then
  events = redis.call('LRANGE', KEYS[2], -ARGV[1], -1)
  receipts = redis.call('HVALS', KEYS[3])
end
return {redis.call('HGETALL', KEYS[1]), events, receipts}
