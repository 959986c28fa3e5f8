-- KEYS person, emails, missed, due, lanes:, notices:, dead
-- ARGV user, news as JSON, ms to catch up on
if remember(KEYS[1], KEYS[2], ARGV[1], ARGV[2]) then
  catch_up(3, ARGV[3])
end
return 1
