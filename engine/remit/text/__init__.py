"""Reading texts: patterns in linear time, shell command lines, mail addresses and URLs."""
