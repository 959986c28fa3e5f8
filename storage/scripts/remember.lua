-- Saves a person and keeps the e-mail index right when the address changes. An address that
-- someone else has taken over meanwhile stays theirs.
local function remember(person, emails, user, value, email)
  local before = redis.call('HGET', person, 'email')
  if before and before ~= email and redis.call('HGET', emails, before) == user then
    redis.call('HDEL', emails, before)
  end
  if email ~= '' then
    redis.call('HSET', emails, email, user)
  end
  redis.call('HSET', person, 'value', value, 'email', email)
end
