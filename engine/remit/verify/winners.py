"""Who wins among the norms that apply to a step, and what follows (semantics 3 and 4).

Told from the fields of norms alone, standing or spoken; whether a norm applies is given. Norms go
by a key: their id, made different where two spoken norms have the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import permutations

from remit.checked.model import Checked, Norm
from remit.program.values import UNKNOWN, Truth

SEVERITY = (("halt",), ("deny",), ("ask",), ("rewrite", "redact"), ("warn",), ("allow",))
CAUTION = {"forbid": 0, "default": 0, "require": 1, "protect": 2, "permit": 3}  # 0 wins
VIOLABLE = ("forbid", "require", "default")
Norms = Mapping[str, Norm]  # by key
Truths = Mapping[str, Truth]  # of the norms that apply, by key
Row = Mapping[str, str]  # of `defeated`


def lifts(permit: Norm, other: Norm) -> bool:
    """Whether a permit speaks on what another norm holds back (semantics 3)."""
    if other.modality not in VIOLABLE or other.author > permit.author:
        return False
    named = other.id in permit.lifts if permit.lifts else other.act.key == permit.act.key
    return named or other.modality == "default"


def opposed(one: Norm, other: Norm) -> bool:
    """Whether two norms that apply to one step pull apart."""
    return any(b.id in a.overrides or _opens(a, b) for a, b in permutations((one, other)))


def _opens(opener: Norm, other: Norm) -> bool:
    if opener.modality == "protect":
        return other.modality in VIOLABLE
    return opener.modality == "permit" and lifts(opener, other)


def _excepts(one: Norm, other: Norm) -> bool:
    """Whether one says that it overrides the other; a default yields to whatever opens."""
    yields = other.modality == "default" and one.modality not in VIOLABLE
    return yields or other.id in one.overrides


class Winners:
    """The order among norms: the chain's, what was said when, the goals where they are strict."""

    def __init__(self, checked: Checked) -> None:
        self.goals = checked.goals if checked.strict_goals else ()
        self.goals_rank = checked.goals_rank

    def tell_apart(self, one: Norm, other: Norm) -> tuple[str, Norm]:
        """The first reason that tells two opposing norms apart, and whom it favours."""
        if one.strength != other.strength:
            return "authority", min(one, other, key=lambda norm: norm.strength)
        excepted = [a for a, b in permutations((one, other)) if _excepts(a, b)]
        if len(excepted) == 1:
            return "exception", excepted[0]
        if (one.said is None) != (other.said is None):
            return "spoken", other if one.said is None else one
        if one.said is not None and other.said is not None and one.said != other.said:
            return "later", one if one.said > other.said else other
        ranks = self.goal(one.goal, one.strength), self.goal(other.goal, other.strength)
        if None not in ranks and ranks[0] != ranks[1]:
            return "goal", min(one, other, key=lambda norm: self.goals.index(str(norm.goal)))
        return "caution", min(one, other, key=lambda norm: (CAUTION[norm.modality], norm.id))

    def goal(self, name: str | None, strength: int) -> int | None:
        """The rank of a goal, 0 the highest; None where it decides nothing at this strength."""
        if name not in self.goals or strength < self.goals_rank:
            return None
        return self.goals.index(name)

    def in_force(self, norms: Norms) -> list[str]:
        """Grounded: in once every norm that beats it is out, out once one of them is in."""
        beaters: dict[str, list[str]] = {name: [] for name in norms}
        for (mine, a), (yours, b) in permutations(norms.items(), 2):
            if opposed(a, b) and self.tell_apart(a, b)[1] is a:
                beaters[yours].append(mine)
        state: dict[str, bool] = {}
        while True:
            before = len(state)
            for name in (one for one in norms if one not in state):
                seen = [state.get(one) for one in beaters[name]]
                if True in seen or None not in seen:
                    state[name] = True not in seen
            if len(state) == before:
                return [name for name in state if state[name]]

    def unlicensed(self, row: Row, norms: Norms, in_force: Iterable[str]) -> str | None:
        """Why a claimed defeat is none, or is another one; of norms with one id one is enough."""
        by, said = row["by"], row["norm"]
        winners = [name for name, norm in norms.items() if norm.id == by]
        if not winners:
            return f"`{by[:200]}` does not apply"
        losers = [name for name, norm in norms.items() if norm.id == said]
        force = set(in_force)
        found = [self._why_not(row["reason"], a, b, norms, force) for a in winners for b in losers]
        return None if None in found else found[0]

    def _why_not(
        self, told: str, winner: str, loser: str, norms: Norms, force: set[str]
    ) -> str | None:
        one, other = norms[winner], norms[loser]
        if one is other or not opposed(one, other):
            return "the two do not oppose each other"
        reason, favoured = self.tell_apart(one, other)
        if favoured is not one:
            return f"`{other.id}` beats `{one.id}` by {reason}"
        if reason != told:
            return f"{reason} decides first"
        return None if winner in force else f"`{one.id}` is not in force"


def remedies(norms: Norms, in_force: Iterable[str], truths: Truths) -> dict[str, str]:
    """The norms in force that the step violates, with the remedy that each asks for."""
    wrong = {name: norms[name] for name in in_force if norms[name].modality in VIOLABLE}
    unsure = {name: norm.if_unknown for name, norm in wrong.items() if truths[name] is UNKNOWN}
    return {name: unsure.get(name) or norm.remedy.kind for name, norm in wrong.items()}


def verdict(asked: Mapping[str, str]) -> tuple[str, list[str]]:
    """The gravest remedy among what is violated, and the norms in force that ask for it."""
    for kinds in SEVERITY:
        deciding = [name for name, kind in asked.items() if kind in kinds]
        if deciding:
            return min((asked[name] for name in deciding), key=kinds.index), deciding
    return "allow", []


def places(norms: Norms) -> Iterator[str]:
    """Keys in the order in which changes are made: the strongest first, then what was said last.

    Standing norms of equal strength keep their order.
    """

    def place(name: str) -> tuple[int, int, int, int]:
        norm = norms[name]
        step, at = norm.said or (0, 0)
        return norm.strength, norm.said is None, -step, -at

    yield from sorted(norms, key=place)
