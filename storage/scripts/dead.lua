-- Reads dead letters, newest first, from an instant on: those of that very ms only below an id.
-- KEYS dead, notices: · ARGV how many, instant (or +inf), id
local letters, offset = {}, 0
while #letters < tonumber(ARGV[1]) do
  local found = redis.call('ZREVRANGEBYSCORE', KEYS[1], ARGV[2], '-inf', 'WITHSCORES',
    'LIMIT', offset, ARGV[1])
  for at = 1, #found, 2 do
    local notice = redis.call('HMGET', KEYS[2] .. found[at], 'value', 'case', 'tenant', 'tries',
      'why')
    if notice[1] and (found[at + 1] ~= ARGV[2] or found[at] < ARGV[3]) then
      notice[6] = found[at + 1]
      letters[#letters + 1] = notice
    end
  end
  if #found < 2 * ARGV[1] then
    break
  end
  offset = offset + ARGV[1]
end
return letters
