"""Looks for records in a ledger, by what was decided, by which clause, in which conversation."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from remit.ledger.model import ANSWER, DECISION, GAP, SESSION, Line
from remit.ledger.read import in_order, read
from remit_grammar.diagnostic import Diagnostic

TOLD = (SESSION, DECISION, ANSWER, GAP)  # kinds that tell of conversations


@dataclass(frozen=True, slots=True)
class Sought:
    """What to look for; what is empty is not asked for.

    A clause is the id of a norm, or the end of one (`refunds.limit`). `id` is that of a decision,
    or its beginning; `step` counts from 1, as people do.
    """

    verdicts: Collection[str] = ()
    clause: str = ""
    conversation: str = ""
    id: str = ""
    step: int | None = None

    @property
    def _is_about_decisions(self) -> bool:
        return bool(self.verdicts or self.clause or self.id or self.step is not None)

    def fits(self, line: Line) -> bool:
        """Whether a line is one of those."""
        record = line.record
        if line.kind not in TOLD:
            return False
        if self._is_about_decisions and line.kind != DECISION:
            return False
        if self.id and not str(record.get("id", "")).startswith(self.id):
            return False
        if self.step is not None and record.get("index") != self.step - 1:
            return False
        if self.verdicts and record.get("verdict") not in self.verdicts:
            return False
        if self.conversation and record.get("conversation") != self.conversation:
            return False
        return not self.clause or any(is_named(self.clause, one) for one in norms_of(line))


def is_named(name: str, norm: object) -> bool:
    """Whether a norm is what somebody calls by a name: its id, or the end of that."""
    return norm == name or str(norm).rpartition("::")[2] == name


def norms_of(line: Line) -> Iterator[object]:
    """The ids of all norms that a decision names."""
    for name in ("decided_by", "in_force"):
        yield from _list(line, name)
    for name in ("defeated", "violated"):
        yield from (row.get("norm") for row in _list(line, name) if isinstance(row, dict))


def _list(line: Line, name: str) -> list[object]:
    found = line.record.get(name)
    return found if isinstance(found, list) else []


def look(
    paths: Sequence[str | Path], sought: Sought
) -> Iterator[tuple[Line | None, Diagnostic | None]]:
    """The lines that fit, in order, and what keeps a file from being read."""
    for path in in_order(paths):
        for reading in read(path):
            if reading.problem is not None:
                yield None, reading.problem
            elif reading.line is not None and sought.fits(reading.line):
                yield reading.line, None
