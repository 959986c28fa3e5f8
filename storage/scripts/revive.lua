-- Puts a dead letter at the end of its lane, as if it were new; 0 if it is not dead, -1 if there
-- is none. A doubt stays.
local function revive(due, lanes, notices, dead, id)
  local key = notices .. id
  local notice = redis.call('HMGET', key, 'state', 'lane')
  if notice[1] ~= 'dead' then
    return notice[1] and 0 or -1
  end
  local time = now()
  redis.call('HSET', key, 'state', 'waiting', 'tries', 0, 'due', time)
  redis.call('HDEL', key, 'unknown', 'faults', 'why')
  redis.call('PERSIST', key)
  redis.call('ZREM', dead, id)
  redis.call('RPUSH', lanes .. notice[2], id)
  redis.call('ZADD', due, 'NX', time, notice[2])
  return 1
end
