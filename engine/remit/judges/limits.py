"""What a judge says about itself: how long, how dear, how many at once. Calls no judge.

A judge is not trusted here either: whatever an attribute holds or raises gives a usable number.
"""

from __future__ import annotations

from math import isfinite
from typing import Any

TIMEOUT = 30.0  # seconds for one call
MOST_TIMEOUT = 3_600.0
COST = 1_000
CONCURRENCY = 4
MOST_CONCURRENCY = 256


def timeout_of(judge: object) -> float:
    """Seconds that one call may take."""
    value = attribute(judge, "timeout")
    if type(value) not in (int, float) or not isfinite(value) or value <= 0:
        return TIMEOUT
    return min(float(value), MOST_TIMEOUT)


def cost_of(judge: object) -> int:
    """How dear a call is, relative to other judges: the cheapest is asked first."""
    value = attribute(judge, "cost")
    return int(value) if type(value) is int and value >= 0 else COST


def concurrency_of(judge: object) -> int:
    """How many calls may run at one time."""
    value = attribute(judge, "concurrency")
    return min(value, MOST_CONCURRENCY) if type(value) is int and value > 0 else CONCURRENCY


def is_immediate(judge: object) -> bool:
    """Whether it answers from memory, so that it needs neither thread nor timeout."""
    return attribute(judge, "immediate") is True


def attribute(judge: object, name: str) -> Any:
    """The attribute, or None where there is none or reading it raises."""
    try:
        return getattr(judge, name, None)
    except Exception:  # noqa: BLE001 - a stranger's property may raise anything
        return None
