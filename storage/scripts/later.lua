local function postpone(due, notice, lane, at)
  redis.call('HSET', notice, 'state', 'waiting', 'queued', 1)
  redis.call('HDEL', notice, 'token')
  redis.call('ZADD', due, at, lane)
end
