"""What a policy watches: folds over past steps and what is owed, as functions of a step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from remit.program.conditions import compile_term
from remit.program.values import Truth
from remit.program.view import Known, View

if TYPE_CHECKING:
    from remit.checked.model import Debt, Happening, History
    from remit.checked.norm import Act

Test = Callable[[View], Truth]


class Seen(NamedTuple):
    """A happening as it runs: whether a step is it, and the values that tell such steps apart."""

    act: Act
    is_it: Test
    keys: tuple[Callable[[View], Any], ...]


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
    """The watches and debts that steps of a kind by a tool or role can be about."""

    watches: tuple[Watch, ...] = ()
    owings: tuple[Owing, ...] = ()


def concerned(
    watches: Sequence[Watch], owings: Sequence[Owing], may_be: Callable[[Act], bool]
) -> Concerned:
    """The watches and debts that are about acts of which `may_be` says that a step may be one."""
    return Concerned(
        tuple(one for one in watches
              if may_be(one.what.act) or (one.since is not None and may_be(one.since.act))),
        tuple(one for one in owings if may_be(one.owed.act) or may_be(one.after.act)),
    )  # fmt: skip


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
    return Seen(happening.act, is_step(happening.act, happening.where, known), keys)
