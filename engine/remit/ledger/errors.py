"""What keeps a ledger from being written."""

from __future__ import annotations


class LedgerError(Exception):
    """A record could not be written, or a ledger not be opened. Its text says why.

    `written`: the record is in the file, but may not be on the disk.
    """

    def __init__(self, message: str, *, written: bool = False) -> None:
        super().__init__(message)
        self.written = written
