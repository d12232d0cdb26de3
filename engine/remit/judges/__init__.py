"""Judges: what answers a question about a text that a pattern cannot. `ask` is the one caller."""
