-- Tells how many notices wait, for how many ms the first lane has been due (-1: none is), and how
-- many letters are dead.
-- KEYS due, lanes:, dead
local waiting, time = 0, now()
for _, lane in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  waiting = waiting + redis.call('LLEN', KEYS[2] .. lane)
end
local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
local late = first[2] and math.floor(time - first[2]) or -1
return {waiting, math.max(-1, late), redis.call('ZCARD', KEYS[3])}
