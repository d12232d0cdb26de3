"""A policy as the verifier sees it: norms, directives and loans from its checked form.

Whether a single condition holds is taken on trust (`remit.program.conditions`); what has to hold
for a norm or a loan to count is told here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from remit.checked.model import Act, Constraint, Directive, Loan, Norm, Term
from remit.program.conditions import compile_term, compile_truth
from remit.program.values import UNKNOWN, Truth, every, negation, some
from remit.program.view import Known, View
from remit.text.patterns import Matcher
from remit.verify.said import Said
from remit.verify.watched import Watched
from remit.verify.winners import Winners, lifts

if TYPE_CHECKING:
    from remit.policy import Policy

Tests = list[Callable[[View], Truth]]


class World:
    """What a policy holds, with its conditions compiled once."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.checked = checked = policy.checked
        self.contexts = dict(checked.contexts)
        self.known = Known.of(checked)
        self.none = len(checked.chain)
        self.winners = Winners(checked)
        self.norms = {norm.id: norm for norm in checked.norms}
        self.directives = {one.id: one for one in checked.directives}
        self.matchers = {one.id: Matcher(one.patterns) for one in checked.directives}
        self.loans = {one.id: one for one in checked.loans}
        patterns = [one.norm for one in checked.directives if isinstance(one.norm, Norm)]
        self.tests = {id(one): self._tests(one.act.where, one.where, one.unless)
                      for one in (*checked.norms, *patterns)}  # fmt: skip
        self.lends = {one.id: self._tests(one.act.where, one.where) for one in checked.loans}
        self.reached = {one.id: self._tests(one.only.where, one.only_where)
                        for one in checked.loans if one.only is not None}  # fmt: skip
        self.labels = {id(one): self._tests(one.act.where, one.where) for one in checked.labels}
        self.watched = Watched(checked, self.test_of)
        held = [*checked.constraints, *(one.norm for one in checked.directives)]
        self.values = {id(one): compile_term(one.value, self.contexts)
                       for one in held if isinstance(one, Constraint)}  # fmt: skip

    def _tests(self, first: Term | None, second: Term | None, unless: Term | None = None) -> Tests:
        tests = [compile_truth(term, self.contexts) for term in (first, second) if term is not None]
        if unless is not None:
            holds = compile_truth(unless, self.contexts)
            tests.append(lambda view: negation(holds(view)))
        return tests

    def rank(self, level: str) -> int | None:
        """The rank of a level, 0 the strongest; None where there is no such level."""
        names = (*self.checked.chain, "none")
        return names.index(level) if level in names else None

    @property
    def reads_void(self) -> bool:
        """Whether a condition of a norm asks for void directives."""
        return any(_has_void(term) for term in self._conditions())

    @property
    def reads_past(self) -> bool:
        """Whether anything can depend on what came before a step."""
        checked = self.checked
        said = checked.directives or checked.loans or checked.settings
        asks = self.asks or any(_asks_for_past(term) for term in self._conditions())
        return bool(said) or asks

    @cached_property
    def asks(self) -> bool:
        """Whether anybody can be asked about a call."""
        return any("ask" in (norm.remedy.kind, norm.if_unknown) for norm in self._every_norm())

    def _every_norm(self) -> Iterator[Norm]:
        yield from (norm for norm in self.checked.norms)
        yield from (one.norm for one in self.checked.directives if isinstance(one.norm, Norm))

    def _conditions(self) -> Iterator[Term]:
        for norm in self._every_norm():
            yield from (one for one in (norm.act.where, norm.where, norm.unless) if one is not None)

    def held_by(self, said: Said, spoken: Iterable[Said]) -> list[int]:
        """The strengths of the norms that a permit could lift, of those that stand and of others.

        Of a permit that could lift nothing, and of what is no permit, there are none.
        """
        norm = said.norm
        if norm is None or norm.modality != "permit":
            return []
        others = [one.norm for one in spoken if one.norm is not None]
        return [one.strength for one in (*self.norms.values(), *others) if lifts(norm, one)]

    # ---- whether something holds of a step

    def applies(self, norm: Norm, view: View) -> Truth:
        """Whether all holds that a standing norm asks of a step."""
        return every(self._parts(norm.act, self.tests[id(norm)], view))

    def says(self, said: Said, view: View) -> Truth:
        """Whether a spoken norm on steps applies to one: surely said, and within its loan."""
        norm = said.directive.norm
        assert isinstance(norm, Norm), "asked only of norms on steps"
        bind(view, said.directive, said.words)
        loan = self.loans.get(said.loan or "")
        within: Truth = True if loan is None else self.reaches(loan, view)
        if within is False:
            return False
        known: Truth = True if said.certain else UNKNOWN
        return every((within, known, self.applies(norm, view)))

    def reaches(self, loan: Loan, view: View) -> Truth:
        """Whether a step is what a loan is for."""
        if loan.only is None:
            return loan.setting is None
        return every(self._parts(loan.only, self.reached[loan.id], view))

    def lends_to(self, loan: Loan, view: View) -> Truth:
        """Whether a loan, or a revocation, is about the texts of a step."""
        return every(self._parts(loan.act, self.lends[loan.id], view))

    def test_of(self, act: Act, where: Term | None) -> Callable[[View], Truth]:
        """Whether a step is an act and meets a condition besides."""
        tests = self._tests(act.where, where)
        return lambda view: every(self._parts(act, tests, view))

    def _parts(self, act: Act, tests: Tests, view: View) -> Iterator[Truth]:
        yield act.kind in ("step", view.kind)
        names = {"call": act.tools, "result": act.tools, "message": act.roles}.get(view.kind)
        if names is not None:
            yield UNKNOWN if view.unnamed else (view.tool or view.role) in names
        yield act.agents is None or getattr(view.step, "to", "") in act.agents
        if act.label is not None:
            yield some(every(self._parts(one.act, self.labels[id(one)], view))
                       for one in self.checked.labels if one.name == act.label)  # fmt: skip
        if act.effects:
            tool = self.checked.tools.get(view.tool)
            yield UNKNOWN if tool is None else act.effects <= tool.effects
        for test in tests:
            yield test(view)


def bind(view: View, directive: Directive, words: tuple[tuple[str, object], ...] | None) -> None:
    """Let conditions find the words of a directive; those that are not known are unknown."""
    known = dict(words or ())
    for word in directive.words:
        view.variables[directive.variable(word)] = known.get(word, UNKNOWN)


def _has_void(term: Term) -> bool:
    return term.op == "void" or any(map(_has_void, term.args))


def _asks_for_past(term: Term) -> bool:
    asks = term.op in ("void", "asked", "setting", "confirmed")
    return asks or any(map(_asks_for_past, term.args))
