"""What one question about the past holds: for each value by which it is looked up, a tally.

A step whose value cannot be told may be the one looked for, and so may one whose value is of
another type. Such steps are strays: they make unknown what they may count for. Beyond a cap the key
that was quiet for longest goes, and what would have needed it is unknown from then on, never wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from remit.program.values import UNKNOWN, Truth, keyed
from remit.state.amounts import PRESENT
from remit.state.moment import (
    Moment,
    count_of,
    flag_of,
    inside,
    later,
    maybe_moment_of,
    moment_of,
    moment_to_data,
)  # fmt: skip
from remit.state.totals import Totals
from remit.state.window import Window

if TYPE_CHECKING:
    from remit.checked.model import History

MOST_KEYS = 10_000  # values by which one fold can be looked up
LONGEST_KEY = 200  # characters; a longer text is found by its SHA-256
Key = tuple[Any, ...]
Kinds = tuple[str, ...] | None  # the types of the values of a key, None where they are unknown
Tally = Totals | Window
_NOTHING, _NEVER = Totals(), Moment(0, 0, None)


def alike(one: Key, other: Key) -> Truth:
    """Whether two steps have the same values; unknown where one is, or is of another type.

    An absent value is like no other.
    """
    if None in one or None in other:
        return False
    if UNKNOWN in one or UNKNOWN in other or kinds_of(one) != kinds_of(other):
        return UNKNOWN
    return one == other


def kinds_of(key: Key) -> Kinds:
    """The types of the values of a key that are known."""
    return tuple(_kind(one) for one in key)


def _kind(value: Any) -> str:
    if type(value) is tuple:
        return "text" if value[0] == "long" else str(value[0])
    return "text" if type(value) is str else "number"


def short(key: Key) -> Key:
    """The key with long texts in short."""
    return tuple(_short(one) for one in key)


def _short(value: Any) -> Any:
    if type(value) is not str or len(value) <= LONGEST_KEY:
        return value
    return "long", sha256(value.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(slots=True)
class Fold:
    """The state of one question.

    `strays` is the last step for each kind of key, and for what has no key that is known; those
    without a time are told apart. `doubts` is the number of the last `since` that may have meant
    other keys than its own, among `changes` of them. `lost` is the last step of a key that had to
    go. `begun`: a `since` for all keys was seen. `unseen`: steps up to `first` were not seen.
    `full`: a cap was reached, so that something was let go that may still count.
    """

    history: History
    tallies: dict[Key, Tally] = field(default_factory=dict)
    strays: dict[tuple[Kinds, bool], Moment] = field(default_factory=dict)
    doubts: dict[Kinds, int] = field(default_factory=dict)
    changes: int = 0
    lost: Moment | None = None
    begun: bool = False
    unseen: bool = False
    first: Moment | None = None
    full: bool = False

    # ---- asking

    def told(self) -> Any:
        """What it comes to whenever it is asked; None where that depends on more."""
        if self.unseen or self.doubts or self.lost is not None or self.history.within is not None:
            return None
        return (self.tallies.get(()) or _NOTHING).answer(self.history, _NEVER, None)

    def ask(self, key: Key, now: Moment, before: Moment) -> Any:
        """What it comes to for a key now; `before` is the moment just before this step."""
        if None in key:
            return self._new().answer(self.history, now, None)
        if UNKNOWN in key:
            return UNKNOWN
        found = short(key)
        tally = self.tallies.get(found)
        if tally is not None:
            self._settle(tally, found)
        doubt: Moment | None = None
        for at in self._out_of_sight(found, tally, before):
            if inside(self.history, at, now) is not False:
                doubt = later(self.history, doubt, at)
        return (tally or self._new()).answer(self.history, now, doubt)

    def _out_of_sight(self, key: Key, tally: Tally | None, before: Moment) -> Iterator[Moment]:
        """Steps that may count for a key though its tally has not got them."""
        begun = None if tally is None else tally.begun
        if begun is None and not self.begun and self.unseen:
            yield self.first or before
        if tally is None and self.lost is not None:
            yield self.lost
        own = kinds_of(key)
        for (kinds, _), at in self.strays.items():
            if kinds != own and (begun is None or at.step >= begun):
                yield at

    def _new(self) -> Tally:
        return Totals() if self.history.within is None else Window()

    # ---- taking in what happened

    def take(
        self, what: tuple[Truth, Key], since: tuple[Truth, Key], value: Any, now: Moment
    ) -> None:
        """Take in a step: whether it counts and for which key, whether all begins anew with it."""
        if since[0] is not False and None not in since[1]:
            self._begin_again(*since, now)
        truth, key = what
        absent = value is None and self.history.fold in PRESENT
        if truth is False or None in key or absent:
            return
        if UNKNOWN in key:
            self._stray(None, now)
            return
        found = short(key)
        tally = self._room(found, now)
        if not tally.add(self.history, now, value, sure=truth is True):
            self.full = True
        if key:
            self._stray(kinds_of(found), now)

    def _stray(self, kinds: Kinds, now: Moment) -> None:
        self.strays[kinds, self.history.unit == "s" and now.time is None] = now

    def _room(self, key: Key, now: Moment) -> Tally:
        """The tally of a key, made where there is none; it is the last to go from now on."""
        tally = self.tallies.pop(key, None)
        if tally is not None:
            self._settle(tally, key)
        else:
            if len(self.tallies) >= MOST_KEYS:
                self._let_go(now)
            tally = self._new()
            tally.unsure, tally.settled = self.lost, self.changes
        self.tallies[key] = tally
        return tally

    def _let_go(self, now: Moment) -> None:
        tally = self.tallies.pop(next(iter(self.tallies)))
        if not tally.is_empty(self.history, now):
            gone = later(self.history, tally.newest, tally.unsure)
            self.lost, self.full = later(self.history, self.lost, gone), True

    # ---- since

    def _begin_again(self, truth: Truth, key: Key, now: Moment) -> None:
        """Only what follows counts; where it is unknown whether, all before may count or not."""
        is_known = UNKNOWN not in key
        if not key and truth is True:
            self.tallies.clear()
            self.strays.clear()  # what may have counted before does not any more
            self.lost, self.begun, self.full = None, True, False
        elif key and is_known and truth is True:
            self._forget(short(key), now)
        elif key and is_known:
            tally = self.tallies.get(short(key))
            if tally is not None:
                self._settle(tally, short(key))
                tally.doubt(self.history)
            self._doubt(kinds_of(short(key)))
        else:
            self._doubt(None)

    def _forget(self, key: Key, now: Moment) -> None:
        """Begin the tally of one key anew."""
        self.tallies.pop(key, None)
        tally = self._room(key, now)
        tally.begun, tally.unsure = now.step, None
        self._doubt(kinds_of(key))

    def _doubt(self, kinds: Kinds) -> None:
        self.changes += 1
        self.doubts[kinds] = self.changes

    def _settle(self, tally: Tally, key: Key) -> None:
        """Have a tally take note of what may have ended it: for other kinds of key, or unknown."""
        own = kinds_of(key)
        last = max((at for kinds, at in self.doubts.items() if kinds != own), default=0)
        if last > tally.settled:
            tally.doubt(self.history)
        tally.settled = self.changes

    # ---- saving

    def to_data(self) -> dict[str, Any]:
        """The fold as data, for saving."""
        return {
            "tallies": [[[*key], tally.to_data()] for key, tally in self.tallies.items()],
            "strays": [[kinds, flag, moment_to_data(at)]
                       for (kinds, flag), at in self.strays.items()],
            "doubts": [[kinds, at] for kinds, at in self.doubts.items()],
            "changes": self.changes, "lost": moment_to_data(self.lost), "begun": self.begun,
            "unseen": self.unseen, "first": _before_to_data(self.first), "full": self.full,
        }  # fmt: skip

    @classmethod
    def from_data(cls, history: History, data: Any, now: Moment) -> Fold:
        """The fold from saved data, nothing in it later than `now`.

        Raises `ValueError`, `TypeError` or `KeyError` where there can be none.
        """
        kind = Totals if history.within is None else Window
        if len(data["tallies"]) > MOST_KEYS:
            raise ValueError("it remembers more than it can")
        tallies = {key_of(history, key): kind.from_data(history, one, now)
                   for key, one in data["tallies"]}  # fmt: skip
        strays = {(_kinds_of(history, kinds), flag_of(flag)): moment_of(at, now)
                  for kinds, flag, at in data["strays"]}  # fmt: skip
        doubts = {_kinds_of(history, kinds): count_of(at) for kinds, at in data["doubts"]}
        flags = {name: flag_of(data[name]) for name in ("begun", "unseen", "full")}
        return cls(history, tallies, strays, doubts, count_of(data["changes"]),
                   maybe_moment_of(data["lost"], now), first=_before_of(data["first"], now),
                   **flags)  # fmt: skip


def key_of(history: History, values: Any) -> Key:
    """The key in saved data. Raises `ValueError` where it is none."""
    key = tuple(values)
    if len(key) == len(history.what.keys) and all(map(_is_keyed, key)):
        return key
    raise ValueError("it remembers by what is no key")


def _is_keyed(one: Any) -> bool:
    if type(one) is tuple and len(one) == 2 and one[0] == "long":
        return type(one[1]) is str and len(bytes.fromhex(one[1])) == 32
    return one is not None and one is not UNKNOWN and (
        keyed(one[1] if type(one) is tuple else one) == one
    )  # fmt: skip


def _kinds_of(history: History, data: Any) -> Kinds:
    if data is None:
        return None
    kinds = tuple(data)
    if len(kinds) != len(history.what.keys) or not set(kinds) <= {"text", "number", "flag"}:
        raise ValueError("a kind of key that there is not")
    return kinds


def _before_to_data(at: Moment | None) -> list[Any] | None:
    """The moment before a step, told by that step, for steps are numbered from 0."""
    return None if at is None else moment_to_data(at._replace(step=at.step + 1))


def _before_of(data: Any, now: Moment) -> Moment | None:
    at = maybe_moment_of(data, now)
    return None if at is None else at._replace(step=at.step - 1)
