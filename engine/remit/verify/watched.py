"""What a policy asks of the past: its histories and its debts, with their tests compiled once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from remit.checked.model import Act, Checked, Constraint, Debt, Happening, History, Norm, Term
from remit.program.conditions import compile_term
from remit.program.values import UNKNOWN, Truth, keyed
from remit.program.view import View

Key = tuple[Any, ...]
Match = tuple[Truth, Key]  # whether a step is a happening, and the values that tell it apart
NEVER: Match = (False, ())
TestOf = Callable[[Act, Term | None], Callable[[View], Truth]]
CALLED = "called"  # what a look-up for the arguments of an earlier call goes by


@dataclass(frozen=True, slots=True)
class Seen:
    """A happening that can be asked of a step; what fails is unknown."""

    is_it: Callable[[View], Truth]
    keys: tuple[Callable[[View], Any], ...]

    def truth(self, view: View) -> Truth:
        """Whether the step is it."""
        try:
            return self.is_it(view)
        except Exception:  # noqa: BLE001 - an error in a condition makes it unknown
            return UNKNOWN

    def match(self, view: View) -> Match:
        """Whether the step is it, and by which values it is found."""
        truth = self.truth(view)
        if truth is False:
            return NEVER
        try:
            return truth, tuple(keyed(key(view)) for key in self.keys)
        except Exception:  # noqa: BLE001 - as above
            return UNKNOWN, (UNKNOWN,) * len(self.keys)


@dataclass(frozen=True, slots=True)
class Watch:
    """A history with its tests; `of` is the value that is folded."""

    history: History
    what: Seen
    since: Seen | None
    of: Callable[[View], Any] | None

    def value(self, view: View) -> Any:
        """The value that the step gives; what fails is unknown."""
        try:
            return None if self.of is None else self.of(view)
        except Exception:  # noqa: BLE001 - as above
            return UNKNOWN


@dataclass(frozen=True, slots=True)
class Owing:
    """A debt with its tests."""

    debt: Debt
    owed: Seen
    after: Seen


class Watched:
    """Every history and debt of a policy, by id; `calls`: it asks what a result was called with.

    `origins`: it asks where values come from.
    """

    def __init__(self, checked: Checked, test_of: TestOf) -> None:
        self._contexts = dict(checked.contexts)
        self._test_of = test_of
        terms = list(_all(checked))
        self.watches = {term.value.id: self._watch(term.value)
                        for term in terms if term.op == "past"}  # fmt: skip
        debts = {term.value.id: term.value for term in terms if term.op == "overdue"}
        self.owings = {name: self._owing(debts[name]) for name in sorted(debts)}
        self.calls = any(term.op == "field" and term.value == CALLED for term in terms)
        self.origins = any(term.op in ("quotes", "came from") for term in terms)

    def __bool__(self) -> bool:
        return bool(self.watches or self.owings or self.calls)

    def _watch(self, history: History) -> Watch:
        since = None if history.since is None else self._seen(history.since)
        of = None if history.of is None else compile_term(history.of, self._contexts)
        return Watch(history, self._seen(history.what), since, of)

    def _owing(self, debt: Debt) -> Owing:
        return Owing(debt, self._seen(debt.owed), self._seen(debt.after))

    def _seen(self, one: Happening) -> Seen:
        keys = tuple(compile_term(term, self._contexts) for term in one.keys)
        return Seen(self._test_of(one.act, one.where), keys)


def alike(one: Key, other: Key) -> Truth:
    """Whether two steps have the same values: unknown where the types differ, as for `=`.

    An absent value is like no other.
    """
    if None in one or None in other:
        return False
    if UNKNOWN in one or UNKNOWN in other or _kinds(one) != _kinds(other):
        return UNKNOWN
    return one == other


def _kinds(key: Key) -> list[object]:
    return [float if type(value) is int else type(value) for value in key]


def _all(checked: Checked) -> Iterator[Term]:
    """Every term of a policy, with those inside of what it asks of the past."""
    todo = [term for term in _conditions(checked) if term is not None]
    while todo:
        term = todo.pop()
        yield term
        todo += term.args
        if term.op == "past":
            asked: History = term.value
            inside = [*_of(asked.what), *_of(asked.since), asked.of]
        elif term.op == "overdue":
            inside = [*_of(term.value.owed), *_of(term.value.after)]
        else:
            continue
        todo += [one for one in inside if one is not None]


def _conditions(checked: Checked) -> Iterator[Term | None]:
    for norm in (*checked.norms, *(one.norm for one in checked.directives)):
        if isinstance(norm, Constraint):
            yield norm.value
        elif isinstance(norm, Norm):
            yield from (norm.act.where, norm.where, norm.unless, norm.remedy.value)
    yield from (one.value for one in checked.constraints)
    for loan in checked.loans:
        yield from (loan.act.where, loan.where, loan.only_where)
        yield None if loan.only is None else loan.only.where
    for label in checked.labels:
        yield from (label.act.where, label.where)


def _of(happening: Happening | None) -> Iterator[Term | None]:
    if happening is not None:
        yield from (happening.act.where, happening.where, *happening.keys)
