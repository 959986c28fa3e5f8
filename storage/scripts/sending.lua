-- Marks a claimed notice as being sent, and counts the lease anew from here, if the limits leave
-- room; puts it back if they do not. Returns -1 if the lease is lost, 0, or the ms it must wait.
-- KEYS due, notice, then spent and booked of each quota
-- ARGV token, lane, lease in ms, then for each quota as in `ask`
local notice = redis.call('HMGET', KEYS[2], 'token', 'state', 'queued')
if notice[1] ~= ARGV[1] then
  return -1
end
local time = now()
if notice[2] ~= 'sending' then
  local wait = ask(read_quotas(3, 4), time, notice[3] == '1')
  if wait > 0 then
    postpone(KEYS[1], KEYS[2], ARGV[2], time + wait)
    return wait
  end
  redis.call('HSET', KEYS[2], 'state', 'sending')
  redis.call('HINCRBY', KEYS[2], 'tries', 1)
  if notice[3] then
    redis.call('HDEL', KEYS[2], 'queued')
  end
end
redis.call('ZADD', KEYS[1], time + ARGV[3], ARGV[2])
return 0
