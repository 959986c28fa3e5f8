-- KEYS case, timeline · ARGV how many events
local events = {}
if tonumber(ARGV[1]) > 0 then
  events = redis.call('LRANGE', KEYS[2], -ARGV[1], -1)
end
return {redis.call('HGETALL', KEYS[1]), events}
