"""What a case is and who may do what to it; no I/O, no clock, no sentence."""
