-- KEYS draft, drafts of the person · ARGV draft's id
if redis.call('HEXISTS', KEYS[1], 'case') == 1 then
  return 0
end
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[2], ARGV[1])
return 1
