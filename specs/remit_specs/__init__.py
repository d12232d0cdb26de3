"""Packs of `.spec` files: data only. Nothing imports this package, and it imports nothing."""
