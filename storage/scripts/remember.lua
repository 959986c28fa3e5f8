-- Saves what is news of a person, of whom others may have learned something else meanwhile, and
-- keeps the e-mail index right when the address changes. An address that someone else has taken
-- over meanwhile stays theirs. Returns whether the person can be reached.
local function remember(person, emails, user, news)
  local before = redis.call('HMGET', person, 'value', 'email')
  local known, old = before[1] and cjson.decode(before[1]) or {}, before[2]
  for name, value in pairs(cjson.decode(news)) do
    known[name] = value
  end
  local email = string.lower(known.email or '')
  redis.call('HSET', person, 'value', cjson.encode(known), 'email', email)
  if email ~= '' and email ~= old then
    redis.call('HSET', emails, email, user)
  end
  if old and old ~= email and redis.call('HGET', emails, old) == user then
    redis.call('HDEL', emails, old)
  end
  local there = (known.conversation or '') ~= '' and (known.service_url or '') ~= ''
  return there and (known.blocked or '') == ''
end

-- Has what waits in somebody's lane tried at once: their chat may take what mail has not yet taken.
local function wake(due, lanes, notices, lane)
  local id = redis.call('LINDEX', lanes .. lane, 0)
  if id and redis.call('HGET', notices .. id, 'state') == 'waiting' then
    redis.call('ZADD', due, 'XX', now(), lane)
  end
end

-- Sends someone who can be reached again what was given up in the last `span` ms because they
-- could not be. KEYS from `first` on: missed, due, lanes:, notices:, dead
local function catch_up(first, span)
  local lane = string.match(KEYS[first], ':missed:(.*)$')
  wake(KEYS[first + 1], KEYS[first + 2], KEYS[first + 3], lane)
  if redis.call('EXISTS', KEYS[first]) == 0 then
    return
  end
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[first], now() - span, '+inf')) do
    revive(KEYS[first + 1], KEYS[first + 2], KEYS[first + 3], KEYS[first + 4], id)
  end
  redis.call('DEL', KEYS[first])
end
