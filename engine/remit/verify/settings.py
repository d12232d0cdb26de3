"""Which constraints on a setting are in force, and the value that they leave (semantics 5).

What a constraint leaves of a set of values is taken on trust (`remit.program.domain`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from remit.checked.model import Constraint
from remit.program.domain import ABSENT, EVERY, Domain, whole
from remit.program.values import UNKNOWN
from remit.program.view import View
from remit.verify.said import Said
from remit.verify.world import World, bind


@dataclass(frozen=True, slots=True)
class Claim:
    """A constraint that someone makes here; its value is `UNKNOWN` where it is not known."""

    id: str
    strength: int
    op: str
    value: Any
    goal: int | None = None
    said: tuple[int, int] | None = None

    def leaves(self, domain: Domain) -> Domain | None:
        """What is left of the values; None where nothing is."""
        return domain.narrow(self.op, self.value)

    def turn(self) -> tuple[int, ...]:
        """ "From the strongest down; of equal strength spoken before standing, the later first"."""
        step, place = self.said or (-2, -2)  # what was said before a cut is of step -1
        return self.strength, -step, -place


@dataclass(slots=True)
class Found:
    """What a setting comes to: who is in force, who lost (to whom and why), who leaves it open."""

    domain: Domain
    in_force: list[Claim] = field(default_factory=list)
    lost: list[tuple[str, str, str]] = field(default_factory=list)
    unsettled: list[str] = field(default_factory=list)


def settled(world: World, said: Iterable[Said], name: str, view: View) -> Found:
    """A setting at a step, from what was said before it and what stands."""
    found = Found(whole(world.checked.settings[name].type))
    claims = sorted(_claims(world, said, name, view, found.domain), key=Claim.turn)
    for _, tied in groupby(claims, Claim.turn):
        for group in _by_goals(list(tied)):
            if not found.unsettled:
                _take(found, name, group)
    return found


def value_of(world: World, name: str, found: Found) -> Any:
    """The value in force; `UNKNOWN` where there is no single one."""
    if found.unsettled:
        return UNKNOWN
    setting = world.checked.settings[name]
    return found.domain.in_force(EVERY if setting.every else setting.default)


def row(world: World, name: str, found: Found) -> dict[str, Any]:
    """The setting as a record tells it."""
    value = value_of(world, name, found)
    known = value is not UNKNOWN
    return {
        "setting": name, "known": known,
        "value": ("every" if value is EVERY else value) if known else None,
        "left": "unknown" if found.unsettled else found.domain.words(),
        "in_force": [one.id for one in found.in_force], "unsettled": found.unsettled,
        "lost": [{"norm": one, "by": by, "reason": why} for one, by, why in found.lost],
    }  # fmt: skip


# ---- who makes a claim


def _claims(
    world: World, said: Iterable[Said], name: str, view: View, domain: Domain
) -> Iterator[Claim]:
    winners = world.winners
    for one in world.checked.constraints:
        if one.setting == name:
            value = _fitting(one.op, world.values[id(one)], view, domain)
            yield Claim(one.id, one.strength, one.op, value, winners.goal(one.goal, one.strength))
    for spoken in said:
        norm = spoken.directive.norm
        if isinstance(norm, Constraint) and norm.setting == name:
            value = _spoken(world, spoken, norm, view, domain)
            goal = winners.goal(norm.goal, spoken.strength)
            yield Claim(spoken.id, spoken.strength, norm.op, value, goal, spoken.order)


def _spoken(world: World, spoken: Said, norm: Constraint, view: View, domain: Domain) -> Any:
    if not spoken.certain:
        return UNKNOWN
    if spoken.handed:
        return _fitting(norm.op, lambda view: norm.value.value, view, domain)
    bind(view, spoken.directive, spoken.words)
    return _fitting(norm.op, world.values[id(norm)], view, domain)


def _fitting(op: str, value: Callable[[View], Any], view: View, domain: Domain) -> Any:
    """The value of a constraint; what fails, is absent or is of another type is unknown."""
    try:
        made = value(view)
        domain.narrow(op, made)
    except Exception:  # noqa: BLE001 - whatever a condition raises makes it unknown
        return UNKNOWN
    return UNKNOWN if made is None else made


# ---- who is in force


def _by_goals(tied: Sequence[Claim]) -> Iterator[list[Claim]]:
    """Those that nothing tells apart, together; goals do where each of them serves one."""
    goals = [one.goal for one in tied if one.goal is not None]
    if len(goals) < len(tied):
        yield list(tied)
        return
    for goal in sorted(set(goals)):
        yield [one for one in tied if one.goal == goal]


def _take(found: Found, name: str, group: Sequence[Claim]) -> None:
    """ "A constraint is in force unless it leaves no value together with those in force"."""
    known = [one for one in group if one.value is not UNKNOWN]
    fits = [one for one in known if one.leaves(found.domain) is not None]
    found.lost += [(one.id, *_lost_to(one, found, name)) for one in known if one not in fits]
    unknown = [one.id for one in group if one.value is UNKNOWN]
    if unknown and found.domain.only is ABSENT:
        found.unsettled += unknown
        return
    left: Domain | None = found.domain
    for one in fits:
        left = None if left is None else one.leaves(left)
    if left is None:
        found.unsettled += [one.id for one in fits]
        return
    found.domain, found.in_force = left, [*found.in_force, *fits]


def _lost_to(loser: Claim, found: Found, name: str) -> tuple[str, str]:
    """The one that took the loser's last value, going down from the strongest, and why it may."""
    left = loser.leaves(whole(found.domain.kind))
    if left is None:
        return name, "authority"  # no value of the type at all
    for one in found.in_force:
        left = one.leaves(left)
        if left is None:
            return one.id, _reason(one, loser)
    raise AssertionError("what does not fit lost its last value to somebody")


def _reason(winner: Claim, loser: Claim) -> str:
    if winner.strength != loser.strength:
        return "authority"
    if (winner.said is None) != (loser.said is None):
        return "spoken"
    if winner.said != loser.said:
        return "later"
    return "goal" if winner.goal != loser.goal else "caution"
