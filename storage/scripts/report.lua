-- Keeps how a notice arrived, and queues what the desk hears of it. Nothing from `at` on: nobody
-- wants to know.
-- KEYS from `key`: receipts, lanes:, notices: · ARGV from `at`: notice, receipt, seconds, tenant,
-- case, then notices as in `queue`
local function report(due, key, at)
  if not ARGV[at] then
    return
  end
  redis.call('HSET', KEYS[key], ARGV[at], ARGV[at + 1])
  redis.call('EXPIRE', KEYS[key], ARGV[at + 2])
  queue(due, KEYS[key + 1], KEYS[key + 2], ARGV[at + 4], ARGV[at + 3], at + 5, #ARGV)
end
