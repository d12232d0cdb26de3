"""What a policy watches: folds over past steps and what is owed, as functions of a step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from remit.checked.model import Debt, Happening, History
from remit.program.conditions import compile_term
from remit.program.values import Truth
from remit.program.view import Known, View

Test = Callable[[View], Truth]


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """A happening as it runs: whether a step is it, and the values that tell such steps apart."""

    is_it: Test
    keys: tuple[Callable[[View], Any], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Watch:
    """A history as it runs."""

    history: History
    what: Seen
    since: Seen | None
    of: Callable[[View], Any] | None


@dataclass(frozen=True, slots=True, eq=False)
class Owing:
    """A debt as it runs."""

    debt: Debt
    owed: Seen
    after: Seen


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
    return Seen(is_step(happening.act, happening.where, known), keys)
