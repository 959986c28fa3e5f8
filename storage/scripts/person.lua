-- KEYS person, emails · ARGV user, JSON, e-mail
remember(KEYS[1], KEYS[2], ARGV[1], ARGV[2], ARGV[3])
return 1
