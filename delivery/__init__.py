"""Words out: notices that become messages in Teams, each delivered at least once and in order."""
