"""Which norms oppose each other, and who wins: semantics 3 and 4.

A pair that opposes is decided by the first reason that tells the two apart; caution always does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from remit.checked.norm import (
    DEFAULT,
    FORBID,
    HOLDS_BACK,
    PERMIT,
    PROTECT,
    REQUIRE,
    Act,
    Norm,
    Tool,
)  # fmt: skip
from remit.graph.reasons import AUTHORITY, CAUTION, EXCEPTION, GOAL, LATER, SPOKEN

# who holds back more: the smaller number wins where nothing else decides
CAUTIOUS = {FORBID: 0, DEFAULT: 0, REQUIRE: 1, PROTECT: 2, PERMIT: 3}


def opposes(first: Norm, second: Norm) -> bool:
    """Whether two norms pull apart on a step to which both apply."""
    if first.id in second.overrides or second.id in first.overrides:
        return True
    one, other = first, second
    if one.modality in HOLDS_BACK:
        one, other = other, one
    if one.modality in HOLDS_BACK or other.modality not in HOLDS_BACK:
        return False
    if one.modality == PROTECT:
        return True
    return one.modality == PERMIT and lifts(one, other)


def lifts(permit: Norm, other: Norm) -> bool:
    """Whether a permit speaks on what the other norm holds back (semantics 3).

    It does so only on the same act, on a clause it names, or against a default, and only where that
    was issued at or above the permit's own author: nobody opens what someone below closed for
    themselves.
    """
    if other.author > permit.author:
        return False
    if other.modality == DEFAULT:
        return True
    return other.id in permit.lifts or (not permit.lifts and other.act.key == permit.act.key)


def can_meet(first: Act, second: Act, tools: Mapping[str, Tool]) -> bool:
    """Whether one step could be both acts, as far as kinds, names and declared effects tell."""
    if "step" not in (first.kind, second.kind) and first.kind != second.kind:
        return False
    for mine, yours in ((first.roles, second.roles), (first.agents, second.agents)):
        if mine is not None and yours is not None and not mine & yours:
            return False
    return _share_a_tool(first, second, tools)


def _share_a_tool(first: Act, second: Act, tools: Mapping[str, Tool]) -> bool:
    if first.tools is None and second.tools is None:
        return True
    both = (first.tools or second.tools or frozenset()) & (
        second.tools or first.tools or frozenset()
    )
    effects = first.effects | second.effects
    return any(name not in tools or effects <= tools[name].effects for name in both)


def verdict(first: Norm, second: Norm, goals: Sequence[str]) -> list[tuple[bool, str]]:
    """Who beats whom among two that oppose: (first wins, reason), once or, for a circle, twice."""
    if first.strength != second.strength:
        return [(first.strength < second.strength, AUTHORITY)]
    ruled = [(True, EXCEPTION)] if _excepts(first, second) else []
    ruled += [(False, EXCEPTION)] if _excepts(second, first) else []
    if ruled:
        return ruled
    if first.said != second.said:
        return [_by_saying(first.said, second.said)]
    by_goal = _goal(first, second, goals)
    if by_goal is not None:
        return [(by_goal, GOAL)]
    mine, yours = CAUTIOUS[first.modality], CAUTIOUS[second.modality]
    return [((mine, first.id) < (yours, second.id), CAUTION)]


def _by_saying(first: tuple[int, int] | None, second: tuple[int, int] | None) -> tuple[bool, str]:
    """What is said beats what stands, and what was said later beats what was said before."""
    if first is None or second is None:
        return first is not None, SPOKEN
    return first > second, LATER


def _excepts(one: Norm, other: Norm) -> bool:
    """Whether one says that it beats the other; against a default every permit does."""
    return other.id in one.overrides or (
        other.modality == DEFAULT and one.modality not in HOLDS_BACK
    )


def _goal(first: Norm, second: Norm, goals: Sequence[str]) -> bool | None:
    if first.goal is None or second.goal is None or first.goal == second.goal or not goals:
        return None
    return goals.index(first.goal) < goals.index(second.goal)
