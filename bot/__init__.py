"""Teams in: what comes from the channel, who it is from, and what the desk makes of it."""
