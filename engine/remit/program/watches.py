"""What a policy watches: folds over past steps and what is owed, as functions of a step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from remit.checked.model import Checked, Debt, Happening, History, Norm, Term, conditions_of
from remit.program.conditions import compile_term
from remit.program.values import Truth
from remit.program.view import View

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


def watches_of(checked: Checked) -> tuple[tuple[Watch, ...], tuple[Owing, ...]]:
    """Every fold and every debt of a policy, each once."""
    histories: dict[str, History] = {}
    debts: dict[str, Debt] = {}
    for term in every_term(checked):
        if term.op == "past":
            histories[term.value.id] = term.value
        elif term.op == "overdue":
            debts[term.value.id] = term.value
    return (
        tuple(_watch(histories[name], checked) for name in sorted(histories)),
        tuple(_owing(debts[name], checked) for name in sorted(debts)),
    )


def every_term(checked: Checked) -> Iterator[Term]:
    """Every term of a policy, those about past steps included."""
    todo = list(_all_terms(checked))
    while todo:
        term = todo.pop()
        yield term
        todo += term.args
        if term.op == "past":
            todo += _inside(term.value.what, term.value.since)
            todo += [term.value.of] if term.value.of is not None else []
        elif term.op == "overdue":
            todo += _inside(term.value.owed, term.value.after)


def _all_terms(checked: Checked) -> Iterator[Term]:
    said = [one.norm for one in checked.directives]
    for norm in (*checked.norms, *said):
        if isinstance(norm, Norm):
            yield from conditions_of(norm)
            yield from [norm.remedy.value] if norm.remedy.value is not None else []
        else:
            yield norm.value
    for constraint in checked.constraints:
        yield constraint.value
    for label in checked.labels:
        yield from (term for term in (label.act.where, label.where) if term is not None)
    for loan in checked.loans:
        acts = [loan.act, *([loan.only] if loan.only is not None else [])]
        terms = [*(act.where for act in acts), loan.where, loan.only_where]
        yield from (term for term in terms if term is not None)


def _inside(*happenings: Happening | None) -> list[Term]:
    found: list[Term] = []
    for one in happenings:
        if one is not None:
            found += [*one.keys, *([one.where] if one.where is not None else [])]
    return found


def _watch(history: History, checked: Checked) -> Watch:
    since = None if history.since is None else _seen(history.since, checked)
    of = None if history.of is None else compile_term(history.of, dict(checked.contexts))
    return Watch(history, _seen(history.what, checked), since, of)


def _owing(debt: Debt, checked: Checked) -> Owing:
    return Owing(debt, _seen(debt.owed, checked), _seen(debt.after, checked))


def _seen(happening: Happening, checked: Checked) -> Seen:
    from remit.program.from_graph import is_step

    contexts = dict(checked.contexts)
    keys = tuple(compile_term(term, contexts) for term in happening.keys)
    return Seen(is_step(happening.act, happening.where, checked), keys)
