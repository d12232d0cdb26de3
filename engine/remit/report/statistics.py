"""What the norms of a report did, counted. Says nothing about norms that never applied."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from remit.report.model import Entry


@dataclass(slots=True)
class Count:
    """How often a norm applied, decided, lost, and counted only for what was unknown."""

    applied: int = 0
    decided: int = 0
    lost: int = 0
    unknown: int = 0
    held_back: int = 0
    """Steps that it kept from going on."""


def counted(entries: Iterable[Entry]) -> dict[str, Count]:
    """The counts by norm, those first that decided most."""
    counts: dict[str, Count] = {}
    for entry in entries:
        for norm in dict.fromkeys(entry.applied):
            _of(counts, norm).applied += 1
        for norm in entry.decided_by:
            one = _of(counts, norm)
            one.decided += 1
            one.held_back += not entry.goes_on
        for lost in entry.defeated:
            _of(counts, lost.norm).lost += 1
        for norm, _ in entry.unknown:
            _of(counts, norm).unknown += 1
    return dict(sorted(counts.items(), key=lambda item: (-item[1].decided, -item[1].applied)))


def _of(counts: dict[str, Count], norm: str) -> Count:
    return counts.setdefault(norm, Count())
