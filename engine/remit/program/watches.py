"""What a policy watches: folds over past steps and what is owed, as functions of a step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from remit.program.conditions import compile_term
from remit.program.rule import ANY_NAME, may_be
from remit.program.together import Together
from remit.program.values import Truth
from remit.program.view import Known, View

if TYPE_CHECKING:
    from remit.checked.model import Debt, Happening, History
    from remit.checked.norm import Act, Term
    from remit.program.model import Program
    from remit.program.quick import Part

Test = Callable[[View], Truth]


class Seen(NamedTuple):
    """A happening as it runs: whether a step is it, and the values that tell such steps apart."""

    act: Act
    is_it: Test
    keys: tuple[Callable[[View], Any], ...]
    where: Term | None = None

    def parts(self) -> Sequence[Part]:
        """What must hold for a step of the right kind, tool or role to be it."""
        act = self.act
        if act.effects or act.agents is not None or act.label is not None:
            return (self.is_it,)
        return tuple((term, True) for term in (act.where, self.where) if term is not None)


class Watch(NamedTuple):
    """A history as it runs."""

    history: History
    what: Seen
    since: Seen | None
    of: Callable[[View], Any] | None


class Owing(NamedTuple):
    """A debt as it runs."""

    debt: Debt
    owed: Seen
    after: Seen


class Concerned(NamedTuple):
    """The watches and debts that steps of a kind by a tool or role can be about.

    `together` says which of the happenings in them a step is; if it is none, there is nothing to
    remember of it.
    """

    watches: tuple[Watch, ...]
    owings: tuple[Owing, ...]
    together: Together


def concerned(program: Program, key: tuple[str, str]) -> Concerned:
    """What of a program is about steps with this key of its index."""
    watches = [(one, _may_be(key, one.what, one.since)) for one in program.watches]
    owings = [(one, _may_be(key, one.owed, one.after)) for one in program.owings]
    seen = [own for _, some in (*watches, *owings) for own in some]
    return Concerned(
        tuple(one for one, some in watches if some), tuple(one for one, some in owings if some),
        Together(len(seen), lambda: [one.parts() for one in seen], program.known.contexts,
                 possible=key[1] != ANY_NAME),
    )  # fmt: skip


def _may_be(key: tuple[str, str], *some: Seen | None) -> list[Seen]:
    """The happenings that a step may be."""
    return [one for one in some if one is not None and may_be(one.act, key)]


def make_watch(history: History, known: Known) -> Watch:
    """A history as it runs."""
    since = None if history.since is None else _seen(history.since, known)
    of = None if history.of is None else compile_term(history.of, dict(known.contexts))
    return Watch(history, _seen(history.what, known), since, of)


def make_owing(debt: Debt, known: Known) -> Owing:
    """A debt as it runs."""
    return Owing(debt, _seen(debt.owed, known), _seen(debt.after, known))


def _seen(happening: Happening, known: Known) -> Seen:
    from remit.program.from_graph import is_step

    contexts = dict(known.contexts)
    keys = tuple(compile_term(term, contexts) for term in happening.keys)
    is_it = is_step(happening.act, happening.where, known)
    return Seen(happening.act, is_it, keys, happening.where)
