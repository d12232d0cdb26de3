"""One writer for a ledger: a lock of the operating system, which ends with the process.

Not through a library: those there are load an event loop, which takes longer (70 ms) than all else
that a process does which decides one step.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from time import monotonic, sleep

PAUSE = 0.01  # seconds between two attempts


class Lock:
    """Held from `take` to `release`, by one process and one object in it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle: int | None = None

    def take(self, wait: float = 0.0) -> bool:
        """Whether it is held now; waits for it so many seconds. Raises `OSError`."""
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0)
        handle = os.open(self._path, flags, 0o600)
        until = monotonic() + wait
        while not _locked(handle):
            if monotonic() >= until:
                os.close(handle)
                return False
            sleep(PAUSE)
        self._handle = handle
        return True

    def release(self) -> None:
        """Let others have it. The file stays, for another may be waiting for it."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


if sys.platform == "win32":
    import msvcrt

    def _locked(handle: int) -> bool:
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _locked(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
