"""What a fold does with the values of steps: which count, which are unknown, which are added up."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from remit.program.values import UNKNOWN, is_number, keyed
from remit.program.view import size_of

MOST_KEPT = 500  # units of work (some 64 characters) of one value that is kept
DEEPEST = 100  # lists and records within each other
LARGEST = 1e300  # of a number that is computed with
AMOUNTS = ("sum", "smallest", "largest")
PRESENT = (*AMOUNTS, "distinct", "remember")  # folds in which an absent value does not count
Exact = int | Fraction


def is_amount(value: Any) -> bool:
    """Whether a value can be added up: a number of the language, and no larger than it computes."""
    return is_number(value) and abs(value) < LARGEST


def taken(fold: str, value: Any) -> Any:
    """The value as a fold takes it; unknown where it cannot."""
    if fold in ("earlier", "count"):
        return None
    if fold in AMOUNTS:
        return value if is_amount(value) else UNKNOWN
    if fold == "distinct":
        one = keyed(value)
        return UNKNOWN if one is UNKNOWN or size_of(value) > MOST_KEPT else value
    return kept(value)


def kept(value: Any) -> Any:
    """A copy that nobody else changes; unknown where it is too large, or no plain data."""
    if value is UNKNOWN or size_of(value) > MOST_KEPT:
        return UNKNOWN
    return _copied(value, 0)


def _copied(value: Any, depth: int) -> Any:
    if type(value) in (list, dict):
        if depth > DEEPEST:
            return UNKNOWN
        items = value.items() if type(value) is dict else enumerate(value)
        copies = {name: _copied(one, depth + 1) for name, one in items}
        return copies if type(value) is dict else list(copies.values())
    return value if value is None or type(value) in (str, int, float, bool) else UNKNOWN


def exact(value: float) -> Exact:
    """A number with nothing rounded, so that what leaves a sum leaves no trace in it."""
    return value if type(value) is int else Fraction(value)


def rounded(total: Exact) -> Any:
    """An exact sum as a number of the language: a whole one as it is, else the nearest."""
    if not -LARGEST < total < LARGEST:
        return UNKNOWN
    return int(total) if total.denominator == 1 else float(total)


def total_of(data: Any) -> Exact:
    """An exact sum from saved data. Raises `ValueError` or `TypeError` where it is none."""
    upper, lower = data
    if not type(upper) is type(lower) is int or lower < 1:
        raise ValueError("an amount that is no number")
    made = Fraction(upper, lower)
    return upper if lower == 1 else made
