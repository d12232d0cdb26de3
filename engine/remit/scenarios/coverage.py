"""What the scenarios of a policy showed of it: which norms decided or lost, which terms were what.

Says only what was seen, never whether the expectations were good ones. `measure.py` counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from remit.checked.model import Constraint, Directive, Norm
from remit.program.values import UNKNOWN, Truth
from remit_grammar.source import Span

Goal = tuple[bool, str, Span | None]  # whether it was seen, what is missing if not, and its place


@dataclass(slots=True)
class AtomCoverage:
    """How often a term of a norm was true, false and unknown where the norm was asked."""

    text: str
    span: Span | None = field(repr=False)
    true: int = 0
    false: int = 0
    unknown: int = 0

    def add(self, truth: Truth | None) -> None:
        """Count one truth; none where the decision did not look at what it rests on."""
        if truth is None:
            return
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
    def goals(self) -> Iterator[Goal]:
        """What there is to see."""
        yield self.decided > 0, f"`{self.norm.name}` never decided", self.norm.head
        yield from _term_goals(self.norm.name, self.atoms)


@dataclass(slots=True)
class DirectiveCoverage:
    """How often a directive was said and void, and what became of the norms that were said.

    `can_be_said`: someone has the authority to; `can_be_void`: someone speaks with too little.
    """

    directive: Directive = field(repr=False)
    can_be_said: bool = True
    can_be_void: bool = True
    said: int = 0
    void: int = 0
    decided: int = 0
    in_force: int = 0
    lost: int = 0
    atoms: list[AtomCoverage] = field(default_factory=list)

    @property
    def goals(self) -> Iterator[Goal]:
        """What there is to see."""
        name, head = self.directive.name, self.directive.head
        if self.can_be_said:
            yield self.said > 0, f"`{name}` was never said", head
        if self.can_be_void:
            yield self.void > 0, f"`{name}` was never void", head
        yield from _term_goals(name, self.atoms)


@dataclass(slots=True)
class SetCoverage:
    """How often what a clause sets was in force and gave way; `can_lose`: something can beat it."""

    constraint: Constraint = field(repr=False)
    can_lose: bool = False
    in_force: int = 0
    lost: int = 0

    @property
    def goals(self) -> Iterator[Goal]:
        """What there is to see."""
        name, head = self.constraint.name, self.constraint.head
        yield self.in_force > 0, f"`{name}` was never in force", head
        if self.can_lose:
            yield self.lost > 0, f"`{name}` never gave way", head


def _term_goals(name: str, atoms: Sequence[AtomCoverage]) -> Iterator[Goal]:
    for atom in atoms:
        yield atom.true > 0, f"`{atom.text}` was never true in `{name}`", atom.span
        yield atom.false > 0, f"`{atom.text}` was never false in `{name}`", atom.span


@dataclass(frozen=True, slots=True)
class Coverage:
    """The coverage of all norms, in the order in which their files state them."""

    norms: tuple[NormCoverage, ...]
    directives: tuple[DirectiveCoverage, ...] = ()
    sets: tuple[SetCoverage, ...] = ()

    @property
    def goals(self) -> list[Goal]:
        """All that there is to see in the policy."""
        counted: list[NormCoverage | DirectiveCoverage | SetCoverage] = [
            *self.norms, *self.directives, *self.sets
        ]  # fmt: skip
        return [goal for one in counted for goal in one.goals]

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
            "directives": [_directive_json(one) for one in self.directives],
            "sets": [
                {"norm": one.constraint.id, "in_force": one.in_force, "lost": one.lost}
                for one in self.sets
            ],
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
        "terms": _terms_json(one.atoms),
    }


def _directive_json(one: DirectiveCoverage) -> dict[str, Any]:
    return {
        "directive": one.directive.id,
        "said": one.said,
        "void": one.void,
        "decided": one.decided,
        "in_force": one.in_force,
        "lost": one.lost,
        "terms": _terms_json(one.atoms),
    }


def _terms_json(atoms: Sequence[AtomCoverage]) -> list[dict[str, Any]]:
    return [{"term": a.text, "true": a.true, "false": a.false, "unknown": a.unknown} for a in atoms]
