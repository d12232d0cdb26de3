"""The resolver: which of the norms that apply are in force, and what follows (semantics 4).

Standing norms are numbers and bit masks; what was said stands between them, by its strength. The
reference definition in the tests says the same in the words of the semantics; the verifier says it
a third time, from the record.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from remit.checked.norm import DEFAULT, HOLDS_BACK, WEIGHT, Norm
from remit.program.bucket import MOST_OUTCOMES, Bucket
from remit.program.rule import Rule
from remit.program.values import UNKNOWN, Truth
from remit_grammar.value import thing

if TYPE_CHECKING:
    from remit.program.model import Program

ALLOW = "allow"
CHANGES = ("redact", "rewrite")  # remedies with which a step goes on, changed


class Applied(NamedTuple):
    """A rule that applies, and whether that is sure (True) or rests on an unknown."""

    rule: Rule
    truth: Truth


@thing
class Outcome:
    """What the norms that apply come to. `defeated` are pairs of a loser and what beat it.

    `by` are the ids of those that decided. `violated` are the norms in force that the step
    violates, `wrong` their ids, and `due` those among them that ask for a change of the step;
    `alters`: a step is changed, or asked about, with changes that are due.
    """

    verdict: str
    applied: tuple[Applied, ...] = ()
    in_force: tuple[Applied, ...] = ()
    defeated: tuple[tuple[Rule, Rule], ...] = ()
    decided_by: tuple[Applied, ...] = ()
    by: tuple[str, ...] = ()
    violated: tuple[Applied, ...] = ()
    wrong: frozenset[str] = frozenset()
    due: tuple[Applied, ...] = ()
    alters: bool = False


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


def resolve(program: Program, applied: Sequence[Applied]) -> Outcome:
    """The outcome for the norms that apply; the standing ones in the order of their numbers."""
    in_force: list[Applied] = []
    every, spoken = tuple(applied), list[Rule]()
    defeated: list[tuple[Rule, Rule]] = []
    force = 0
    if any(one.rule.norm.said for one in applied):
        applied = list(_in_order(program, applied))
    for one in applied:
        rule = one.rule
        standing = rule.norm.said is None
        beaters = (program.beaten_by[rule.index] if standing else rule.loses_to) & force
        winner = _said(program, rule, spoken) if spoken else None
        if beaters and winner is None:
            winner = program.rules[(beaters & -beaters).bit_length() - 1]
        if winner is not None:
            defeated.append((rule, winner))
            continue
        in_force.append(one)
        if standing:
            force |= 1 << rule.index
        else:
            spoken.append(rule)
    wrong = tuple(one for one in in_force if one.rule.norm.modality in HOLDS_BACK)
    verdict, decided_by = _verdict(in_force, defeated, wrong)
    due = tuple(one for one in wrong if remedy_kind(one.rule.norm, one.truth) in CHANGES)
    return Outcome(
        verdict, every, tuple(in_force), tuple(defeated), decided_by,
        by=tuple(one.rule.norm.id for one in decided_by), violated=wrong,
        wrong=frozenset(one.rule.norm.id for one in wrong), due=due,
        alters=bool(due) and verdict in ("ask", *CHANGES),
    )  # fmt: skip


def outcome_of(program: Program, bucket: Bucket, hits: int) -> Outcome:
    """The outcome where just these rules of a bucket apply; the bucket keeps it."""
    made = resolve(program, [Applied(rule, True) for rule in bucket.at(hits)])
    if len(bucket.outcomes) < MOST_OUTCOMES:
        bucket.outcomes[hits] = made
    return made


def _in_order(program: Program, applied: Sequence[Applied]) -> Iterator[Applied]:
    """Whoever can beat another comes first: by strength, then what was said later, then numbers."""
    for _, group in groupby(sorted(applied, key=_place), key=_place):
        rest = list(group)  # more than one only where one piece of text said several things
        while rest:
            free = [one for one in rest if not any(
                program.beats(other.rule, one.rule) for other in rest)]  # fmt: skip
            yield from free
            rest = [one for one in rest if one not in free]


def _place(one: Applied) -> tuple[int, int, int, int]:
    norm = one.rule.norm
    if norm.said is None:
        return norm.strength, 1, one.rule.index, 0
    return norm.strength, 0, -norm.said[0], -norm.said[1]


def _said(program: Program, rule: Rule, spoken: Sequence[Rule]) -> Rule | None:
    """The first spoken norm in force that beats a rule."""
    if rule.norm.said is None:
        return next((one for one in spoken if one.beats >> rule.index & 1), None)
    return next((one for one in spoken if program.beats(one, rule)), None)


def _verdict(
    in_force: Sequence[Applied], defeated: Sequence[tuple[Rule, Rule]], wrong: Sequence[Applied]
) -> tuple[str, tuple[Applied, ...]]:
    """The most severe remedy among what is violated; else what the permits opened."""
    if wrong:
        kinds = [remedy_kind(one.rule.norm, one.truth) for one in wrong]
        most = max(WEIGHT[kind] for kind in kinds)
        pairs = zip(wrong, kinds, strict=True)
        deciding = tuple(one for one, kind in pairs if WEIGHT[kind] == most)
        return _name(kinds, most), deciding
    winners = {winner for _, winner in defeated}
    opened = tuple(one for one in in_force if one.rule in winners)
    return ALLOW, opened or tuple(one for one in in_force if one.rule.norm.modality != DEFAULT)


def besides(violated: Sequence[Applied], kind: str) -> str:
    """The verdict of what is violated where nothing asks for one kind of remedy any more."""
    kinds = [remedy_kind(one.rule.norm, one.truth) for one in violated]
    left = [one for one in kinds if one != kind]
    return _name(left, max(WEIGHT[one] for one in left)) if left else ALLOW


def _name(kinds: Sequence[str], weight: int) -> str:
    """The verdict of a weight; redact and rewrite weigh the same, and a rewrite names both."""
    names = {kind for kind in kinds if WEIGHT[kind] == weight}
    return "rewrite" if names == {"redact", "rewrite"} else names.pop()
