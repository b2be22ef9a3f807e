"""What keeps spam and harm out: limits, traps, proof of work, rules about content, checks of files and of addresses."""
