"""What is remembered of the past of a conversation, at constant or logarithmic cost per step.

One `Fold` for each question that a policy asks of the past, one `Debts` for each obligation. A
memory is changed in place by its session. A decision keeps the answers that it looked up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from remit.conversation.model import CALL, MESSAGE, RESULT
from remit.program.values import UNKNOWN, Truth, every, keyed
from remit.program.view import BUDGET, View
from remit.state.moment import Moment

if TYPE_CHECKING:
    from remit.checked.model import Debt, History
    from remit.program.model import Program
    from remit.program.watches import Concerned, Seen, Watch
    from remit.state.debts import Debts, Due
    from remit.state.fold import Fold, Key
    from remit.state.origins import Origins

    Match = tuple[Truth, Key]  # whether a step is looked for, and the values it will be found by

MOST_CALLS = 1_000  # calls whose arguments are kept for their results


class Memory:
    """The past of one conversation, as far as its policy asks for it.

    `watches`: whether there is anything to remember, `light`: and nothing is owed. `keeps`: it
    takes in each step, also where no fold asks for it. `cut`: its beginning was not seen. `calls`
    are the arguments of calls by their ids, `answered` those whose result was seen. `origins` is
    there where the policy asks where values came from. `filled` is what `full` last told, if it
    still holds; `told` are answers of folds that hold until something is folded.
    """

    __slots__ = (
        "answered", "calls", "calls_cut", "clock", "cut", "debts", "filled", "folds", "keeps",
        "last", "light", "origins", "program", "step", "told", "turn", "unseen", "watches",
    )  # fmt: skip

    def __init__(self, program: Program, *, cut: bool = False) -> None:
        self.program = program
        self.cut = cut
        self.step = 0  # how many steps took effect
        self.turn = 0
        self.clock: float | None = None  # the latest time that a step gave
        self.unseen = True  # a fold may not know yet what it has not seen
        self.folds: dict[str, Fold] = _folds(program, cut=cut) if program.watches else {}
        self.filled: tuple[str, ...] | None = None if self.folds else ()
        self.last: dict[str, Match] = {}  # of `previous`: the step just before
        self.debts: dict[str, Debts] = _debts(program, cut=cut) if program.owings else {}
        self.told: dict[str, Any] = {}
        self.calls: dict[str, Any] = {}
        self.answered: set[str] = set()
        self.calls_cut = cut  # whether there may have been calls that are not kept
        self.origins: Origins | None = _origins(program, cut=cut) if program.reads_origins else None
        self.keeps = program.reads_calls or program.reads_origins
        self.light = not program.owings and bool(program.watches or self.keeps)
        self.watches = self.light or bool(program.owings)

    # ---- asking

    def moment(self, view: View) -> Moment:
        """The moment of a step that is judged; time does not go back."""
        time = view.step.time
        if time is not None and self.clock is not None:
            time = max(time, self.clock)
        turn = self.turn + begins_turn(self.program, view)
        return Moment(self.step, turn, time, self.clock if time is None else None)

    def _before(self, now: Moment) -> Moment:
        """The last moment at which a step that was not seen may have been."""
        return Moment(self.step - 1, self.turn, now.time)

    def ask(self, history: History, key: Key, view: View) -> Any:
        """What a fold comes to for a key, at the step that is judged."""
        told = None if key else self.told.get(history.id)
        if told is not None:
            return told
        if history.fold == "previous":
            return self._previous(history, key)
        fold = self.folds[history.id]
        told = None if key else fold.told()
        if told is not None:
            if history.fold != "remember":  # whose list is for the one who asked
                self.told[history.id] = told
            return told
        now = self.moment(view)
        return fold.ask(key, now, self._before(now))

    def _previous(self, history: History, key: Key) -> Truth:
        if self.step == 0:
            return UNKNOWN if self.cut and None not in key else False
        from remit.state.fold import alike

        truth, found = self.last.get(history.id, (False, key))
        return False if truth is False else every((truth, alike(found, key)))

    def overdue(self, debt: Debt, view: View) -> Truth:
        """Whether something owed is not done in time, and this step does not do it."""
        late = self.debts[debt.id].overdue(self.moment(view), view)
        if late is False:
            return False
        owing = next(one for one in self.program.owings if one.debt.id == debt.id)
        doing = owing.owed.is_it(view)
        return False if doing is True else UNKNOWN if doing is UNKNOWN else late

    def called(self, id: str) -> Any:
        """The arguments of an earlier call: absent where there was none, unknown where not kept."""
        return self.calls.get(id, UNKNOWN if self.calls_cut else None)

    def owed(self) -> Iterator[tuple[str, Due]]:
        """What is owed now, the oldest of each norm."""
        for name, debts in self.debts.items():
            for due in debts.owed():
                yield name, due

    def full(self) -> tuple[str, ...]:
        """The ids of the folds that have reached a cap, so that something was let go."""
        if self.filled is None:
            self.filled = tuple(name for name, fold in self.folds.items() if fold.full)
        return self.filled

    # ---- taking in what happened

    def take(self, view: View) -> None:
        """Take in a step that took effect. Nothing is changed where it raises."""
        spent, view.budget = view.budget, BUDGET  # what was spent must not change what is kept
        if self.folds or self.debts:
            concerned = self.program.concerned(view)
            if self.unseen or self.last or concerned.together.hits(view):
                self._remember(concerned, view)
        if self.program.reads_calls:
            self._note_call(view)
        time = view.step.time
        if time is not None:
            self.clock = time if self.clock is None else max(time, self.clock)
        self.turn += begins_turn(self.program, view)
        self.step += 1
        if self.origins is not None:
            self.origins.take(view)
        view.budget = spent

    def pass_by(self, time: float | None) -> None:
        """Take in a step that nothing asks for, and that is no message; `light` memories can."""
        if time is not None:
            self.clock = time if self.clock is None else max(time, self.clock)
        self.step += 1

    def _remember(self, concerned: Concerned, view: View) -> None:
        watches, owings, _ = concerned
        view.budget = BUDGET
        now = self.moment(view)
        seen = [(watch.history, *_seen(watch, view)) for watch in watches]
        owing = [(one.debt.id, _truth(one.owed, view), _truth(one.after, view)) for one in owings]
        if self.unseen:
            self._begin(now)
        self.told.clear()
        self.last = {}
        self._fold(seen, now)
        for name, done, begun in owing:
            self.debts[name].take(done, begun, now._replace(clock=None))

    def _begin(self, now: Moment) -> None:
        """Have the folds know up to where something may have happened that was not seen."""
        before = self._before(now)
        for fold in self.folds.values():
            if fold.unseen and fold.first is None:
                fold.first = before
        self.unseen = False

    def _fold(self, seen: Sequence[tuple[History, Match, Match, Any]], now: Moment) -> None:
        at, full = now._replace(clock=None), False
        for history, what, since, value in seen:
            if history.fold == "previous":
                self.last[history.id] = what
                continue
            fold = self.folds[history.id]
            was = fold.full
            fold.take(what, since, value, at)
            full = full or fold.full is not was
        if full:
            self.filled = None

    def _note_call(self, view: View) -> None:
        """Keep what a call was given, for its result."""
        id = getattr(view.step, "id", "")
        if not id:
            return
        if view.kind == RESULT and id in self.calls:
            self.answered.add(id)
        elif view.kind == CALL:
            again = id in self.calls and id not in self.answered  # whose will the result be?
            self.calls.pop(id, None)
            self.answered.discard(id)
            self.calls[id] = UNKNOWN if again else _arguments(view)
            if len(self.calls) > MOST_CALLS:
                oldest = next(iter(self.calls))
                del self.calls[oldest]
                self.answered.discard(oldest)
                self.calls_cut = True


# ---- made for the policies that need them, and loaded with them


def _folds(program: Program, *, cut: bool) -> dict[str, Fold]:
    from remit.state.fold import Fold

    return {one.history.id: Fold(one.history, unseen=cut) for one in program.watches}


def _debts(program: Program, *, cut: bool) -> dict[str, Debts]:
    from remit.state.debts import Debts

    return {one.debt.id: Debts(one.debt, unseen=cut) for one in program.owings}


def _origins(program: Program, *, cut: bool) -> Origins:
    from remit.state.origins import Origins

    return Origins(program, cut=cut)


def begins_turn(program: Program, view: View) -> bool:
    """Whether a step is a message of someone with authority: with it a turn begins."""
    none = len(program.chain)
    return view.kind == MESSAGE and not view.unnamed and program.roles.get(view.role, none) < none


def _seen(watch: Watch, view: View) -> tuple[Match, Match, Any]:
    """Whether a step counts, whether all begins anew with it, and what it gives."""
    what, since = _match(watch.what, view), _match(watch.since, view)
    if watch.of is None or what[0] is False:
        return what, since, None
    try:
        return what, since, watch.of(view)
    except Exception:  # noqa: BLE001 - what fails is unknown
        return what, since, UNKNOWN


def _match(seen: Seen | None, view: View) -> Match:
    """Whether a step is a happening, and by which values it will be found."""
    if seen is None:
        return False, ()
    truth = _truth(seen, view)
    try:
        return truth, () if truth is False else tuple(keyed(key(view)) for key in seen.keys)
    except Exception:  # noqa: BLE001 - what fails is unknown
        return UNKNOWN, tuple(UNKNOWN for _ in seen.keys)


def _truth(seen: Seen, view: View) -> Truth:
    try:
        return seen.is_it(view)
    except Exception:  # noqa: BLE001 - what fails is unknown
        return UNKNOWN


def _arguments(view: View) -> Any:
    """The arguments of a call as they are kept; unknown where they cannot be read, or too large."""
    from remit.state.amounts import kept

    is_plain = view.readable and getattr(view.step, "bad_args", None) is None
    return kept(dict(view.args)) if is_plain else UNKNOWN
