"""A compiled policy as bytes, from which it decides at once (`docs/store.md`)."""
