"""The record of account: what was decided, line by line, each line sealed by the one before.

`Ledger` (in `sink.py`) is a plugin; give it to `remit.hooks.manager.manager`.
"""
