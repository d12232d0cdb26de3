"""Bundled plugins, one file each. They hang on the same hooks as anyone else's."""
