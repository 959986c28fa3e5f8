-- Reads one page of a list and its cases, newest first: log(n) to find its start, whatever n.
-- KEYS list, cases: · ARGV highest sequence, how many
local size = tonumber(ARGV[2])
local found = redis.call('ZREVRANGEBYSCORE', KEYS[1], ARGV[1], '-inf', 'LIMIT', 0, size + 1)
local cases = {}
for at = 1, math.min(size, #found) do
  cases[at] = {found[at], redis.call('HGETALL', KEYS[2] .. found[at])}
end
return {cases, #found > size and 1 or 0}
