"""Counts what the decisions of scenarios show of a policy. What that comes to: `coverage.py`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from remit.checked.identity import canonical
from remit.checked.model import Constraint, Directive, Norm, Term
from remit.policy import Policy
from remit.program.rule import may_be
from remit.program.view import View
from remit.scenarios.coverage import (
    AtomCoverage,
    Coverage,
    DirectiveCoverage,
    NormCoverage,
    SetCoverage,
)
from remit.scenarios.model import ScenarioResult
from remit.scenarios.possible import can_be_said, can_be_void, can_lose
from remit.state.model import State
from remit.state.sayings import bind
from remit.verdict.model import Decision
from remit.verdict.terms import norm_atoms, told_truth

Pairs = Sequence[tuple[Term, AtomCoverage]]


def measure(policy: Policy, results: Iterable[ScenarioResult]) -> Coverage:
    """The coverage that the results of a run give."""
    tally = _Tally(policy)
    for result in results:
        for decision in result.decisions:
            tally.count(decision)
    norms, directives = tuple(tally.norms.values()), tuple(tally.directives.values())
    return Coverage(norms, directives, tuple(tally.sets.values()))


class _Tally:
    """Counts. A term that norms share, through a named act, belongs to the first of them."""

    def __init__(self, policy: Policy) -> None:
        checked, program = policy.checked, policy.ground.program
        self.norms = {one.id: NormCoverage(one) for one in sorted(checked.norms, key=_place)}
        self.directives = {
            one.id: DirectiveCoverage(one, can_be_said(program, one), can_be_void(program, one))
            for one in sorted(checked.directives, key=_place)
        }
        self.sets = {
            one.id: SetCoverage(one, can_lose(program, one))
            for one in sorted(checked.constraints, key=_place)
        }
        self.terms: dict[str, Pairs] = {}
        shared: dict[object, AtomCoverage] = {}
        for id, norm in self.norms.items():
            self.terms[id] = _atoms(norm.norm, shared, norm.atoms)
        for id, said in self.directives.items():
            norm_said = said.directive.norm
            if isinstance(norm_said, Norm):
                self.terms[id] = _atoms(norm_said, shared, said.atoms)

    def of(self, id: str) -> NormCoverage | DirectiveCoverage | SetCoverage:
        """What is counted for a norm; for a spoken one that is its directive."""
        if id in self.norms:
            return self.norms[id]
        return self.sets[id] if id in self.sets else self.directives[id.partition("@")[0]]

    def count(self, decision: Decision) -> None:
        """Add one decision."""
        for one in decision.outcome.decided_by:
            found = self.of(one.rule.norm.id)
            assert not isinstance(found, SetCoverage), "what sets a setting gives no verdict"
            found.decided += 1
        for norm in decision.in_force:
            self.of(norm).in_force += 1
        for defeat in decision.defeated:
            self.of(defeat.norm).lost += 1
        for setting in decision.settings:
            for claim in setting.claims:
                self.of(claim.id).in_force += 1
            for lost in setting.lost:
                self.of(lost.id).lost += 1
        self._count_said(decision)
        if decision.view is not None:
            self._count_terms(decision, decision.view)

    def _count_said(self, decision: Decision) -> None:
        """What is said counts where the step takes effect; what is void was tried anyway."""
        for said in decision.heard.sayings if decision else ():
            self.directives[said.directive.id].said += said.certain
        for void in decision.void:
            self.directives[void.directive].void += 1

    def _count_terms(self, decision: Decision, view: View) -> None:
        """The truths of terms; what a judge was not asked is unknown here, not false."""
        program, state = decision.ground.program, view.past
        spared, view.spared = view.spared, None
        unasked, view.unasked = view.unasked, {}
        asked = [rule for rule in program.candidates(view) if rule.is_act(view) is not False]
        pairs = {id(atom): (term, atom) for one in asked for term, atom in self.terms[one.norm.id]}
        for term, atom in pairs.values():
            atom.add(told_truth(program, term, view))
        for said in state.sayings.values() if isinstance(state, State) else ():
            rule = said.rule
            if rule is None or not may_be(rule.norm.act, program.key(view)):
                continue
            bind(view, said.directive, said.words)
            for term, atom in self.terms[said.directive.id] if rule.is_act(view) else ():
                if id(atom) not in pairs:
                    atom.add(told_truth(program, term, view))
        view.spared, view.unasked = spared, unasked


def _atoms(
    norm: Norm, shared: dict[object, AtomCoverage], own: list[AtomCoverage]
) -> list[tuple[Term, AtomCoverage]]:
    """The terms of a norm, each with what counts it; a new one is added to `own`."""
    return [(term, _atom(term, shared, own)) for term in norm_atoms(norm)]


def _atom(term: Term, shared: dict[object, AtomCoverage], own: list[AtomCoverage]) -> AtomCoverage:
    span = term.span
    place = (id(span.source), span.start, span.end) if span else id(term)
    if place not in shared:
        shared[place] = AtomCoverage(term.text or canonical(term), span)
        own.append(shared[place])
    return shared[place]


def _place(one: Norm | Directive | Constraint) -> tuple[str, int, str]:
    span = one.head or one.span
    return one.spec, span.start if span else 0, one.id
