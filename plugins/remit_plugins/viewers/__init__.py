"""Viewers of traces that `remit demo --viewer` starts. Nothing here is loaded by itself."""
