"""What a program is made of: all that a decision may need, worked out when a policy is compiled.

An outline is data and no code: a stored policy is an outline that is read piece by piece.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from remit.checked.model import (
    Act,
    Checked,
    Constraint,
    Debt,
    Directive,
    Happening,
    History,
    Labelling,
    Loan,
    Norm,
    Setting,
    Term,
    conditions_of,
)  # fmt: skip
from remit.conversation.model import CALL, HANDOFF, MESSAGE, RESULT
from remit.graph.model import PriorityGraph
from remit.program.view import Known

KINDS = (MESSAGE, CALL, RESULT, HANDOFF)
# what conditions may ask for
ASKED = VOID, CALLED, ORIGINS, JUDGED = "void", "called", "origins", "judged"

Index = Mapping[str, Mapping[str, Sequence[int]]]


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """The parts of a program.

    `norms` are numbered, winners first; `beaten[i]` are the numbers of the norms that beat norm `i`
    where both apply, each with the reason. `index` has by kind of step, and by tool or role, the
    numbers of the norms that name it; those under "" may be of any. `names` are all tools, and the
    roles that a norm or a directive names. `goals` is empty where their order decides nothing.
    `reads` are those of `void`, `called`, `origins` and `judged` that a condition asks for.
    """

    chain: tuple[str, ...]
    goals: tuple[str, ...]
    goals_rank: int
    roles: Mapping[str, int]
    known: Known
    norms: Sequence[Norm]
    beaten: Sequence[Mapping[int, str]]
    index: Index
    names: frozenset[str]
    settings: Mapping[str, Setting]
    constraints: tuple[Constraint, ...]
    directives: tuple[Directive, ...]
    loans: tuple[Loan, ...]
    histories: tuple[History, ...]
    debts: tuple[Debt, ...]
    reads: frozenset[str]

    @property
    def labels(self) -> tuple[Labelling, ...]:
        """What gives steps their labels."""
        return self.known.labels


def outline_of(checked: Checked, graph: PriorityGraph) -> Outline:
    """The outline of a graph without circles."""
    terms = list(every_term(checked))
    spoken = [one.norm.act for one in checked.directives if isinstance(one.norm, Norm)]
    acts = [*(norm.act for norm in graph.norms), *spoken]
    return Outline(
        chain=checked.chain, goals=checked.goals if checked.strict_goals else (),
        goals_rank=checked.goals_rank, roles=checked.roles, known=Known.of(checked),
        norms=graph.norms, beaten=_beaten(graph), index=_index(graph.norms),
        names=frozenset(checked.tools).union(*map(_mentioned, acts)),
        settings=checked.settings, constraints=checked.constraints, directives=checked.directives,
        loans=checked.loans, histories=_once(terms, "past"), debts=_once(terms, "overdue"),
        reads=frozenset(_reads(terms)),
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


def names_of(act: Act, kind: str) -> frozenset[str] | None:
    """The tools or roles that an act is limited to in steps of a kind; None where any will do."""
    if kind in (CALL, RESULT):
        return act.tools
    return act.roles if kind == MESSAGE else None


def _mentioned(act: Act) -> frozenset[str]:
    return (act.tools or frozenset()) | (act.roles or frozenset())


# ---- what conditions ask


def _once(terms: Iterable[Term], op: str) -> tuple[Any, ...]:
    """What the terms of an operation ask of the past, each once, by their ids."""
    found = {term.value.id: term.value for term in terms if term.op == op}
    return tuple(found[name] for name in sorted(found))


def _reads(terms: Iterable[Term]) -> Iterator[str]:
    for term in terms:
        if term.op == "void":
            yield VOID
        elif term.op == "field" and term.value == "called":
            yield CALLED
        elif term.op in ("quotes", "came from"):
            yield ORIGINS
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
