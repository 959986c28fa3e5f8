-- Tells for each partition in how many ms its first lane is due; -1 when nothing waits.
-- KEYS due ...
local time, waits = now(), {}
for at, due in ipairs(KEYS) do
  local first = redis.call('ZRANGE', due, 0, 0, 'WITHSCORES')
  waits[at] = first[2] and math.max(0, math.floor(first[2] - time)) or -1
end
return waits
