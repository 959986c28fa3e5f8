-- Writes a claim down with each of some numbers. The claims of a number stand with commas between,
-- the latest first; whose they are is told when the case is made.
-- KEYS holders of each block
-- ARGV claim, most claims of a number, then for each block how many numbers, and these by their
--      places in it
local function with_claim(held)
  local claims = {ARGV[1]}
  for other in string.gmatch(held or '', '%d+') do
    if other ~= ARGV[1] and #claims < tonumber(ARGV[2]) then
      claims[#claims + 1] = other
    end
  end
  return table.concat(claims, ',')
end
local at = 3
for _, block in ipairs(KEYS) do
  local last = at + ARGV[at]
  local places = {unpack(ARGV, at + 1, last)}
  local held, fresh = redis.call('HMGET', block, unpack(places)), {}
  for nth, place in ipairs(places) do
    fresh[2 * nth - 1], fresh[2 * nth] = place, with_claim(held[nth])
  end
  redis.call('HSET', block, unpack(fresh))
  at = last + 1
end
return 1
