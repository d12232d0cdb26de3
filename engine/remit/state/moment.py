"""When a step was, and whether that is inside a window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from remit.program.values import UNKNOWN, Truth, is_number

if TYPE_CHECKING:
    from remit.checked.model import History


class Moment(NamedTuple):
    """When a step was: its number among those that took effect, its turn, its time if known.

    `clock` is the latest time that was known before, where the step itself has no time: it was not
    earlier than that. It is told of the step that is judged, and not kept.
    """

    step: int
    turn: int
    time: float | None
    clock: float | None = None


class Entry(NamedTuple):
    """A step that surely counts: when, and what it gives."""

    at: Moment
    value: Any


def moment_of(data: Any, now: Moment) -> Moment:
    """The moment that saved data names, none after `now`. Raises `ValueError`, `TypeError`."""
    step, turn, time = data
    if time is not None and not is_number(time):
        raise ValueError("a time that is no number")
    if count_of(step) > now.step or count_of(turn) > now.turn:
        raise ValueError("it remembers what is still to come")
    return Moment(step, turn, time)


def moment_to_data(at: Moment | None) -> list[Any] | None:
    """A moment for saving."""
    return None if at is None else [at.step, at.turn, at.time]


def maybe_moment_of(data: Any, now: Moment) -> Moment | None:
    """As `moment_of`, where there may be none."""
    return None if data is None else moment_of(data, now)


def count_of(value: Any) -> int:
    """The value, which must be a whole number from 0. Raises `ValueError`."""
    if type(value) is not int or value < 0:
        raise ValueError("a count that is none")
    return value


def flag_of(value: Any) -> bool:
    """The value, which must be true or false. Raises `ValueError`."""
    if type(value) is not bool:
        raise ValueError("a flag that is neither true nor false")
    return value


def inside(history: History, at: Moment, now: Moment) -> Truth:
    """Whether a moment is inside the window of a history, seen from another one."""
    bound = history.within
    if bound is None:
        return True
    if history.unit == "steps":
        return now.step - at.step <= bound
    if history.unit == "turns":
        return now.turn - at.turn < bound
    late = passed(at, now, bound)
    return UNKNOWN if late is UNKNOWN else not late


def passed(at: Moment, now: Moment, bound: float) -> Truth:
    """Whether more than `bound` seconds lie between two moments."""
    if at.time is None:
        return UNKNOWN
    if now.time is None:
        return True if now.clock is not None and now.clock - at.time > bound else UNKNOWN
    return now.time - at.time > bound


def later(history: History, one: Moment | None, other: Moment | None) -> Moment | None:
    """The later of two; in a window of time one without a time makes both so: it never leaves."""
    if one is None or other is None:
        return one or other
    newest = max(one, other, key=lambda at: at.step)
    if history.unit == "s" and (one.time is None or other.time is None):
        return newest._replace(time=None)
    return newest
