"""Has lines on the disk soon, in a thread of its own: one for all threads that write."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Committer:
    """Calls `sync` within `within` seconds of `wake`, once for all that was written by then.

    `error` is what went wrong behind everybody's back; whoever writes next sees to it.
    """

    def __init__(self, sync: Callable[[], None], within: float) -> None:
        self._sync, self._within = sync, within
        self._woken, self._ended = threading.Event(), threading.Event()
        self._is_awake = False
        self.error: OSError | None = None
        self._thread = threading.Thread(target=self._run, name="remit-ledger", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Something was written."""
        if not self._is_awake:
            self._is_awake = True
            self._woken.set()

    def end(self) -> None:
        """Do what is left, and stop."""
        self._ended.set()
        self._woken.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ended.is_set():
            self._woken.wait()
            self._ended.wait(self._within)
            self._woken.clear()
            self._is_awake = False  # what is written from here on wakes again
            try:
                self._sync()
            except OSError as error:
                self.error = error
