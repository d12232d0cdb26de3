"""Values of settings as domains keep them: numbers in one form, sets as frozen sets."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any, TypeGuard

from remit.program.domain_words import shown
from remit.program.values import EVERY, UNKNOWN, Every, is_number

if TYPE_CHECKING:
    from remit.checked.types import Type

ORDERED = ("number", "time", "duration")
SCALARS = ("text", "flag", "one_of", *ORDERED)

Items = frozenset[Any] | Every


@dataclass(frozen=True, slots=True)
class Bound:
    """Where values end. `attained`: the bound itself is one of them."""

    value: float
    attained: bool


def scalars(op: str, value: object, kind: Type) -> frozenset[Any]:
    """The values that a constraint names: one, or of `in` a list. ValueError if one is no value."""
    if op != "in":
        return _read([value], kind)
    if not _is_list(value):
        raise ValueError(f"`in` takes a list of values of type `{kind}`, not {shown(value)}")
    return _read(value, kind)


def items_of(value: object, kind: Type) -> Items:
    """The items of a set that a constraint or a default names. ValueError if it is no set."""
    if value is EVERY:
        return all_items(kind)
    if not _is_list(value):
        raise ValueError(f"{shown(value)} is not a value of type `{kind}`")
    return _read(value, kind.item or kind)


def all_items(kind: Type) -> Items:
    """All items that a set of the type may hold."""
    if kind.item is not None and kind.item.kind == "flag":
        return frozenset((False, True))
    choices = kind.item.choices if kind.item is not None else ()
    return frozenset(choices) if choices else EVERY


def _is_list(value: object) -> TypeGuard[Collection[object]]:
    return type(value) in (list, tuple, set, frozenset)


def _read(values: Iterable[object], kind: Type) -> frozenset[Any]:
    fits, found = _fits(kind), set[Any]()
    for value in values:
        if not fits(value):  # before it is hashed, for it may be a list
            raise ValueError(f"{shown(value)} is not a value of type `{kind}`")
        found.add(_one_form(value))
    return frozenset(found)


def _one_form(value: object) -> object:
    """1.0 is 1, so that it does not matter which of the two came first."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _fits(kind: Type) -> Callable[[object], bool]:
    """Whether something may be a value of a type that is no set. Types are compared exactly.

    Any text may be one of a `one of`: where it is none, the domain has no such value.
    """
    if kind.kind in ORDERED:
        return lambda value: is_number(value) and (type(value) is int or isfinite(value))
    wanted = bool if kind.kind == "flag" else str
    return lambda value: type(value) is wanted


def lowest(one: Bound | None, other: Bound | None) -> Bound | None:
    """Of two bounds from below the one that leaves less."""
    both = [bound for bound in (one, other) if bound is not None]
    return max(both, key=lambda bound: (bound.value, not bound.attained), default=None)


def highest(one: Bound | None, other: Bound | None) -> Bound | None:
    """Of two bounds from above the one that leaves less."""
    both = [bound for bound in (one, other) if bound is not None]
    return min(both, key=lambda bound: (bound.value, bound.attained), default=None)


def closest(values: list[float], wanted: float) -> Any:
    """Of sorted values the one closest to another, exactly; UNKNOWN where two are."""
    from fractions import Fraction  # slow to load, and seldom needed

    at = bisect(values, wanted)
    gaps = [(abs(Fraction(one) - Fraction(wanted)), one) for one in values[max(at - 1, 0) : at + 1]]
    least = min(gaps)
    return UNKNOWN if [gap for gap, _ in gaps].count(least[0]) > 1 else least[1]


def union(one: Items, other: Items) -> Items:
    """The items of either."""
    return EVERY if one is EVERY or other is EVERY else one | other


def shared(one: Items, other: Items) -> Items:
    """The items of both."""
    if one is EVERY or other is EVERY:
        return other if one is EVERY else one
    return one & other


def written(items: Items) -> Any:
    """The set as the language has it: a sorted list, or `EVERY`."""
    return EVERY if items is EVERY else sorted(items)
