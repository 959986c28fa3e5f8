-- Counts the leases of claims anew; returns the places, from 1, of those that are lost.
-- KEYS due, notices: · ARGV lease in ms, then id, lane and token of each
local time, lost = now(), {}
for at = 2, #ARGV, 3 do
  if redis.call('HGET', KEYS[2] .. ARGV[at], 'token') == ARGV[at + 2] then
    redis.call('ZADD', KEYS[1], time + ARGV[1], ARGV[at + 1])
  else
    lost[#lost + 1] = (at + 1) / 3
  end
end
return lost
