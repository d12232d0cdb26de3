"""Which gate a hook of ADK is to ask: that of the session, or of an agent that a tool asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from remit.host.gate import Gate
    from remit.host.guard import Guard

# The gate that let the tool run in which we are, and the session that it is in: who starts another
# session from there is an agent. ADK runs each call in a context of its own.
_CALLER: ContextVar[tuple[Gate, str] | None] = ContextVar("remit_adk_caller", default=None)


def name_of(session: Any) -> str:
    """The name of a session's conversation: session ids are only told apart within a user."""
    parts = (session.app_name, session.user_id, session.id)
    return "/".join(quote(one, safe="") for one in parts)


@dataclass(slots=True)
class Gates:
    """The gates of a runner."""

    guard: Guard
    conversation: Callable[[Any], str]
    context: Callable[[Any], Mapping[str, Any]] | None
    _children: dict[str, Gate] = field(default_factory=dict)

    def of(self, session: Any, agent: str) -> Gate:
        """The gate of a session. Raises `ValueError` for a context that the policy lacks."""
        caller = self._caller(session)
        if caller is not None:
            found = self._children.get(session.id)
            return found or self._children.setdefault(session.id, self._handed(caller, agent))
        return self._opened(session, agent)

    def _opened(self, session: Any, agent: str) -> Gate:
        context = {} if self.context is None else self.context(session)
        return self.guard.gate(self.conversation(session), agent=agent, context=context)

    def _caller(self, session: Any) -> Gate | None:
        caller = _CALLER.get()
        return None if caller is None or caller[1] == session.id else caller[0]

    def _handed(self, caller: Gate, agent: str) -> Gate:
        if caller.guard is self.guard:
            return caller.hand_on(agent)
        made = self.guard.gate(agent=agent)  # under a policy of its own: only who speaks is less
        made.roles = {**made.roles, "user": "agent"}
        return made

    def is_child(self, session: Any) -> bool:
        """Whether the agent at hand was asked by a tool of another one."""
        return self._caller(session) is not None

    def closed(self, session: Any) -> None:
        """A run is over; a sub-agent's session is not used again."""
        if self.is_child(session):
            self._children.pop(session.id, None)


def enter(gate: Gate, session: Any) -> None:
    """A tool runs that the gate let go."""
    _CALLER.set((gate, session.id))


def leave() -> None:
    """It has run."""
    _CALLER.set(None)
