-- Reads a person's open drafts, last touched first, and forgets those that have expired.
-- KEYS drafts of the person, drafts:
local drafts = {}
for _, id in ipairs(redis.call('ZREVRANGE', KEYS[1], 0, -1)) do
  local value = redis.call('HGET', KEYS[2] .. id, 'value')
  if value then
    drafts[#drafts + 1] = value
  else
    redis.call('ZREM', KEYS[1], id)
  end
end
return drafts
