-- Begins a turn, unless the activity was worked off or someone has the conversation.
-- KEYS activity, turn, conversation, drafts:, person · ARGV lease, its ms
if redis.call('EXISTS', KEYS[1]) == 1 then
  return {'done'}
end
local holder = redis.call('GET', KEYS[2])
if holder and holder ~= ARGV[1] then
  return {'busy'}
end
local conversation = redis.call('HMGET', KEYS[3], 'value', 'draft')
local draft = {}
if conversation[2] and conversation[2] ~= '' then
  draft = redis.call('HMGET', KEYS[4] .. conversation[2], 'value', 'rev', 'case', 'user', 'at')
end
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
return {'fresh', conversation[1], conversation[2], draft, redis.call('HGET', KEYS[5], 'value')}
