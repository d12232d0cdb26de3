"""Gathers what a report shows from readings of records, with bounds on how much of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from remit.report.from_records import entry, is_record
from remit.report.model import Entry, Report
from remit.report.words import times

MOST = 20_000  # entries on a page; of more a browser would choke
MOST_PLAIN = 5_000  # of them those of steps that were plainly allowed


@dataclass(slots=True)
class Collector:
    """Takes records one after the other. `only` is the conversation to show; empty for all."""

    report: Report = field(default_factory=Report)
    only: str = ""
    plain: int = 0
    refused: int = 0
    """Records that are no decision records."""

    def take(self, record: Any, **more: Any) -> bool:
        """Take a decision record; false where it is none. `more` is what a ledger knows of it."""
        if not is_record(record):
            self.refused += 1
            return False
        if not self.only or record.get("conversation") == self.only:
            self._keep(entry(record, **more))
        return True

    def take_all(self, records: Iterable[Any]) -> None:
        """Take many."""
        for one in records:
            self.take(one)

    def end(self) -> Report:
        """What was gathered."""
        if self.refused:
            self.report.notes.append(f"{times(self.refused, 'record')} could not be read")
        return self.report

    def _keep(self, one: Entry) -> None:
        self.plain += one.is_plain
        room = len(self.report.entries) < MOST and not (one.is_plain and self.plain > MOST_PLAIN)
        if room:
            self.report.entries.append(one)
        else:
            self.report.left_out[one.verdict] += 1
