"""The resolver: which of the norms that apply are in force, and what follows (semantics 4).

Works on numbers and bit masks only. The reference definition in the tests says the same in the
words of the semantics; the verifier says it a third time, from the record.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from remit.checked.model import DEFAULT, HOLDS_BACK, WEIGHT, Norm
from remit.program.model import Program, Rule
from remit.program.values import UNKNOWN, Truth

ALLOW = "allow"


class Applied(NamedTuple):
    """A rule that applies, and whether that is sure (True) or rests on an unknown."""

    rule: Rule
    truth: Truth


class Outcome(NamedTuple):
    """What the norms that apply come to. `defeated` maps a loser's index to its winner's."""

    verdict: str
    in_force: tuple[Applied, ...]
    defeated: dict[int, int]
    decided_by: tuple[Applied, ...]


def counts(norm: Norm, truth: Truth) -> bool:
    """Whether a norm takes part: an unknown makes what holds back apply and what opens not.

    `if unknown allow` turns that round for its clause.
    """
    if truth is not UNKNOWN:
        return bool(truth)
    if norm.modality in HOLDS_BACK:
        return norm.if_unknown != ALLOW
    return norm.if_unknown == ALLOW


def remedy_kind(norm: Norm, truth: Truth) -> str:
    """The verdict that a violated norm asks for."""
    if truth is UNKNOWN and norm.if_unknown is not None:
        return norm.if_unknown
    return norm.remedy.kind


def violated(outcome: Outcome) -> list[Applied]:
    """The norms in force that the step violates."""
    return [one for one in outcome.in_force if one.rule.norm.modality in HOLDS_BACK]


def resolve(program: Program, applied: Sequence[Applied]) -> Outcome:
    """The outcome for the norms that apply, given in the order of their numbers."""
    in_force: list[Applied] = []
    defeated: dict[int, int] = {}
    force = 0
    for one in applied:
        index = one.rule.index
        beaters = program.beaten_by[index] & force
        if beaters:
            defeated[index] = (beaters & -beaters).bit_length() - 1
        else:
            in_force.append(one)
            force |= 1 << index
    verdict, decided_by = _verdict(in_force, defeated, program)
    return Outcome(verdict, tuple(in_force), defeated, decided_by)


def _verdict(
    in_force: Sequence[Applied], defeated: dict[int, int], program: Program
) -> tuple[str, tuple[Applied, ...]]:
    """The most severe remedy among what is violated; else what the permits opened."""
    wrong = [one for one in in_force if one.rule.norm.modality in HOLDS_BACK]
    if wrong:
        kinds = [remedy_kind(one.rule.norm, one.truth) for one in wrong]
        most = max(WEIGHT[kind] for kind in kinds)
        pairs = zip(wrong, kinds, strict=True)
        deciding = tuple(one for one, kind in pairs if WEIGHT[kind] == most)
        return _name(kinds, most), deciding
    winners = set(defeated.values())
    opened = tuple(one for one in in_force if one.rule.index in winners)
    return ALLOW, opened or tuple(one for one in in_force if one.rule.norm.modality != DEFAULT)


def _name(kinds: Sequence[str], weight: int) -> str:
    """The verdict of a weight; redact and rewrite weigh the same, and a rewrite names both."""
    names = {kind for kind in kinds if WEIGHT[kind] == weight}
    return "rewrite" if names == {"redact", "rewrite"} else names.pop()
