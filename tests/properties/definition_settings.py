"""Which constraints on a setting are in force, and which value they leave: semantics 5, said once.

A constraint is the set of values that it leaves open, so the type must be small enough to list.
What such a list does not show is left out: the one bound of a number without a default, and a
bound that is not attained.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any


@dataclass(frozen=True)
class Constraint:
    """A `set` norm; strength, goal and `said` are as in `definition.py`.

    `open` is None where the value is unknown. The default of a setting is one more, of that single
    value, weaker than the last level.
    """

    id: str
    strength: int
    open: frozenset[Any] | None
    said: tuple[int, int] | None = None
    goal: int | None = None


@dataclass(frozen=True)
class Outcome:
    """Who is in force, from the strongest down; who lost, to whom and for which reason; and the
    values left, None where the setting is unknown. Weaker ones than what made it so are not asked.
    """

    in_force: tuple[Constraint, ...]
    lost: dict[str, tuple[frozenset[str], str]]
    left: frozenset[Any] | None


def turn(one: Constraint) -> tuple[int, ...]:
    """ "From the strongest down; of equal strength spoken before standing, the later first"."""
    step, place = one.said or (-1, -1)
    return one.strength, -step, -place


def groups(constraints: Sequence[Constraint]) -> Iterator[list[Constraint]]:
    """Those that nothing tells apart, together; goals tell apart where each of them serves one."""
    for _, tied in groupby(sorted(constraints, key=turn), turn):
        same = list(tied)
        goals = [one.goal for one in same if one.goal is not None]
        if len(goals) < len(same):
            yield same
        else:
            yield from ([one for one in same if one.goal == goal] for goal in sorted(set(goals)))


def reason(winner: Constraint, loser: Constraint) -> str:
    """The first of the six reasons of semantics 4 that tells them apart."""
    if winner.strength != loser.strength:
        return "authority"
    if (winner.said is None) != (loser.said is None):
        return "spoken"
    return "later" if winner.said != loser.said else "goal"


def settle(values: frozenset[Any], constraints: Sequence[Constraint]) -> Outcome:
    """ "A constraint is in force unless it leaves no value together with those in force"; the type
    of the setting, here its `values`, is the strongest of all."""
    in_force, left = [Constraint("type", -1, values)], values
    lost: dict[str, tuple[frozenset[str], str]] = {}
    for group in groups(constraints):
        known = [one for one in group if one.open is not None]
        fits = [one for one in known if one.open and left & one.open]
        lost |= {one.id: lost_to(one, in_force) for one in known if one not in fits}
        if len(known) < len(group) and len(left) > 1:  # one of them is unknown, and it matters
            return Outcome(tuple(in_force), lost, None)
        after = left.intersection(*(one.open or () for one in fits))
        if not after:  # "none of it is in force, and the setting is unknown from there"
            names = frozenset(one.id for one in fits)
            lost |= {name: (names - {name}, "caution") for name in names}
            return Outcome(tuple(in_force), lost, None)
        in_force, left = in_force + fits, after
    return Outcome(tuple(in_force), lost, left)


def lost_to(loser: Constraint, in_force: Sequence[Constraint]) -> tuple[frozenset[str], str]:
    """The one that took the loser's last value, going down from the strongest, and why it may."""
    left, taken = loser.open or frozenset(), in_force[0]
    for taken in in_force:
        left &= taken.open or frozenset()
        if not left:
            break
    return frozenset({taken.id}), reason(taken, loser)


def value(left: frozenset[Any] | None, default: Any = None) -> Any:
    """The value in force; None where it is unknown.

    "The only one left; else the one nearest the default", if there is one such; "without a default
    it is the largest set left".
    """
    if left is None or len(left) == 1:
        return None if left is None else next(iter(left))
    if default is None:
        wholes = [one for one in left if isinstance(one, frozenset)]
        return next((one for one in wholes if all(one >= other for other in left)), None)
    first, second = sorted(left, key=lambda one: distance(one, default))[:2]
    tied = distance(first, default) == distance(second, default)
    return None if tied else first


def distance(one: Any, other: Any) -> float:
    """How far numbers, times and durations are apart; of sets, in how many items they differ."""
    if isinstance(one, frozenset):
        return len(one ^ other)
    far = 0.0 if one == other else 1.0  # of texts, flags and choices
    return abs(one - other) if isinstance(one, int | float) else far
