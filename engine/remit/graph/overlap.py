"""Whether conditions exclude each other, as far as bounds and fixed values tell.

Sound, not complete: it says "they exclude each other" only where plain comparisons of one value
with constants, all of which must hold, leave nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import Any

from remit.checked.identity import canonical
from remit.checked.model import Norm, Term
from remit_grammar.value import field, record


@record
class Room:
    """What is left for one value: an interval, its ends open or closed, or fixed values."""

    low: float = -inf
    high: float = inf
    low_open: bool = False
    high_open: bool = False
    among: set[Any] | None = None
    barred: set[Any] = field(default_factory=set)

    def is_empty(self) -> bool:
        """Whether no value is left."""
        if self.low > self.high or (self.low == self.high and (self.low_open or self.high_open)):
            return True
        return self.among is not None and not any(self.admits(one) for one in self.among)

    def admits(self, value: Any) -> bool:
        """Whether a fixed value is left."""
        if value in self.barred:
            return False
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return True
        above = value > self.low or (value == self.low and not self.low_open)
        return above and (value < self.high or (value == self.high and not self.high_open))

    def keep(self, values: set[Any]) -> None:
        """Only these values are left."""
        self.among = values if self.among is None else self.among & values

    def met(self, other: Room) -> Room:
        """What both leave."""
        low, low_open = max((self.low, self.low_open), (other.low, other.low_open))
        high, closed = min(
            (self.high, not self.high_open), (other.high, not other.high_open)
        )  # fmt: skip
        among = self.among if other.among is None else other.among
        if self.among is not None and other.among is not None:
            among = self.among & other.among
        return Room(low, high, low_open, not closed, among, self.barred | other.barred)


Rooms = Mapping[str, Room]


def rooms_of(norm: Norm) -> Rooms | None:
    """What a norm leaves for each value that its conditions bound; None if it can never apply."""
    rooms: dict[str, Room] = {}
    for term, holds in _facts(norm):
        if term.op == "const" and isinstance(term.value, bool) and term.value != holds:
            return None
        _narrow(rooms, term, holds)
    return None if any(room.is_empty() for room in rooms.values()) else rooms


def exclude(one: Rooms | None, other: Rooms | None) -> bool:
    """Whether two norms, by what they leave, can never both apply to one step."""
    if one is None or other is None:
        return True
    return any(one[name].met(other[name]).is_empty() for name in one.keys() & other.keys())


def _facts(norm: Norm) -> list[tuple[Term, bool]]:
    """Terms that must be true, or false, where the norm applies."""
    parts = ((norm.act.where, True), (norm.where, True), (norm.unless, False))
    return [
        fact for term, holds in parts if term is not None for fact in _conjuncts(term, holds)
    ]  # fmt: skip


def _conjuncts(term: Term, holds: bool) -> list[tuple[Term, bool]]:
    if term.op == "not":
        return _conjuncts(term.args[0], not holds)
    if term.op == ("and" if holds else "or"):
        return [fact for arg in term.args for fact in _conjuncts(arg, holds)]
    return [(term, holds)]


def _narrow(rooms: dict[str, Room], term: Term, holds: bool) -> None:
    if term.op in ("=", "in"):
        _narrow_values(rooms, term, holds)
    elif term.op in ("<", "<="):
        left, right = term.args
        if right.op == "const" and left.op != "const":
            _bound(rooms, left, right.value, upper=holds, open_end=(term.op == "<") == holds)
        elif left.op == "const" and right.op != "const":
            _bound(rooms, right, left.value, upper=not holds, open_end=(term.op == "<") == holds)


def _narrow_values(rooms: dict[str, Room], term: Term, holds: bool) -> None:
    left, right = term.args
    if term.op == "=" and left.op == "const":
        left, right = right, left
    fixed = [right] if term.op == "=" else list(right.args) if right.op == "list" else None
    if fixed is None or left.op == "const" or any(one.op != "const" for one in fixed):
        return
    if left.type.kind in ("list", "set"):  # `in` speaks of the items then
        return
    values = {one.value for one in fixed}
    room = rooms.setdefault(canonical(left), Room())
    if holds:
        room.keep(values)
    else:
        room.barred |= values


def _bound(rooms: dict[str, Room], term: Term, value: Any, *, upper: bool, open_end: bool) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return
    room = rooms.setdefault(canonical(term), Room())
    if upper and (value < room.high or (value == room.high and open_end)):
        room.high, room.high_open = value, open_end
    elif not upper and (value > room.low or (value == room.low and open_end)):
        room.low, room.low_open = value, open_end
