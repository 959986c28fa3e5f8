-- Makes what a draft becomes, one case or the parts of a batch: numbers, records, events, indexes,
-- notices and tombstone. Returns whether it had been made before, and the numbers.
-- KEYS sequence, cases:, events:, draft, drafts of the person, due, lanes:, notices:, batch,
--      claims, lists ...
-- ARGV draft's id, user, instant, tombstone's seconds, status, watchers, tenant, how many cases,
--      then record, event, claim (or '') and how many notices of each, and these as in `queue`
local made = redis.call('HGET', KEYS[4], 'case')
if made then
  local parts = redis.call('ZRANGE', KEYS[9], 0, -1)
  return {1, #parts > 0 and parts or {made}}
end
local cases, at = {}, 9
for nth = 1, tonumber(ARGV[8]) do
  local last = at + 3 + 4 * (ARGV[at + 3] or 0)
  cases[nth] = {record=ARGV[at], event=ARGV[at + 1], claim=ARGV[at + 2], first=at + 4, last=last}
  at = last + 1
end
if at ~= #ARGV + 1 then
  return redis.error_reply('ERR create: malformed call')
end
local rev = redis.call('HGET', KEYS[4], 'rev') or 0
local numbers = {}
for nth, new in ipairs(cases) do
  local case = redis.call('INCR', KEYS[1])
  numbers[nth] = case
  redis.call('HSET', KEYS[2] .. case, 'opened', new.record, 'rev', 1, 'status', ARGV[5],
    'watchers', ARGV[6])
  redis.call('RPUSH', KEYS[3] .. case, new.event)
  for list = 11, #KEYS do
    redis.call('ZADD', KEYS[list], case, case)
  end
  if #cases > 1 then
    redis.call('ZADD', KEYS[9], case, case)
  end
  if new.claim ~= '' then
    redis.call('HSET', KEYS[10], new.claim, case)
  end
  queue(KEYS[6], KEYS[7], KEYS[8], case, ARGV[7], new.first, new.last)
end
-- The tombstone keeps no answers: they are in the cases.
redis.call('DEL', KEYS[4])
redis.call('HSET', KEYS[4], 'case', numbers[1], 'rev', rev, 'user', ARGV[2], 'at', ARGV[3])
redis.call('EXPIRE', KEYS[4], ARGV[4])
redis.call('ZREM', KEYS[5], ARGV[1])
return {0, numbers}
