"""The values that a setting may still take, and which of them is in force (semantics 5).

A domain starts as every value of a type and only shrinks. Constraints narrow it; their order does
not matter. Nothing here knows norms or ranks: who narrows first, and what gives way where no value
is left, is the caller's business. So are unknown values: they fit no type here.

Numbers, times (seconds since 1970) and durations (seconds) lie on the real line: `> 0` and `< 1`
leave values, `> 0` and `< 0` none. Infinities are no values. A set is written as a list.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Any, Final

from remit.program.domain_values import (
    ORDERED,
    SCALARS,
    Bound,
    Items,
    all_items,
    closest,
    highest,
    items_of,
    lowest,
    scalars,
    shared,
    union,
    written,
)
from remit.program.domain_words import alternatives, between, listed
from remit.program.values import EVERY, UNKNOWN

if TYPE_CHECKING:
    from remit.checked.types import Type

__all__ = ["ABSENT", "EVERY", "OPERATORS", "Choice", "Domain", "Line", "Sets", "whole"]

OPERATORS = ("=", "in", "<=", ">=", "<", ">")
ABSENT: Final = None  # no value; no setting can have it


@dataclass(frozen=True, slots=True)
class Domain(ABC):
    """The values of the type `kind` that are left: at least one. `whole` makes the first one."""

    kind: Type

    def narrow(self, op: str, value: object) -> Domain | None:
        """What a constraint leaves; None where that is nothing.

        `op` is one of `= in <= >= < >`. Of texts, flags and `one of` only `=` and `in` (a list of
        values); of sets `=` (exactly these items), `in` and `<=` (at most these), `>=` (at least
        these). ValueError where the operator or the value does not fit the type; a text that is no
        choice of a `one of` fits, and is not among the values.
        """
        if op not in OPERATORS:
            raise ValueError(f"`{op}` is no operator of a constraint")
        wanted = self._wanted(op, value)
        return None if wanted is None else self._meet(wanted)

    def meet(self, other: Domain) -> Domain | None:
        """The values in both; None where there are none. ValueError where the types differ."""
        if other.kind != self.kind:
            raise ValueError(f"a domain of `{self.kind}` does not meet one of `{other.kind}`")
        return self._meet(other)

    @property
    def values(self) -> tuple[Any, ...] | None:
        """The values left, sorted, where each of them is known; of sets only where one is left."""
        return self._values()

    @property
    def only(self) -> Any:
        """The single value left; ABSENT where there are more."""
        values = self._values()
        return values[0] if values is not None and len(values) == 1 else ABSENT

    def holds(self, value: object) -> bool:
        """Whether the value is one of those left; never true of what is not of the type."""
        try:
            wanted = self._wanted("=", value)
        except ValueError:
            return False
        return wanted is not None and self._meet(wanted) is not None

    def in_force(self, default: object = ABSENT) -> Any:
        """The value in force; UNKNOWN where nothing singles one out.

        The only one left; else the default where it is left; else the one nearest the default: of
        sets the default without what is ruled out and with what is required. Without a default the
        largest set left; of numbers, times and durations the only bound, if it is attained.
        """
        only = self.only
        if only is not ABSENT:
            return only
        if default is ABSENT:
            return self._favoured()
        try:
            return self._nearest(default)
        except ValueError:  # an unknown or malformed default
            return UNKNOWN

    def words(self) -> str:
        """What is left, for people: `"en" or "fr"`, `more than 0 and at most 100`."""
        return self._words()

    @abstractmethod
    def _wanted(self, op: str, value: object) -> Domain | None:
        """The values of the type for which the constraint is true."""

    @abstractmethod
    def _meet(self, other: Any) -> Domain | None: ...

    @abstractmethod
    def _values(self) -> tuple[Any, ...] | None: ...

    @abstractmethod
    def _favoured(self) -> Any: ...

    @abstractmethod
    def _nearest(self, default: object) -> Any: ...

    @abstractmethod
    def _words(self) -> str: ...

    def _unfit(self, op: str) -> ValueError:
        return ValueError(f"`{op}` does not fit a setting of type `{self.kind}`")


@dataclass(frozen=True, slots=True)
class Choice(Domain):
    """Texts or flags: those in `left`, or all where it is None."""

    left: frozenset[Any] | None

    def _wanted(self, op: str, value: object) -> Choice | None:
        if op not in ("=", "in"):
            raise self._unfit(op)
        left = scalars(op, value, self.kind)
        return Choice(self.kind, left) if left else None

    def _meet(self, other: Choice) -> Choice | None:
        if self.left is None or other.left is None:
            return other if self.left is None else self
        both = self.left & other.left
        return Choice(self.kind, both) if both else None

    def _values(self) -> tuple[Any, ...] | None:
        return None if self.left is None else tuple(sorted(self.left))

    def _favoured(self) -> Any:
        return UNKNOWN

    def _nearest(self, default: object) -> Any:
        return default if self.holds(default) else UNKNOWN

    def _words(self) -> str:
        if self.left is None:
            return f"any {self.kind}"
        return alternatives(sorted(self.left), self.kind.kind)


@dataclass(frozen=True, slots=True)
class Line(Domain):
    """Numbers, times or durations: those in `left`, or where it is None all between the bounds."""

    left: frozenset[float] | None = None
    low: Bound | None = None
    high: Bound | None = None

    def _wanted(self, op: str, value: object) -> Line | None:
        left = scalars(op, value, self.kind)
        if op in ("=", "in"):
            return Line(self.kind, left) if left else None
        bound = Bound(next(iter(left)), op.endswith("="))
        return Line(self.kind, low=bound) if op[0] == ">" else Line(self.kind, high=bound)

    def _meet(self, other: Line) -> Line | None:
        few, rest = sorted((self, other), key=Line._size)
        if few.left is None:
            return _between(self.kind, lowest(self.low, other.low), highest(self.high, other.high))
        left = frozenset(filter(rest._has, few.left))
        return Line(self.kind, left) if left else None

    def _size(self) -> float:
        return inf if self.left is None else len(self.left)

    def _has(self, value: float) -> bool:
        if self.left is not None:
            return value in self.left
        low, high = self.low, self.high
        above = low is None or value > low.value or (low.attained and value == low.value)
        return above and (
            high is None or value < high.value or (high.attained and value == high.value)
        )

    def _values(self) -> tuple[Any, ...] | None:
        return None if self.left is None else tuple(sorted(self.left))

    def _favoured(self) -> Any:
        bounds = [one for one in (self.low, self.high) if one is not None]
        return bounds[0].value if len(bounds) == 1 and bounds[0].attained else UNKNOWN

    def _nearest(self, default: object) -> Any:
        (value,) = scalars("=", default, self.kind)
        if self._has(value):
            return value
        if self.left is not None:
            return closest(sorted(self.left), value)
        below = self.low is not None and value <= self.low.value
        bound = self.low if below else self.high
        return bound.value if bound is not None and bound.attained else UNKNOWN

    def _words(self) -> str:
        if self.left is not None:
            return alternatives(sorted(self.left), self.kind.kind)
        low = None if self.low is None else (self.low.value, self.low.attained)
        high = None if self.high is None else (self.high.value, self.high.attained)
        return between(low, high, self.kind.kind)


@dataclass(frozen=True, slots=True)
class Sets(Domain):
    """The sets that hold all of `least` and nothing outside `most`."""

    least: Items
    most: Items

    def _wanted(self, op: str, value: object) -> Sets | None:
        if op in ("<", ">"):
            raise self._unfit(op)
        items = items_of(value, self.kind)
        least = items if op in ("=", ">=") else frozenset()
        most = all_items(self.kind) if op == ">=" else items
        return Sets(self.kind, least, most)

    def _meet(self, other: Sets) -> Sets | None:
        least, most = union(self.least, other.least), shared(self.most, other.most)
        return Sets(self.kind, least, most) if union(least, most) == most else None

    def _values(self) -> tuple[Any, ...] | None:
        return (written(self.most),) if self.least == self.most else None

    def _favoured(self) -> Any:
        return written(self.most)

    def _nearest(self, default: object) -> Any:
        return written(union(self.least, shared(self.most, items_of(default, self.kind))))

    def _words(self) -> str:
        least, most = _named(self.least, self.kind), _named(self.most, self.kind)
        if self.least == self.most:
            return least if least in ("no items", "every item") else f"exactly {least}"
        parts = [f"at least {least}"] if self.least else []
        parts += [] if self.most is EVERY else [f"at most {most}"]
        return " and ".join(parts) or "any items"


def whole(kind: Type) -> Domain:
    """Every value of the type. ValueError where a setting cannot have it, or it has no values."""
    if kind.kind in ORDERED:
        return Line(kind)
    if kind.kind == "text":
        return Choice(kind, None)
    if kind.kind == "flag":
        return Choice(kind, frozenset((False, True)))
    if kind.kind == "one_of" and kind.choices:
        return Choice(kind, frozenset(kind.choices))
    if kind.kind == "set" and kind.item is not None and kind.item.kind in SCALARS:
        return Sets(kind, frozenset(), all_items(kind))
    raise ValueError(f"a setting cannot be of type `{kind}`")


def _between(kind: Type, low: Bound | None, high: Bound | None) -> Line | None:
    if low is None or high is None or low.value < high.value:
        return Line(kind, low=low, high=high)
    one_left = low.value == high.value and low.attained and high.attained
    return Line(kind, frozenset((low.value,))) if one_left else None


def _named(items: Items, kind: Type) -> str:
    if items is EVERY:
        return "every item"
    return listed(sorted(items), (kind.item or kind).kind) if items else "no items"
