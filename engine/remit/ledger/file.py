"""A file that only grows: a piece is in it whole, or not at all. Knows nothing of lines."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

_FLAGS = (
    os.O_WRONLY
    | os.O_APPEND
    | os.O_CREAT
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
_sync = getattr(os, "fdatasync", os.fsync)


class Grown:
    """A file, open for writing at its end. Whoever has the lock of the ledger has it alone."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle = os.open(path, _FLAGS, 0o600)
        status = os.fstat(self._handle)
        self.size = status.st_size
        self._who = (status.st_dev, status.st_ino)
        self._torn = False

    def append(self, data: bytes, at: int) -> None:
        """Add a piece behind the first `at` bytes. Raises `OSError`; then nothing of it stays.

        What cannot be taken away at once (or where an interrupt came between) goes when the next
        piece is added.
        """
        if self._torn or self.size != at:
            self.cut(at)
        self._torn = True
        try:
            done = os.write(self._handle, data)
            while done < len(data):
                done += os.write(self._handle, data[done:])
        except OSError:
            with suppress(OSError):
                self.cut(at)
            raise
        self.size = at + done
        self._torn = False

    def cut(self, size: int) -> None:
        """Take away what is behind the first bytes. Raises `OSError`."""
        os.ftruncate(self._handle, size)
        self.size = size
        self._torn = False

    def sync(self) -> None:
        """Wait until what was added is on the disk. Raises `OSError`."""
        _sync(self._handle)

    def is_there(self) -> bool:
        """Whether it still has its name, and the size that it was given here."""
        try:
            status = os.stat(self.path)
        except OSError:
            return False
        return (status.st_dev, status.st_ino) == self._who and status.st_size == self.size

    def close(self) -> None:
        """Close it."""
        os.close(self._handle)


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on the disk, where the system can."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
