"""Which constraints on a setting are in force, and the value that is left (semantics 5)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any

from remit.checked.model import Constraint, Setting
from remit.graph.reasons import AUTHORITY, CAUTION, GOAL, LATER, SPOKEN
from remit.program.domain import ABSENT, EVERY, Domain, whole
from remit.program.values import UNKNOWN

if TYPE_CHECKING:
    from remit.program.view import View
    from remit.state.model import State
    from remit.state.sayings import Saying


@dataclass(frozen=True, slots=True)
class Claim:
    """A constraint that someone makes here: a clause's, or a spoken one (`said`)."""

    id: str
    strength: int
    op: str
    value: Any
    goal: str | None = None
    said: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Lost:
    """A constraint that is not in force, with what it gave way to and why.

    What names no value of the setting's type gives way to the setting itself, `by` is its name.
    """

    id: str
    by: str
    reason: str


@dataclass(slots=True)
class InForce:
    """A setting: its value (`UNKNOWN` where nothing singles one out) and what is left, in words.

    `claims` are the constraints in force, the strongest first. `doubtful` are those that leave it
    unknown: their value is, or they contradict each other and nothing tells them apart.
    """

    name: str
    value: Any
    words: str
    claims: list[Claim] = field(default_factory=list)
    lost: list[Lost] = field(default_factory=list)
    doubtful: list[str] = field(default_factory=list)


def in_force(state: State, name: str, view: View) -> InForce:
    """What a setting comes to at a step."""
    setting = state.program.settings[name]
    found = _Narrowing(name, whole(setting.type), state.program.goals)
    for strength, claims in groupby(_claims(state, name, view), key=lambda one: one.strength):
        if not found.take(list(claims), ordered=strength >= state.program.goals_rank):
            break
    value = UNKNOWN if found.doubtful else found.domain.in_force(_default(setting))
    words = "unknown" if found.doubtful else found.domain.words()
    return InForce(name, value, words, found.claims, found.lost, found.doubtful)


def _default(setting: Setting) -> Any:
    return EVERY if setting.every else setting.default


def _claims(state: State, name: str, view: View) -> list[Claim]:
    """Everything said about a setting, from the strongest down; spoken before standing, later
    before earlier."""
    claims = [
        Claim(one.constraint.id, one.constraint.strength, one.constraint.op,
              _safely(one.value, view), one.constraint.goal)
        for one in state.program.setters.get(name, ())
    ] + [_spoken(one, view) for one in state.sayings.values() if sets(one) == name]  # fmt: skip
    return sorted(claims, key=_place)


def sets(saying: Saying) -> str | None:
    """The setting that a saying is about."""
    norm = saying.directive.norm
    return norm.setting if isinstance(norm, Constraint) else None


def _spoken(saying: Saying, view: View) -> Claim:
    norm = saying.directive.norm
    assert isinstance(norm, Constraint), "asked only of what sets a setting"
    assert saying.value is not None, "what sets a setting has a value"
    value = _safely(saying.value, view)
    return Claim(saying.id, saying.strength, norm.op, value, norm.goal, saying.order)


def _safely(value: Callable[[View], Any], view: View) -> Any:
    try:
        return value(view)
    except Exception:  # noqa: BLE001 - as in conditions: what fails is unknown
        return UNKNOWN


def _place(claim: Claim) -> tuple[Any, ...]:
    if claim.said is None:
        return (claim.strength, 1, 0, 0, claim.id)
    return (claim.strength, 0, -claim.said[0], -claim.said[1], claim.id)


class _Narrowing:
    """A domain that claims narrow, the strongest first."""

    def __init__(self, name: str, domain: Domain, goals: Sequence[str]) -> None:
        self.name = name  # of the setting
        self.domain = domain
        self.goals = goals
        self.claims: list[Claim] = []
        self.lost: list[Lost] = []
        self.doubtful: list[str] = []

    def take(self, claims: list[Claim], *, ordered: bool) -> bool:
        """Take the claims of one strength; false where the setting is unknown from here."""
        for _, alike in groupby(claims, key=lambda one: one.said):
            if not all(self.group(group) for group in self.groups(list(alike), ordered)):
                return False
        return True

    def groups(self, claims: list[Claim], ordered: bool) -> Iterator[list[Claim]]:
        """Claims that nothing tells apart; by their goals, where each of them serves one."""
        if not ordered or any(one.goal not in self.goals for one in claims):
            yield claims
            return
        for goal in self.goals:
            yield [one for one in claims if one.goal == goal]

    @property
    def is_settled(self) -> bool:
        """Whether stronger claims leave one value, so that no weaker one matters."""
        return self.domain.only is not ABSENT

    def group(self, claims: list[Claim]) -> bool:
        """Narrow by claims of one rank; together they must leave a value, or none is in force."""
        fitting = []
        for claim in claims:
            left = self.narrowed(self.domain, claim)
            if left is UNKNOWN:
                self.doubtful += [] if self.is_settled else [claim.id]
            elif left is None:
                self.give_way(claim)
            else:
                fitting.append(claim)
        if self.doubtful:
            return False
        left = self.fits(fitting)
        if left is None:
            self.doubtful += [one.id for one in fitting]
            return False
        self.domain = left
        self.claims += fitting
        return True

    def fits(self, claims: list[Claim]) -> Domain | None:
        """What all of them leave together."""
        left: Domain | None = self.domain
        for claim in claims:
            next_one = None if left is None else self.narrowed(left, claim)
            left = None if next_one is UNKNOWN else next_one
        return left

    def narrowed(self, domain: Domain, claim: Claim) -> Any:
        """What a claim leaves of a domain: None if nothing, UNKNOWN if it cannot be told."""
        if claim.value is UNKNOWN or claim.value is None:
            return UNKNOWN
        try:
            return domain.narrow(claim.op, claim.value)
        except ValueError:  # a value of another type
            return UNKNOWN

    def give_way(self, claim: Claim) -> None:
        """Note that a claim is not in force, and what it contradicts: a claim, or the type."""
        left = self.narrowed(whole(self.domain.kind), claim)
        for one in self.claims if left is not None else ():
            left = self.narrowed(left, one)
            if left is None:  # the stronger ones before it left something
                self.lost.append(Lost(claim.id, one.id, self.why(one, claim)))
                return
        self.lost.append(Lost(claim.id, self.name, AUTHORITY))

    def why(self, winner: Claim, loser: Claim) -> str:
        """Which of the six reasons tells the two apart."""
        if winner.strength != loser.strength:
            return AUTHORITY
        if winner.said != loser.said:
            return SPOKEN if loser.said is None else LATER
        return GOAL if winner.goal != loser.goal else CAUTION
