"""What past steps come to, told anew from a plain list of those that took effect.

Shares nothing with the state of a session, and is slow: each question goes through the list. What
a session may have let go of (`forgets`) is not told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from remit.checked.model import Debt, History
from remit.program.values import UNKNOWN, Truth, every
from remit.program.view import View, size_of
from remit.verify.folds import MOST_KEPT, Counted, Event, Moment, answer, is_over, opposite
from remit.verify.watched import NEVER, Key, Match, Owing, Watched, alike

LET_GO = 1_000  # past steps, calls or values from which on a session may let go of the oldest


class Owed(NamedTuple):
    """A past step as one debt sees it: whether it does what is owed, and whether more is."""

    at: Moment
    done: Truth
    begun: Truth


@dataclass(slots=True)
class Telling:
    """The steps of one conversation that took effect. `cut`: there were more before the first."""

    watched: Watched
    cut: bool = False
    moments: list[Moment] = field(default_factory=list)
    events: dict[str, list[Event]] = field(default_factory=dict)
    owed: dict[str, list[Owed]] = field(default_factory=dict)
    calls: list[tuple[int, str, str, Any]] = field(default_factory=list)

    def before(self, step: int) -> Telling:
        """The same up to a step, to go on by itself."""
        return replace(
            self, moments=self.moments[:step], calls=[one for one in self.calls if one[0] < step],
            events={name: [one for one in all if one.at.step < step]
                    for name, all in self.events.items()},
            owed={name: [one for one in all if one.at.step < step]
                  for name, all in self.owed.items()},
        )  # fmt: skip

    def moment(self, view: View, *, speaks: bool) -> Moment:
        """When a step is that comes now; `speaks`: someone with authority begins a turn."""
        times = [one.time for one in self.moments if one.time is not None]
        clock = times[-1] if times else None
        time = view.step.time
        turn = (self.moments[-1].turn if self.moments else 0) + speaks
        if time is None or clock is None:
            return Moment(len(self.moments), turn, time, clock)
        return Moment(len(self.moments), turn, max(time, clock))

    def take(self, view: View, at: Moment) -> None:
        """Note a step that took effect."""
        for name, watch in self.watched.watches.items():
            what = watch.what.match(view)
            since = NEVER if watch.since is None else watch.since.match(view)
            if watch.history.fold == "previous" or what[0] is not False or since[0] is not False:
                value = None if what[0] is False else watch.value(view)
                self.events.setdefault(name, []).append(Event(at, what, since, value))
        for name, owing in self.watched.owings.items():
            row = Owed(at, owing.owed.truth(view), owing.after.truth(view))
            self.owed.setdefault(name, []).append(row)
        id = getattr(view.step, "id", "")
        if id and view.kind in ("call", "result"):
            self.calls.append((at.step, view.kind, id, _arguments(view)))
        self.moments.append(at)

    # ---- asking

    def ask(self, history: History, key: Key, now: Moment) -> Any:
        """What a history comes to for a key."""
        events = self.events.get(history.id, [])
        if history.fold == "previous":
            return self._previous(events, key)
        if UNKNOWN in key:
            return UNKNOWN
        return answer(history, events, key, self._unseen(key, now), now)

    def _unseen(self, key: Key, now: Moment) -> list[Counted]:
        """What may have been before the beginning."""
        if not self.cut or None in key:
            return []
        first = self.moments[0] if self.moments else now
        return [Counted(Moment(-1, 0, first.time), UNKNOWN, sure=False)]

    def _previous(self, events: list[Event], key: Key) -> Truth:
        unseen: Match = (UNKNOWN if self.cut else False, (UNKNOWN,) * len(key))
        truth, found = events[-1].what if events else unseen
        return every((truth, alike(found, key))) if truth is not False else False

    def overdue(self, owing: Owing, view: View, now: Moment) -> Truth:
        """Whether something owed is overdue, and this step does not do it."""
        late = self._late(owing.debt, view, now)
        return False if late is False else every((late, opposite(owing.owed.truth(view))))

    def _late(self, debt: Debt, view: View, now: Moment) -> Truth:
        if debt.unit == "end of conversation":
            return False
        found: Truth = UNKNOWN if self._perhaps_from_before(debt) else False
        for one in self.debts(debt):
            late = _passed(debt, one.at, view, now)
            if late is True and one.sure:
                return True
            found = found if late is False else UNKNOWN
        return found

    def debts(self, debt: Debt) -> list[Counted]:
        """All that is owed, the oldest first."""
        found: list[Counted] = []
        for one in self.owed.get(debt.id, ()):
            if one.done is True:
                found = []
            elif one.done is UNKNOWN:
                found = [due._replace(sure=False) for due in found]
            if one.begun is not False:
                bounded = debt.unit != "s" or one.at.time is not None
                found.append(Counted(one.at, None, one.begun is True and bounded))
        return found

    def _perhaps_from_before(self, debt: Debt) -> bool:
        return self.cut and not any(one.done is True for one in self.owed.get(debt.id, ()))

    def rows(self) -> Iterator[dict[str, Any]]:
        """What a record tells as owed: of each debt the oldest that is sure, and that is not."""
        for name, owing in self.watched.owings.items():
            debts = self.debts(owing.debt)
            for sure in (True, False):
                dues = [one.at for one in debts if one.sure is sure]
                if dues:
                    timed = all(one.time is not None for one in dues) or owing.debt.unit != "s"
                    yield {"debt": name, "step": dues[0].step, "turn": dues[0].turn,
                           "time": dues[0].time if timed else None, "sure": sure}  # fmt: skip

    def called(self, id: str) -> Any:
        """The arguments of the last call with an id; unknown where its results cannot be told."""
        found: Any = UNKNOWN if self.cut or not id else None
        waits = False
        for _, kind, name, args in self.calls:
            if name == id and kind == "call":
                found, waits = UNKNOWN if waits else args, True
            elif name == id:
                waits = False
        return found

    def forgets(self, history: str) -> bool:
        """Whether a session may have let go of something that this question asks for."""
        events = self.events.get(history, self.calls)
        values = sum(len(one.value) for one in self.events.get(history, ())
                     if isinstance(one.value, list))  # fmt: skip
        watch = self.watched.watches.get(history)
        most = watch.history.most if watch is not None else 0  # of a memory
        return len(events) + values >= (most or LET_GO)


def _arguments(view: View) -> Any:
    args: Mapping[str, Any] = view.args
    plain = view.kind == "call" and view.readable and view.step.bad_args is None  # type: ignore[union-attr]
    return dict(args) if plain and size_of(dict(args)) <= MOST_KEPT else UNKNOWN


def _passed(debt: Debt, at: Moment, view: View, now: Moment) -> Truth:
    if debt.unit == "end of turn":
        return now.turn > at.turn or view.kind in ("message", "handoff")
    if debt.unit == "turns":
        return now.turn - at.turn >= debt.bound
    if debt.unit == "steps":
        return now.step - at.step > debt.bound
    return is_over(at, now, debt.bound)
