-- KEYS due, lanes:, notices:, dead · ARGV id
return revive(KEYS[1], KEYS[2], KEYS[3], KEYS[4], ARGV[1])
