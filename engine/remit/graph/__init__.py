"""The priority graph: which norm beats which, and for which of the six reasons."""
