-- Asks for room where the limits are kept apart from the notice.
-- KEYS spent and booked of each quota · ARGV whether the notice has queued, then for each quota
--      how many limits, most and ms of each, how many requests to add, how many ms ago each was
return ask(read_quotas(1, 2), now(), ARGV[1] == '1')
