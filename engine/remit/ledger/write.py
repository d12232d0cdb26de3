"""Writes a ledger: one line after the other, over files that follow each other.

Threads may share a writer. Nothing is held back here: a line is with the system when `append`
comes back, so that the end of the process loses none; `sync` says when it is on the disk.
"""

from __future__ import annotations

import os
from _thread import allocate_lock
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from time import monotonic, time_ns
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Self

from remit.ledger import model
from remit.ledger.clock import Clock, from_utc, utc
from remit.ledger.ends import Ends, ends, newest, numbered
from remit.ledger.errors import LedgerError
from remit.ledger.file import Grown, sync_folder
from remit.ledger.lock import Lock

if TYPE_CHECKING:
    from remit.ledger.commit import Committer

Sync = Literal["each", "group", "none"]
WITHIN = 0.01  # seconds after which a `group` is on the disk, and what the disk takes
ENVELOPE = 280  # bytes of a line around its record
LOOK = 1.0  # seconds between two looks whether the file is still there


class Place(NamedTuple):
    """Where a record stands: its number over the whole ledger, and the hash of its line."""

    seq: int
    hash: str


class _Head(NamedTuple):
    """Where the chain goes on: the next number, the last hash, and how far the file is written."""

    seq: int
    hash: str
    size: int


class Writer:
    """The one writer of a ledger.

    `sync`: `each` waits with every line until it is on the disk (threads share the waiting),
    `group` has that done behind its back within some 10 ms, `none` leaves it to the system.
    `most_bytes` and `most_seconds` are what a file may come to before the next one is begun. `wait`
    is how many seconds to wait for another writer to go. Raises `LedgerError`.
    """

    def __init__(
        self, path: str | os.PathLike[str], *, sync: Sync = "group", most_bytes: int | None = None,
        most_seconds: float | None = None, wait: float = 0.0,
        clock: Clock = time_ns,
    ) -> None:  # fmt: skip
        self.path = Path(path)
        if not self.path.name:
            raise LedgerError(f"`{self.path}` is no file that a ledger could be")
        self._sync, self._clock = sync, clock
        self._most_bytes, self._most_seconds, self._begun = most_bytes, most_seconds, 0
        self._turn, self._syncing = allocate_lock(), allocate_lock()
        self._synced = -1
        self._committer: Committer | None = None
        self._pid, self._look, self._since = os.getpid(), 0.0, 0.0
        self._id, self._number = "", 0
        self._file: Grown | None = None
        self._head: _Head | None = None
        self._closed = False
        self._lock = Lock(self.path.with_name(self.path.name + ".lock"))
        try:
            if not self._lock.take(wait):
                raise LedgerError(f"another process writes `{self.path}`")
            self._open({})
        except OSError as error:
            self._lock.release()
            raise LedgerError(_told(error, self.path)) from None
        except BaseException:
            self._lock.release()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def file(self) -> int:
        """The number of the file that is written, from 1."""
        return self._number

    def append(self, kind: str, record: bytes) -> Place:
        """Write a record, which is as `model.encoded` gives it. Raises `LedgerError`."""
        if os.getpid() != self._pid:
            raise LedgerError("a forked process cannot write the ledger of another: open it anew")
        place = None
        try:
            with self._turn:
                self._before(len(record))
                place = self._append(kind, record)
            self._settle(place.seq)
        except OSError as error:
            raise LedgerError(_told(error, self.path), written=place is not None) from None
        return place

    def flush(self) -> None:
        """Wait until everything is on the disk. Raises `LedgerError`."""
        try:
            self._wait_for(self._last)
        except OSError as error:
            raise LedgerError(_told(error, self.path)) from None

    def close(self) -> None:
        """Say in the ledger that it ends here, and let others write. Never raises."""
        if self._closed or os.getpid() != self._pid:
            return
        self._closed = True
        if self._committer is not None:
            self._committer.end()
        with self._turn, self._syncing:
            if self._file is not None:
                with suppress(OSError, LedgerError):
                    self._append(model.CLOSED, b"{}")
                    self._file.sync()
                self._file.close()
                self._file = None
            self._lock.release()

    # ---- one line

    def _append(self, kind: str, record: bytes) -> Place:
        assert self._file is not None, "opened before"
        assert self._head is not None, "settled when it was opened"
        seq, prev, size = self._head
        data, found = model.line(kind, seq, utc(self._clock()), prev, record)
        self._file.append(data, size)
        self._head = _Head(seq + 1, found, size + len(data))  # only from here on it is written
        return Place(seq, found)

    def _before(self, size: int) -> None:
        """See to the file, where there is something to see to."""
        if self._committer is not None and self._committer.error is not None:
            error, self._committer.error = self._committer.error, None
            raise error
        if self._closed:
            raise LedgerError(f"`{self.path}` is closed")
        if self._file is None:
            self._open({"again": "the file could not be opened before"})
        since = monotonic()
        if since >= self._look:
            self._look = since + LOOK
            self._look_after()
        if self._is_full(size + ENVELOPE, since):
            self._rotate()

    def _is_full(self, size: int, since: float) -> bool:
        written = self._head.size if self._head is not None else 0
        if written <= self._begun:  # only its first line
            return False
        long = self._most_bytes is not None and written + size > self._most_bytes
        return long or (self._most_seconds is not None and since - self._since > self._most_seconds)

    # ---- on the disk

    @property
    def _last(self) -> int:
        return self._head.seq - 1 if self._head is not None else -1

    def _settle(self, seq: int) -> None:
        if self._sync == "each":
            self._wait_for(seq)
        elif self._sync == "group":
            if self._committer is None:
                from remit.ledger.commit import Committer

                self._committer = Committer(lambda: self._wait_for(self._last), WITHIN)
            self._committer.wake()

    def _wait_for(self, seq: int) -> None:
        """Have a line on the disk; whoever waits meanwhile is served by the same waiting."""
        with self._syncing:
            if self._synced < seq and self._file is not None:
                written = self._last
                self._file.sync()
                self._synced = written

    # ---- files

    def _open(self, said: dict[str, Any]) -> None:
        """Go on where the ledger ends, repaired where it was not finished."""
        found = ends(self.path)
        file = Grown(self.path)
        try:
            if found is not None and found.rest:
                said["repaired"] = _repair(file, found)
            known = found if found is not None and found.size else None
            self._take_up(known, file.size)
            self._since = monotonic() - (self._age(known.first) if known else 0.0)
            self._file = file
            self._append(model.OPENED, model.encoded({**self._told(), **said}))
            self._begun = self._head.size if known is None and self._head is not None else 0
            sync_folder(self.path.parent)
        except BaseException:
            self._file = None
            file.close()
            raise

    def _take_up(self, found: Ends | None, size: int) -> None:
        """Settle where the chain goes on: where this writer was, else where the ledger ends."""
        if self._head is not None:
            self._number += found is None
            self._head = self._head._replace(size=size)
            return
        before = newest(self.path) if found is None else None
        last = found if before is None else ends(before)
        if last is None:
            self._id, self._number = os.urandom(16).hex(), 1
            self._head = _Head(0, model.START, size)
        else:
            self._id, self._number = last.first.record["ledger"], last.first.record["file"]
            self._number += found is None
            self._head = _Head(last.last.seq + 1, last.last.hash, size)

    def _age(self, first: model.Line) -> float:
        """The seconds since a file was begun."""
        return (self._clock() - from_utc(first.time)) / 1e9

    def _told(self) -> dict[str, Any]:
        from remit import __version__

        return {"format": model.FORMAT, "remit": __version__, "ledger": self._id,
                "file": self._number, "sync": self._sync}  # fmt: skip

    def _rotate(self) -> None:
        """Give the full file its number, and begin the next one."""
        assert self._file is not None, "opened before"
        full = numbered(self.path, self._number)
        while full.exists():
            self._number += 1
            full = numbered(self.path, self._number)
        place = self._append(model.ROTATED, model.encoded({"kept": full.name}))
        with self._syncing:
            self._file.sync()
            self._synced = place.seq
            self._file.close()
            self._file = None
            os.rename(self.path, full)
        self._open({})

    def _look_after(self) -> None:
        """Whether the file is still there; if not, the chain goes on in one that is."""
        assert self._file is not None, "opened before"
        if self._file.is_there():
            return
        with self._syncing:
            self._file.close()
            self._file = None
        self._open({"again": "the file was moved, removed or changed by somebody else"})


def _repair(file: Grown, found: Ends) -> dict[str, Any]:
    """Put aside what is behind the last line that holds, and say what that was."""
    digest = sha256(found.rest).hexdigest()
    aside = file.path.with_name(f"{file.path.name}.cut-{digest[:12]}")
    kept = Grown(aside)
    try:
        kept.append(found.rest, 0)
        kept.sync()
    finally:
        kept.close()
    file.cut(found.size)
    return {"bytes": len(found.rest), "lines": found.rest.count(b"\n"), "sha256": digest,
            "kept": aside.name}  # fmt: skip


def _told(error: OSError, path: Path) -> str:
    reason = error.strerror or str(error)
    return f"`{path}` cannot be written: {reason[:1].lower()}{reason[1:]}"
