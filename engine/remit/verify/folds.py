"""Which past steps count for a question, and what they come to (semantics 7)."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any, NamedTuple

from remit.checked.model import History
from remit.program.values import UNKNOWN, Partly, Truth, every, is_number, keyed
from remit.program.view import size_of
from remit.verify.watched import Key, Match, alike

AMOUNTS = ("sum", "smallest", "largest")
NEEDS_VALUE = (*AMOUNTS, "distinct", "remember")  # what is absent does not count there
LARGEST = 1e300  # of a number that is computed with
MOST_KEPT = 500  # units of work of one value that is kept


class Moment(NamedTuple):
    """When a step is: its number among those that took effect, its turn, its time if it has one.

    `clock` is the latest time before it, told of a step without a time.
    """

    step: int
    turn: int
    time: float | None
    clock: float | None = None


class Event(NamedTuple):
    """A past step as one history sees it: whether it counts, ends what was, and what it gives."""

    at: Moment
    what: Match
    since: Match
    value: Any


class Counted(NamedTuple):
    """A past step that counts for the key that is asked for, surely or perhaps."""

    at: Moment
    value: Any
    sure: bool


def answer(
    history: History, events: list[Event], key: Key, before: list[Counted], now: Moment
) -> Any:
    """What a question comes to for a key, after the events and what may have been `before`."""
    counted = _counting(history, events, key, before)
    return _folded(history, list(_inside(history, counted, now)))


def opposite(truth: Truth) -> Truth:
    """Kleene's not."""
    return UNKNOWN if truth is UNKNOWN else not truth


def _counting(
    history: History, events: list[Event], key: Key, before: list[Counted]
) -> list[Counted]:
    """The steps with that key since the last `since`, the window apart."""
    counted = before
    for one in events:
        for_all = history.since is None or not history.since.keys
        ended = one.since[0] if for_all else every((one.since[0], alike(one.since[1], key)))
        if ended is True:
            counted = []
        elif ended is UNKNOWN:
            counted = [each._replace(sure=False) for each in counted]
        truth = every((one.what[0], alike(one.what[1], key)))
        if truth is False or (one.value is None and history.fold in NEEDS_VALUE):
            continue
        known = _is_usable(history.fold, one.value)
        counted.append(Counted(one.at, one.value, truth is True and known))
    return counted


def _is_usable(fold: str, value: Any) -> bool:
    if fold in ("earlier", "count"):
        return True
    if fold in AMOUNTS:
        return is_number(value) and abs(value) < LARGEST
    if value is UNKNOWN or size_of(value) > MOST_KEPT:
        return False
    return fold != "distinct" or keyed(value) is not UNKNOWN


def _inside(history: History, counted: list[Counted], now: Moment) -> Iterator[Counted]:
    for one in counted:
        within = _is_inside(history, one.at, now)
        if within is not False:
            yield one._replace(sure=one.sure and within is True)


def _is_inside(history: History, at: Moment, now: Moment) -> Truth:
    bound = history.within
    if bound is None:
        return True
    if history.unit == "steps":
        return now.step - at.step <= bound
    if history.unit == "turns":
        return now.turn - at.turn < bound
    return opposite(is_over(at, now, bound))


def is_over(at: Moment, now: Moment, bound: float) -> Truth:
    """Whether more than that many seconds went by."""
    if at.time is None:
        return UNKNOWN
    if now.time is not None:
        return now.time - at.time > bound
    return True if now.clock is not None and now.clock - at.time > bound else UNKNOWN


def _folded(history: History, counted: list[Counted]) -> Any:
    fold = history.fold
    values = [one.value for one in counted if one.sure]
    unsure = [one.at.step for one in counted if not one.sure]
    if fold == "remember":
        return _remembered(values, history.most, more=bool(unsure))
    if fold == "earlier":
        return True if values else bool(unsure) and UNKNOWN
    if fold == "last" and values and unsure:
        newest = max(one.at.step for one in counted if one.sure)
        return values[-1] if max(unsure) < newest else UNKNOWN
    if unsure:
        return UNKNOWN
    if fold in ("count", "distinct"):
        return len(values) if fold == "count" else len({keyed(one) for one in values})
    if fold == "sum":
        return _sum(values)
    if not values:
        return None
    if fold in ("first", "last"):
        return values[0 if fold == "first" else -1]
    return min(values) if fold == "smallest" else max(values)


def _sum(values: list[Any]) -> Any:
    total = sum(map(Fraction, values), Fraction())
    if abs(total) >= LARGEST:
        return UNKNOWN
    return int(total) if total.denominator == 1 else float(total)


def _remembered(values: list[Any], most: int, *, more: bool) -> list[Any]:
    """The first different items, and whether there may be more."""
    items = [item for value in values for item in (value if isinstance(value, list) else [value])]
    more = more or any(keyed(one) is UNKNOWN for one in items)
    kept = {keyed(one): one for one in reversed(items)
            if one is not None and keyed(one) is not UNKNOWN}  # fmt: skip
    first = [kept[name] for name in dict.fromkeys(map(keyed, items)) if name in kept]
    return Partly(first[:most]) if more or len(first) > most else first
