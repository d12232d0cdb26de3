"""Who asked an agent: a tool of another agent, which a gate let go.

Frameworks run such an agent as any other, and its task as what a user says. But whoever calls an
agent from within a tool is an agent.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from remit.host.gate import Gate
    from remit.host.guard import Guard


@dataclass(frozen=True, slots=True)
class Caller:
    """The gate that let the tool run in which we are; `place` is where, as the framework has it."""

    gate: Gate
    place: str


_CALLER: ContextVar[Caller | None] = ContextVar("remit_caller", default=None)


def caller() -> Caller | None:
    """Who called; None where no tool did."""
    return _CALLER.get()


def enter(it: Caller | None) -> Caller | None:
    """A tool runs from here on. What was before comes back, to be entered again after it."""
    before = _CALLER.get()
    _CALLER.set(it)  # no token: what runs in turns ends in another context than it began in
    return before


@contextmanager
def calling(gate: Gate, place: str) -> Iterator[None]:
    """A tool runs in here."""
    before = enter(Caller(gate, place))
    try:
        yield
    finally:
        enter(before)


def handed(above: Gate, guard: Guard, agent: str) -> Gate:
    """A gate for an agent that another one asks: nobody speaks there above a user's level.

    Under a policy of its own, only who speaks is less.
    """
    if above.guard is guard:
        return above.hand_on(agent)
    made = guard.gate(agent=agent)
    made.roles = {**made.roles, "user": "agent"}
    return made
