"""The back office's HTTP: what operators and their programs ask, with tokens of their own."""
