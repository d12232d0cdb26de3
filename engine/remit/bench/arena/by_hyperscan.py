"""Hyperscan: all patterns at once."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from .texts import Scan, Texts


def texts(work: Texts) -> Scan:
    """A block-mode database; each pattern is reported once."""
    hyperscan: Any = import_module("hyperscan")
    database, count = hyperscan.Database(), len(work.patterns)
    database.compile(
        expressions=[one.encode() for one in work.patterns], ids=list(range(count)),
        elements=count, flags=[hyperscan.HS_FLAG_SINGLEMATCH] * count,
    )  # fmt: skip
    found: list[int] = []

    def note(number: int, start: int, end: int, flags: int, context: Any) -> None:
        found.append(number)

    def scan(text: str) -> bool:
        found.clear()
        database.scan(text.encode(), match_event_handler=note)
        return bool(found)

    return scan
