"""What a ledger could not take: said in the log at once, in the ledger when it can be again."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from remit.ledger import model
from remit.ledger.clock import Clock, utc
from remit.ledger.errors import LedgerError
from remit.state.plain import to_common

if TYPE_CHECKING:
    from remit.hooks.model import Told
    from remit.ledger.write import Writer

MOST_IDS = 100  # decisions of a gap that are named


class Gap:
    """The records that were missed since the ledger could be written last. Takes no lock itself."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.all = 0
        self.why = ""
        self._end()

    def _end(self) -> None:
        self.count, self._is_said = 0, False
        self._since = self._until = ""
        self._kinds: Counter[str] = Counter()
        self._verdicts: Counter[str] = Counter()
        self._ids: list[str] = []

    def note(self, kind: str, told: Told | None, why: str, *, denied: bool) -> None:
        """A record was missed. That a decision was corrected by a deny counts with that one."""
        if told is not None and told.corrects:
            return
        self.all, self.count = self.all + 1, self.count + 1
        self._until = utc(self._clock())
        self._kinds[kind] += 1
        if told is not None:
            self._verdicts["deny" if denied else told.decision.verdict] += 1
            self._ids += [told.id] if len(self._ids) < MOST_IDS else []
        self._since = self._since or self._until
        if not self._is_said:
            self.warn(why)
        self.why = why

    def warn(self, why: str) -> None:
        """Say in the log that records are being missed."""
        from logging import getLogger

        self.why, self._is_said = why, True
        getLogger("remit.ledger").error("what is decided cannot be written down: %s", why)

    def tell(self, writer: Writer) -> None:
        """Write down what was missed, if anything was. Raises `LedgerError`."""
        if not self.count:
            return
        try:
            writer.append(model.GAP, model.encoded(self._to_json()))
        except LedgerError as error:
            if not error.written:
                raise
        self._end()

    def _to_json(self) -> dict[str, Any]:
        return {
            "records": dict(self._kinds), "verdicts": dict(self._verdicts), "ids": self._ids,
            "since": self._since, "until": self._until, "why": to_common(self.why),
        }  # fmt: skip
