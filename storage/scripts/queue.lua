-- Puts notices on their lanes. ARGV from `first` to `last` holds id, lane, case (`''`: the one that
-- is given) and JSON of each, in turn. An id that is known already was queued before, whatever
-- became of it: it is never told twice.
local function queue(due, lanes, notices, case, tenant, first, last)
  for at = first, last, 4 do
    local id, lane, key = ARGV[at], ARGV[at + 1], notices .. ARGV[at]
    if redis.call('EXISTS', key) == 0 then
      local time, about = now(), ARGV[at + 2]
      redis.call('HSET', key, 'value', ARGV[at + 3], 'case', about ~= '' and about or case,
        'tenant', tenant, 'lane', lane, 'due', time, 'tries', 0, 'state', 'waiting')
      redis.call('RPUSH', lanes .. lane, id)
      -- NX: a lane that is leased or waits for a retry keeps its instant, and its order.
      redis.call('ZADD', due, 'NX', time, lane)
    end
  end
end
