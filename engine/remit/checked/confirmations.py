"""Whether a condition that asks for a confirmation can ever have one: somebody must be asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from remit.checked.model import (
    Constraint,
    Directive,
    Happening,
    Labelling,
    Loan,
    Norm,
    Term,
    conditions_of,
)
from remit.checked.names import listed
from remit_grammar.diagnostic import Diagnostic, Label, did_you_mean

ANYBODY = "a person"  # who is asked where a clause says `if unknown ask` and names nobody


def asked(norms: Sequence[Norm]) -> frozenset[str]:
    """Everybody whom some norm asks."""
    return frozenset(
        norm.remedy.who or ANYBODY for norm in norms
        if norm.remedy.kind == "ask" or norm.if_unknown == "ask"
    )  # fmt: skip


def check_confirmations(
    norms: Sequence[Norm], directives: Sequence[Directive], labels: Sequence[Labelling],
    loans: Sequence[Loan],
) -> Iterator[Diagnostic]:  # fmt: skip
    """Every `confirmed by` that nobody can fulfil: of people whom nobody asks, or of the past."""
    said = [one.norm for one in directives if not isinstance(one.norm, Constraint)]
    known = asked([*norms, *said])
    for term in (term for norm in (*norms, *said) for term in conditions_of(norm)):
        yield from _unasked(term, known)
        yield from _out_of_place(_pasts(term), "of the past")
    yield from _out_of_place([term for one in labels for term in (one.act.where, one.where)],
                             "that a label stands on")  # fmt: skip
    acts = [act for one in loans for act in (one.act, one.only) if act is not None]
    wheres = [where for one in loans for where in (one.where, one.only_where)]
    yield from _out_of_place([*(act.where for act in acts), *wheres], "that lends authority")


def _unasked(term: Term, known: frozenset[str]) -> Iterator[Diagnostic]:
    for one in _confirmed(term):
        if one.value not in known:
            near = did_you_mean(one.value, known)
            help = f"did you mean `{near}`?" if near else (
                f"asked are: {listed(sorted(known))}" if known
                else "a clause asks with `otherwise ask ...`"
            )  # fmt: skip
            message = f"nobody asks `{one.value}`, so no call is ever confirmed by them"
            yield Diagnostic("R0510", message, Label(one.span) if one.span else None, help=help)


def _out_of_place(terms: Sequence[Term | None], what: str) -> Iterator[Diagnostic]:
    for one in (one for term in terms if term is not None for one in _confirmed(term)):
        message = f"a step {what} is not asked whether it was confirmed"
        help = "ask it in a clause about that call"
        yield Diagnostic("R0510", message, Label(one.span) if one.span else None, help=help)


def _confirmed(term: Term) -> Iterator[Term]:
    if term.op == "confirmed":
        yield term
    for arg in term.args:
        yield from _confirmed(arg)


def _pasts(term: Term) -> list[Term | None]:
    """The conditions and values of past steps that a term asks for, theirs included."""
    found: list[Term | None] = []
    todo = [term]
    while todo:
        one = todo.pop()
        todo += one.args
        inner: list[Term | None] = []
        if one.op == "past":
            inner = [*_inside(one.value.what), *_inside(one.value.since), one.value.of]
        elif one.op == "overdue":
            inner = [*_inside(one.value.owed), *_inside(one.value.after)]
        found += inner
        todo += [each for each in inner if each is not None]
    return found


def _inside(happening: Happening | None) -> list[Term | None]:
    return [] if happening is None else [happening.act.where, happening.where, *happening.keys]
