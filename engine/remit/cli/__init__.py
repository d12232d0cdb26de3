"""The command line. `main` is the console script; each command has a file of its name."""

from remit.cli.app import main

__all__ = ["main"]
