-- Reads the newest dead letters.
-- KEYS dead, notices: · ARGV how many
local letters = {}
local found = redis.call('ZREVRANGE', KEYS[1], 0, ARGV[1] - 1, 'WITHSCORES')
for at = 1, #found, 2 do
  local notice = redis.call('HMGET', KEYS[2] .. found[at], 'value', 'case', 'tenant', 'tries',
    'why')
  if notice[1] then
    notice[6] = found[at + 1]
    letters[#letters + 1] = notice
  end
end
return letters
