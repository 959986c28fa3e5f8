-- Finds which of some numbers are in an open case: returns place among them (from 1) and case of
-- each, in turn; the newest case's, if there are several. A claim whose case was never made, or is
-- closed, is none.
-- KEYS claims, cases:, holders of each block
-- ARGV draft or batch to leave out (or ''), how many statuses are open, these, then for each block
--      how many numbers, and these by their places in it
local open, at = {}, 3 + ARGV[2]
for status = 3, at - 1 do
  open[ARGV[status]] = true
end
local function counts(case)
  local found = redis.call('HMGET', KEYS[2] .. case, 'status', 'opened')
  if not open[found[1]] then
    return false
  end
  local opened = ARGV[1] ~= '' and cjson.decode(found[2])
  return not opened or (opened.uid ~= ARGV[1] and opened.batch ~= ARGV[1])
end
local cases = {}
local function case_of(claim)
  if cases[claim] == nil then
    local case = redis.call('HGET', KEYS[1], claim)
    cases[claim] = case and counts(case) and tonumber(case) or 0
  end
  return cases[claim]
end
local found, number = {}, 0
for block = 3, #KEYS do
  local last = at + ARGV[at]
  for _, held in ipairs(redis.call('HMGET', KEYS[block], unpack(ARGV, at + 1, last))) do
    number = number + 1
    local newest = 0
    for claim in string.gmatch(held or '', '%d+') do
      newest = math.max(newest, case_of(claim))
    end
    if newest > 0 then
      found[#found + 1], found[#found + 2] = number, newest
    end
  end
  at = last + 1
end
return found
