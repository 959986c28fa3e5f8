-- Makes a draft's case: number, record, event, indexes, notices and tombstone, or the number it
-- has already.
-- KEYS sequence, cases:, events:, draft, drafts of the person, due, lanes:, notices:, lists ...
-- ARGV draft id, user, instant, tombstone's seconds, record, status, watchers, event, tenant,
--      how many lists, then id, lane and JSON of each notice
local made = redis.call('HGET', KEYS[4], 'case')
if made then
  return {tonumber(made), 1}
end
if (#ARGV - 10) % 3 ~= 0 or #KEYS ~= 8 + tonumber(ARGV[10]) then
  return redis.error_reply('ERR create: malformed call')
end
local rev = redis.call('HGET', KEYS[4], 'rev') or 0
local case = redis.call('INCR', KEYS[1])
redis.call('HSET', KEYS[2] .. case, 'opened', ARGV[5], 'rev', 1, 'status', ARGV[6],
  'watchers', ARGV[7])
redis.call('RPUSH', KEYS[3] .. case, ARGV[8])
for at = 9, #KEYS do
  redis.call('ZADD', KEYS[at], case, case)
end
-- The tombstone keeps no answers: they are in the case.
redis.call('DEL', KEYS[4])
redis.call('HSET', KEYS[4], 'case', case, 'rev', rev, 'user', ARGV[2], 'at', ARGV[3])
redis.call('EXPIRE', KEYS[4], ARGV[4])
redis.call('ZREM', KEYS[5], ARGV[1])
queue(KEYS[6], KEYS[7], KEYS[8], case, ARGV[9], 11)
return {case, 0}
