-- Takes a notice off its lane and makes the next one due at once.
local function advance(due, list, lane, id)
  redis.call('LREM', list, 1, id)
  if redis.call('EXISTS', list) == 1 then
    redis.call('ZADD', due, now(), lane)
    return 1
  end
  redis.call('ZREM', due, lane)
  return 0
end
