"""The ledger as a plugin: writes down what the hooks tell, before it takes effect.

It has no way in but the hooks, as any other plugin.
"""

from __future__ import annotations

import atexit
import os
import weakref
from _thread import allocate_lock
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from time import monotonic, time_ns
from typing import TYPE_CHECKING, Any, Literal, Protocol, Self

from remit.hooks import hookimpl
from remit.ledger import model, record
from remit.ledger.clock import Clock
from remit.ledger.errors import LedgerError
from remit.ledger.gap import Gap
from remit.ledger.masks import Masks
from remit.ledger.write import Place, Sync, Writer
from remit.state.plain import odd, to_common

if TYPE_CHECKING:
    from remit.hooks.model import Answered, Began, Told
    from remit.verdict.model import Ground

Failing = Literal["deny", "go on"]
RETRY = 1.0  # seconds between two attempts to open a ledger that could not be opened


class Stored(Protocol):
    """A policy that can be kept in a ledger: `remit.Policy`."""

    @property
    def digest(self) -> str:
        """The SHA-256 of its content, in hex."""

    def store(self) -> bytes:
        """All of it, as bytes."""


class Ledger:
    """Writes every decision, answer and session into a ledger; see `Writer` for the other options.

    `failing` is what happens where a record cannot be written: `deny` (the step does not take
    effect, the session does not begin) or `go on` (a warning in the log, and the gap is told in the
    ledger when it can be written again). `keep` are policies that are kept in the ledger, for
    explanations and replay without their specs. Raises `LedgerError` where it cannot be opened,
    unless it is to go on.
    """

    def __init__(
        self, path: str | os.PathLike[str], *, failing: Failing = "deny",
        masks: Masks | None = None, keep: Iterable[Stored] = (), sync: Sync = "group",
        most_bytes: int | None = None, most_seconds: float | None = None, wait: float = 0.0,
        clock: Clock = time_ns,
    ) -> None:  # fmt: skip
        self.path = Path(path)
        self._opening = partial(
            Writer, path, sync=sync, most_bytes=most_bytes, most_seconds=most_seconds, wait=wait,
            clock=clock,
        )  # fmt: skip
        self._fails = failing
        self._masks, self._norms = masks or Masks(), record.Norms()
        self._keep = {one.digest: one for one in keep}
        self._known: set[tuple[int, str]] = set()  # file and digest of policies that stand there
        self._lock = allocate_lock()
        self._gap = Gap(clock)
        self._again = 0.0  # when it is tried again to open it
        self._writer: Writer | None = None
        try:
            self._writer = self._opening()
        except LedgerError as error:
            if failing == "deny":
                raise
            self._gap.warn(str(error))
        atexit.register(_close, weakref.ref(self))

    @property
    def missed(self) -> int:
        """How many records could not be written, from the beginning."""
        return self._gap.all

    def flush(self) -> None:
        """Wait until everything is on the disk. Raises `LedgerError`."""
        self._open().flush()

    def close(self) -> None:
        """End the ledger; what is told later cannot be written. Never raises."""
        with self._lock:
            if self._writer is not None:
                self._writer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ---- what is heard

    @hookimpl
    def remit_began(self, began: Began) -> None:
        """Write down a session that begins."""
        ground = began.session.ground
        self._write(model.SESSION, ground, lambda: record.of_session(began, self._masks))

    @hookimpl
    def remit_decided(self, told: Told) -> Mapping[str, str | int]:
        """Write down a decision; tells where it stands, or why it does not."""
        ground = told.decision.ground
        place = self._write(
            model.DECISION, ground, lambda: record.of_decision(told, self._masks, self._norms), told
        )  # fmt: skip
        if place is None:
            return {"remit.ledger.error": self._gap.why}
        return {"remit.ledger.seq": place.seq, "remit.ledger.hash": place.hash}

    @hookimpl
    def remit_answered(self, answered: Answered) -> None:
        """Write down somebody's yes or no."""
        self._write(model.ANSWER, None, lambda: record.of_answer(answered, self._masks))

    # ---- writing

    def _write(
        self, kind: str, ground: Ground | None, make: Callable[[], dict[str, Any]],
        told: Told | None = None,
    ) -> Place | None:  # fmt: skip
        """Where the record stands; None where it does not, and that is to be so."""
        try:
            writer = self._ready(ground)
            place = writer.append(kind, _encoded(make, told))
            if self._gap.count:
                with self._lock, suppress(LedgerError):  # it is told later then
                    self._gap.tell(writer)
            return place
        except LedgerError as error:
            with self._lock:
                self._gap.note(kind, told, str(error), denied=self._fails == "deny")
            if self._fails == "deny":
                raise
            return None

    def _ready(self, ground: Ground | None) -> Writer:
        """The writer, once what must stand before a record does."""
        writer = self._writer or self._open()
        if ground is not None and (writer.file, ground.digest) not in self._known:
            stored = self._keep.get(ground.digest)
            told = record.of_policy(ground, stored.store() if stored is not None else None)
            writer.append(model.POLICY, model.encoded(told))
            self._known.add((writer.file, ground.digest))
        return writer

    def _open(self) -> Writer:
        """The writer; where it could not be opened, that is tried again once a second."""
        with self._lock:
            if self._writer is None:
                if monotonic() < self._again:
                    raise LedgerError(self._gap.why)
                self._again = monotonic() + RETRY
                self._writer = self._opening()
            return self._writer


def _encoded(make: Callable[[], dict[str, Any]], told: Told | None) -> bytes:
    """The record in canonical form. Whatever cannot be written costs that, and no record."""
    try:
        return model.encoded(make())
    except Exception as error:  # noqa: BLE001 - an odd host or step costs no record
        left: dict[str, Any] = {"lost": odd(type(error).__name__)}
        if told is not None:
            decision = told.decision
            left |= {
                "id": told.id, "session": told.session, "index": decision.index,
                "verdict": decision.verdict, "decided_by": list(decision.decided_by),
            }  # fmt: skip
        return model.encoded(to_common(left))


def _close(known: weakref.ref[Ledger]) -> None:
    ledger = known()
    if ledger is not None:
        ledger.close()
