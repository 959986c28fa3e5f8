-- Finds an event by its id, from the newest back: what is asked for has nearly always just
-- happened.
-- KEYS timeline · ARGV id
local head, step = ARGV[1] .. '\n', 16
local last = redis.call('LLEN', KEYS[1]) - 1
while last >= 0 do
  local batch = redis.call('LRANGE', KEYS[1], math.max(0, last - step + 1), last)
  for at = #batch, 1, -1 do
    if batch[at]:sub(1, #head) == head then
      return batch[at]
    end
  end
  last = last - step
end
return false
