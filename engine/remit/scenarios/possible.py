"""What can happen to a directive or to what a clause sets: so that coverage asks for no more.

Rough on the safe side: where it cannot be told, it is taken to be possible.
"""

from __future__ import annotations

from collections.abc import Iterator

from remit.checked.model import Constraint, Directive
from remit.checked.types import Type
from remit.program.contradictions import fixed_value
from remit.program.domain import whole
from remit.program.model import Program
from remit.program.values import UNKNOWN
from remit.state.model import State
from remit.state.sayings import needs

_CEILINGS, _FLOORS = ("<", "<="), (">", ">=")


def can_be_said(program: Program, directive: Directive) -> bool:
    """Whether some role, or some loan, has the authority that a directive needs."""
    return any(one is None for one in _lacking(program, directive))


def can_be_void(program: Program, directive: Directive) -> bool:
    """Whether some role, or some loan, has too little authority for what a directive lifts.

    In a text without authority every directive is void; that says nothing about the policy.
    """
    return any(one is not None for one in _lacking(program, directive))


def _lacking(program: Program, directive: Directive) -> list[int | None]:
    """What each rank lacks that someone speaks with."""
    ranks = {*program.roles.values(), *(one.loan.level for one in program.lendings)}
    return [lacking(program, directive, rank) for rank in ranks - {len(program.chain)}]


def lacking(program: Program, directive: Directive, rank: int) -> int | None:
    """The rank that a directive needs, None where the given one is enough to say it."""
    author = max(rank, directive.author)
    return needs(State.new(program), directive, author, _strength(directive, rank))


def _strength(directive: Directive, rank: int) -> int:
    return max(rank, directive.author, directive.weakest)


def can_lose(program: Program, one: Constraint) -> bool:
    """Whether something that beats a `set` norm can contradict it."""
    kind = program.settings[one.setting].type
    return any(_contradict(kind, one, rival) for rival in _rivals(program, one))


def _rivals(program: Program, one: Constraint) -> Iterator[Constraint]:
    """What beats a `set` norm where they contradict: standing norms, and what roles can say."""
    goals = program.goals if one.strength >= program.goals_rank else ()
    for setter in program.setters[one.setting]:
        other = setter.constraint
        if other.strength < one.strength or _higher_goal(goals, other, one):
            yield other
    loudest = min(program.roles.values(), default=len(program.chain))
    for template in program.templates.values():
        said = template.directive.norm
        strength = _strength(template.directive, loudest)
        if isinstance(said, Constraint) and said.setting == one.setting:
            yield from [said] if strength <= one.strength else []


def _higher_goal(goals: tuple[str, ...], other: Constraint, one: Constraint) -> bool:
    if other.strength != one.strength or other.goal not in goals or one.goal not in goals:
        return False
    return goals.index(str(other.goal)) < goals.index(str(one.goal))


def _contradict(kind: Type, one: Constraint, other: Constraint) -> bool:
    if any(one.op in group and other.op in group for group in _directions(kind)):
        return False
    first, second = fixed_value(one.value), fixed_value(other.value)
    if first is UNKNOWN or second is UNKNOWN:
        return True
    try:
        left = whole(kind).narrow(one.op, first)
        return left is None or left.narrow(other.op, second) is None
    except ValueError:
        return True


def _directions(kind: Type) -> tuple[tuple[str, ...], ...]:
    """Operators that always leave a value together; of sets the empty one, or all items."""
    return (("in", "<="), (">=",)) if kind.kind == "set" else (_CEILINGS, _FLOORS)
