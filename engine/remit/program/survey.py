"""Checked norms and their graph -> the outline of a program: what is true of a whole policy."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from remit.checked.norm import Norm, Term, conditions_of
from remit.program.looks import look_of, redacting
from remit.program.outline import (
    CALLED,
    JUDGED,
    KINDS,
    VOID,
    Index,
    Look,
    Outline,
    Wanted,
    names_of,
)  # fmt: skip
from remit.program.view import Known

if TYPE_CHECKING:
    from remit.checked.model import Checked, Debt, Happening, History
    from remit.checked.norm import Act
    from remit.graph.model import PriorityGraph


def outline_of(checked: Checked, graph: PriorityGraph) -> Outline:
    """The outline of a graph without circles."""
    terms = list(every_term(checked))
    by_op: dict[str, list[Term]] = defaultdict(list)
    for term in terms:
        by_op[term.op].append(term)
    spoken = [one.norm.act for one in checked.directives if isinstance(one.norm, Norm)]
    histories, debts = _once(by_op["past"]), _once(by_op["overdue"])
    acts = [*(norm.act for norm in graph.norms), *spoken, *_of_the_past(histories, debts)]
    return Outline(
        chain=checked.chain, goals=checked.goals if checked.strict_goals else (),
        goals_rank=checked.goals_rank, roles=checked.roles, known=Known.of(checked),
        norms=graph.norms, beaten=_beaten(graph), by_kind=_index(graph.norms),
        names=frozenset(checked.tools).union(*map(_mentioned, acts)),
        settings=checked.settings, constraints=checked.constraints, directives=checked.directives,
        loans=checked.loans, histories=histories, debts=debts,
        reads=frozenset(_reads([*by_op["void"], *by_op["field"], *by_op["judged"]])),
        origins=_origins([*by_op["quotes"], *by_op["came from"]]),
        looks=tuple(dict.fromkeys(_looks(checked, terms))),
    )  # fmt: skip


def _beaten(graph: PriorityGraph) -> tuple[Mapping[int, str], ...]:
    beaten: list[dict[int, str]] = [{} for _ in graph.norms]
    for (winner, loser), edge in graph.edges.items():
        beaten[loser][winner] = edge.reason
    return tuple(beaten)


def _index(norms: Sequence[Norm]) -> Index:
    index: dict[str, dict[str, list[int]]] = {kind: {} for kind in KINDS}
    for number, norm in enumerate(norms):
        for kind in KINDS if norm.act.kind == "step" else (norm.act.kind,):
            names = names_of(norm.act, kind)
            for name in ("",) if names is None else sorted(names):
                index[kind].setdefault(name, []).append(number)
    return index


def _mentioned(act: Act) -> frozenset[str]:
    return (act.tools or frozenset()) | (act.roles or frozenset())


# ---- what conditions ask


def _once(terms: Iterable[Term]) -> tuple[Any, ...]:
    """What terms ask of the past, each once, by their ids."""
    found = {term.value.id: term.value for term in terms}
    return tuple(found[name] for name in sorted(found))


def _of_the_past(histories: Iterable[History], debts: Iterable[Debt]) -> Iterator[Act]:
    """The acts that are remembered."""
    for history in histories:
        yield history.what.act
        yield from [history.since.act] if history.since is not None else []
    for debt in debts:
        yield from (debt.owed.act, debt.after.act)


def _looks(checked: Checked, terms: Iterable[Term]) -> Iterator[Look]:
    """All that texts are searched for."""
    for term in terms:
        look = look_of(term)
        if look is not None:
            yield look
    yield from (("matches", one.patterns) for one in checked.directives if one.patterns)
    for norm in (*checked.norms, *(one.norm for one in checked.directives)):
        if isinstance(norm, Norm) and norm.remedy.kind == "redact":
            yield from redacting(norm)


def _origins(terms: Iterable[Term]) -> tuple[Wanted, ...]:
    """What conditions ask of where values come from, each once."""
    return tuple(sorted({Wanted(one.op, *one.value) for one in terms}, key=repr))


def _reads(terms: Iterable[Term]) -> Iterator[str]:
    for term in terms:
        if term.op == "void":
            yield VOID
        elif term.op == "field" and term.value == "called":
            yield CALLED
        elif term.op == "judged":
            yield JUDGED


def every_term(of: Checked | Outline) -> Iterator[Term]:
    """Every term of a policy, those about past steps included."""
    todo = list(_all_terms(of))
    while todo:
        term = todo.pop()
        yield term
        todo += term.args
        if term.op == "past":
            todo += _inside(term.value.what, term.value.since)
            todo += [term.value.of] if term.value.of is not None else []
        elif term.op == "overdue":
            todo += _inside(term.value.owed, term.value.after)


def _all_terms(checked: Checked | Outline) -> Iterator[Term]:
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
