"""What a question about the past comes to, and what is overdue: semantics 3 and 7, said once.

All steps that took effect are kept here and looked at again each time. Which of them is what is
asked for, and the values in it, is given; caps are left out. A time is in seconds, None where the
step has none; an absent value is None.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from fractions import Fraction
from typing import Any


class Unknown(Enum):
    """The third truth value, and a value that cannot be told."""

    UNKNOWN = "unknown"


UNKNOWN = Unknown.UNKNOWN
Truth = bool | Unknown
Keys = tuple[Any, ...]


@dataclass(frozen=True)
class Step:
    """A step: whether it `counts`, by which `keys` it is found, the `value` that is folded.

    `since`: whether it is what all begins anew with, for the keys `since_keys`. `number`: how many
    steps took effect before it. `clock` is the latest time before it.
    """

    counts: Truth
    keys: Keys = ()
    value: Any = None
    since: Truth = False
    since_keys: Keys = ()
    number: int = 0
    turn: int = 0
    time: float | None = None
    clock: float | None = None


@dataclass(frozen=True)
class Question:
    """`count of X since Y within BOUND`: the fold, and the window in seconds, steps or turns."""

    fold: str
    within: float | None = None
    unit: str = "s"


def both(*truths: Truth) -> Truth:
    """Kleene's and."""
    return False if False in truths else UNKNOWN if UNKNOWN in truths else True


def some(truths: Sequence[Truth]) -> Truth:
    """Kleene's or."""
    return True if True in truths else UNKNOWN if UNKNOWN in truths else False


def opposite(truth: Truth) -> Truth:
    """Kleene's not."""
    return UNKNOWN if truth is UNKNOWN else not truth


def alike(one: Keys, other: Keys) -> Truth:
    """ "An absent value is like no other"; what is unknown, or of another type, may be."""
    if None in one or None in other:
        return False
    if UNKNOWN in one or UNKNOWN in other or [*map(kind, one)] != [*map(kind, other)]:
        return UNKNOWN
    return one == other


def kind(value: Any) -> type:
    """The type of a text, a flag or a number."""
    return type(value) if isinstance(value, bool | str) else float


def in_order(steps: Sequence[Step]) -> Iterator[Step]:
    """The steps with their numbers and clocks: "time does not go back"."""
    clock: float | None = None
    for number, step in enumerate(steps):
        time = step.time if step.time is None or clock is None else max(step.time, clock)
        yield replace(step, number=number, time=time, clock=clock)
        clock = clock if time is None else time


def passed(bound: float, at: Step, now: Step) -> Truth:
    """Whether more than `bound` seconds lie between two steps."""
    if at.time is None:
        return UNKNOWN
    if now.time is None:
        return True if now.clock is not None and now.clock - at.time > bound else UNKNOWN
    return now.time - at.time > bound


def inside(question: Question, at: Step, now: Step) -> Truth:
    """Whether a step is in the window; its ends belong to it, and one turn is the turn of now."""
    if question.within is None:
        return True
    if question.unit == "steps":
        return now.number - at.number <= question.within
    if question.unit == "turns":
        return now.turn - at.turn < question.within
    return opposite(passed(question.within, at, now))


def counting(question: Question, past: Sequence[Step], now: Step) -> Iterator[tuple[Truth, Any]]:
    """The steps that count, or may: "only those after the last `since`", itself included."""
    for at, step in enumerate(past):
        ended = some([both(one.since, alike(one.since_keys, now.keys)) for one in past[at + 1 :]])
        like = alike(step.keys, now.keys)
        truth = both(step.counts, like, inside(question, step, now), opposite(ended))
        if truth is not False:
            yield truth, step.value


def answer(question: Question, steps: Sequence[Step], *, cut: bool = False) -> Any:
    """What the question comes to at the last of the steps. `cut`: what was before is not known."""
    *past, now = in_order(steps)
    if UNKNOWN in now.keys and None not in now.keys and question.fold != "previous":
        return UNKNOWN
    if cut:
        first = past[0] if past else now
        unseen = (UNKNOWN,) * len(now.keys)
        past = [Step(UNKNOWN, unseen, UNKNOWN, number=-1, time=first.time), *past]
    if question.fold == "previous":
        return both(past[-1].counts, alike(past[-1].keys, now.keys)) if past else False
    return folded(question.fold, list(counting(question, past, now)))


def folded(fold: str, found: Sequence[tuple[Truth, Any]]) -> Any:
    """What a fold comes to. Absent values are not added up, told apart or remembered."""
    if fold == "earlier":
        return some([truth for truth, _ in found])
    if fold == "last" and found:
        return found[-1][1] if found[-1][0] is True else UNKNOWN
    sure, values = all(truth is True for truth, _ in found), [value for _, value in found]
    if fold == "count":
        return len(found) if sure else UNKNOWN
    if fold == "first":
        return (values[0] if values else None) if sure and UNKNOWN not in values else UNKNOWN
    return of_values(fold, [(truth, value) for truth, value in found if value is not None])


def of_values(fold: str, found: Sequence[tuple[Truth, Any]]) -> Any:
    """Folds in which only values that are present count."""
    values = [value for truth, value in found if truth is True and value is not UNKNOWN]
    if fold == "remember":  # what is sure, and whether that is all
        return {(kind(value), value) for value in values}, len(values) == len(found)
    if fold != "distinct":
        values = [value for value in values if kind(value) is float]
    if len(values) < len(found):
        return UNKNOWN
    if fold == "distinct":
        return len({(kind(value), value) for value in values})
    if fold == "sum":  # exact; what is not whole is rounded once
        total = sum(map(Fraction, values), Fraction())
        return int(total) if total.denominator == 1 else float(total)
    return {"smallest": min, "largest": max}[fold](values, default=None) if values else None


# ---- what is owed


@dataclass(frozen=True)
class Promise:
    """`require X within BOUND after Y`; the unit is `s`, `steps`, `turns` or an `end of ...`."""

    unit: str
    bound: float = 0


@dataclass(frozen=True)
class Deed:
    """A step: whether it does what is owed (`done`), and whether something is owed after it.

    `speaks`: it is a message or a handoff of the agent, which ends a turn.
    """

    done: Truth
    begun: Truth
    turn: int = 0
    time: float | None = None
    speaks: bool = False


def overdue(promise: Promise, deeds: Sequence[Deed], *, cut: bool = False) -> Truth:
    """Whether at the last deed, one of the agent, something is overdue that it does not do."""
    steps = list(in_order([Step(deed.begun, turn=deed.turn, time=deed.time) for deed in deeds]))
    now, owed = steps[-1], list[tuple[Truth, Truth]]()
    if cut:  # something may be owed, nobody knows since when
        owed.append((UNKNOWN, UNKNOWN))
    for deed, step in zip(deeds[:-1], steps[:-1], strict=True):
        if deed.done is not False:  # "one X settles all that is owed"
            owed = [(both(sure, opposite(deed.done)), late) for sure, late in owed]
        owed.append((deed.begun, is_late(promise, step, now, ends=deeds[-1].speaks)))
    if promise.unit == "end of conversation":
        return False
    return both(some([both(*one) for one in owed]), opposite(deeds[-1].done))


def is_late(promise: Promise, at: Step, now: Step, *, ends: bool) -> Truth:
    """Whether the bound of what is owed since a step has passed."""
    if promise.unit == "end of turn":
        return now.turn > at.turn or ends
    if promise.unit == "turns":
        return now.turn - at.turn >= promise.bound
    if promise.unit == "steps":
        return now.number - at.number > promise.bound
    return passed(promise.bound, at, now)
