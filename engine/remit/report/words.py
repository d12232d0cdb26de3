"""Numbers, times and norms as a report writes them."""

from __future__ import annotations

from datetime import UTC, datetime


def times(count: int, noun: str) -> str:
    """`1 decision`, `2,000 decisions`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def moment(time: float) -> str:
    """A time in seconds since 1970 as a date and time in UTC."""
    try:
        return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (OverflowError, OSError, ValueError):  # no such year
        return f"{time:.0f} s"


def span_of(seconds: float) -> str:
    """A length of time with the unit that suits it: `3.5 µs`, `12 ms`."""
    for unit, factor in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= factor:
            return "longer" if seconds == float("inf") else f"{seconds / factor:.3g} {unit}"
    return "0"


def short(norm: str) -> str:
    """The name of a norm without the spec that it is in."""
    return norm.rpartition("::")[2] or norm
