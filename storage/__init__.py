"""What outlives a process: every Redis key and script, the files, and the embedded store."""
