-- KEYS person, emails, missed, due, lanes:, notices:, dead
-- ARGV user, JSON, e-mail, ms to catch up on (0 for who cannot be reached)
remember(KEYS[1], KEYS[2], ARGV[1], ARGV[2], ARGV[3])
if ARGV[4] ~= '0' then
  catch_up(3, ARGV[4])
end
return 1
