-- Ends a turn: saves what is given, marks the activity as worked off, gives the lease back.
-- KEYS activity, turn, conversation, draft, drafts of the person, person, emails,
--      missed, due, lanes:, notices:, dead
-- ARGV lease, activity's seconds,
--      conversation (or ''), its draft's id, its seconds,
--      draft's id (or ''), revision read, JSON, instant (ms), seconds,
--      news of the person (or ''), user, ms to catch up on
local by = redis.call('GET', KEYS[1])
if by then
  -- By this very turn: its answer was lost, and it asks again.
  return by == ARGV[1] and 1 or 0
end
if ARGV[6] ~= '' then
  local draft = redis.call('HMGET', KEYS[4], 'rev', 'case')
  if draft[2] or (draft[1] or '0') ~= ARGV[7] then
    return 0
  end
  redis.call('HSET', KEYS[4], 'value', ARGV[8], 'rev', ARGV[7] + 1)
  redis.call('EXPIRE', KEYS[4], ARGV[10])
  redis.call('ZADD', KEYS[5], ARGV[9], ARGV[6])
  redis.call('EXPIRE', KEYS[5], ARGV[10])
end
if ARGV[3] ~= '' then
  redis.call('HSET', KEYS[3], 'value', ARGV[3], 'draft', ARGV[4])
  redis.call('EXPIRE', KEYS[3], ARGV[5])
end
if ARGV[11] ~= '' and remember(KEYS[6], KEYS[7], ARGV[12], ARGV[11]) then
  catch_up(8, ARGV[13])
end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
if redis.call('GET', KEYS[2]) == ARGV[1] then
  redis.call('DEL', KEYS[2])
end
return 1
