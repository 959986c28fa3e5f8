-- The server's clock in ms: leases of all processes must be measured by one clock.
local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
