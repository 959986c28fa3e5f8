-- Leases the heads of lanes that are due: the lane is due again when the lease ends, so that a
-- worker that died holds nobody up for longer.
-- KEYS due, lanes:, notices: · ARGV token, how many, lease in ms
local time, claims = now(), {}
for _, lane in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', time, 'LIMIT', 0, ARGV[2])) do
  local list = KEYS[2] .. lane
  local id = redis.call('LINDEX', list, 0)
  while id and redis.call('EXISTS', KEYS[3] .. id) == 0 do
    redis.call('LPOP', list)
    id = redis.call('LINDEX', list, 0)
  end
  if id then
    local key = KEYS[3] .. id
    -- Marked as being sent and never reported: it may have been shown.
    if redis.call('HGET', key, 'state') == 'sending' then
      redis.call('HSET', key, 'doubt', 1)
    end
    redis.call('HSET', key, 'state', 'claimed', 'token', ARGV[1])
    redis.call('ZADD', KEYS[1], time + ARGV[3], lane)
    claims[#claims + 1] = redis.call('HMGET', key, 'value', 'case', 'tenant', 'lane', 'due',
      'tries', 'doubt')
  else
    redis.call('ZREM', KEYS[1], lane)
  end
end
return claims
