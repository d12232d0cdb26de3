"""What the scenarios of a policy showed of it: which norms decided or lost, which terms were what.

Says only what was seen, never whether the expectations were good ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from remit.checked.acts import canonical
from remit.checked.model import Norm, Term
from remit.policy import Policy
from remit.program.model import Rule
from remit.program.values import UNKNOWN, Truth
from remit.program.view import View
from remit.scenarios.model import ScenarioResult
from remit.verdict.model import Decision
from remit.verdict.terms import atom_truth, norm_atoms
from remit_grammar.source import Span


@dataclass(slots=True)
class AtomCoverage:
    """How often a term of a norm was true, false and unknown where the norm was asked."""

    text: str
    span: Span | None = field(repr=False)
    true: int = 0
    false: int = 0
    unknown: int = 0

    def add(self, truth: Truth) -> None:
        """Count one truth."""
        if truth is UNKNOWN:
            self.unknown += 1
        elif truth is True:
            self.true += 1
        else:
            self.false += 1


@dataclass(slots=True)
class NormCoverage:
    """How often a norm gave the verdict, was in force, and lost; and its terms."""

    norm: Norm = field(repr=False)
    decided: int = 0
    in_force: int = 0
    lost: int = 0
    atoms: list[AtomCoverage] = field(default_factory=list)

    @property
    def goals(self) -> Iterator[tuple[bool, str, Span | None]]:
        """What there is to see: whether it was, what is missing if not, and where that stands."""
        norm = self.norm
        yield self.decided > 0, f"`{norm.name}` never decided", norm.head
        for atom in self.atoms:
            yield atom.true > 0, f"`{atom.text}` was never true in `{norm.name}`", atom.span
            yield atom.false > 0, f"`{atom.text}` was never false in `{norm.name}`", atom.span


@dataclass(frozen=True, slots=True)
class Coverage:
    """The coverage of all norms, in the order in which their files state them."""

    norms: tuple[NormCoverage, ...]

    @property
    def goals(self) -> list[tuple[bool, str, Span | None]]:
        """All that there is to see in the policy."""
        return [goal for norm in self.norms for goal in norm.goals]

    @property
    def unseen(self) -> list[tuple[str, Span | None]]:
        """What no scenario showed, with where it stands."""
        return [(text, span) for seen, text, span in self.goals if not seen]

    @property
    def percent(self) -> float:
        """The share of what was seen, from 0 to 100; 100 where there is nothing to see."""
        goals = self.goals
        return 100 * sum(seen for seen, _, _ in goals) / len(goals) if goals else 100.0

    def to_json(self) -> dict[str, Any]:
        """The coverage as plain data."""
        return {
            "percent": round(self.percent, 1),
            "norms": [_norm_json(one) for one in self.norms],
            "unseen": [
                {"what": text, "place": span.place if span else None} for text, span in self.unseen
            ],
        }


def _norm_json(one: NormCoverage) -> dict[str, Any]:
    return {
        "norm": one.norm.id,
        "decided": one.decided,
        "in_force": one.in_force,
        "lost": one.lost,
        "terms": [
            {"term": a.text, "true": a.true, "false": a.false, "unknown": a.unknown}
            for a in one.atoms
        ],
    }


def measure(policy: Policy, results: Iterable[ScenarioResult]) -> Coverage:
    """The coverage that the results of a run give."""
    tally = _Tally(policy)
    for result in results:
        for decision in result.decisions:
            tally.count(decision)
    return Coverage(tuple(tally.norms.values()))


class _Tally:
    """Counts. A term that norms share, through a named act, belongs to the first of them."""

    def __init__(self, policy: Policy) -> None:
        rules = sorted(policy.ground.program.rules, key=_place)
        self.norms = {rule.norm.id: NormCoverage(rule.norm) for rule in rules}
        self.terms: dict[str, list[tuple[Term, AtomCoverage]]] = {}
        shared: dict[object, AtomCoverage] = {}
        for rule in rules:
            norm = self.norms[rule.norm.id]
            atoms = norm_atoms(rule.norm)
            self.terms[rule.norm.id] = [(term, _atom(term, shared, norm)) for term in atoms]

    def count(self, decision: Decision) -> None:
        """Add one decision."""
        for norm in decision.decided_by:
            self.norms[norm].decided += 1
        for norm in decision.in_force:
            self.norms[norm].in_force += 1
        for defeat in decision.defeated:
            self.norms[defeat.norm].lost += 1
        if decision.view is not None:
            self._count_terms(decision, decision.view)

    def _count_terms(self, decision: Decision, view: View) -> None:
        program = decision.ground.program
        asked = [rule for rule in program.candidates(view) if rule.is_act(view) is not False]
        pairs = {id(atom): (term, atom) for one in asked for term, atom in self.terms[one.norm.id]}
        for term, atom in pairs.values():
            atom.add(atom_truth(program, term, view, {}))


def _atom(term: Term, shared: dict[object, AtomCoverage], norm: NormCoverage) -> AtomCoverage:
    span = term.span
    place = (id(span.source), span.start, span.end) if span else id(term)
    if place not in shared:
        shared[place] = AtomCoverage(term.text or canonical(term), span)
        norm.atoms.append(shared[place])
    return shared[place]


def _place(rule: Rule) -> tuple[str, int, str]:
    norm = rule.norm
    span = norm.head or norm.span
    return norm.spec, span.start if span else 0, norm.id
