"""The time of a ledger: its own clock, in UTC, to the microsecond. No decision reads it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from time import gmtime, strftime

Clock = Callable[[], int]  # nanoseconds since 1970, as `time.time_ns` gives them


def utc(nanoseconds: int) -> str:
    """`2026-11-27T23:10:00.123456Z`."""
    seconds, rest = divmod(nanoseconds, 1_000_000_000)
    return f"{_second(seconds)}.{rest // 1000:06}Z"


def from_utc(text: str) -> int:
    """The nanoseconds; 0 where the text is no such time."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return 0
    return int(found.replace(tzinfo=found.tzinfo or UTC).timestamp() * 1e6) * 1000


@lru_cache(maxsize=4)
def _second(seconds: int) -> str:
    return strftime("%Y-%m-%dT%H:%M:%S", gmtime(seconds))
