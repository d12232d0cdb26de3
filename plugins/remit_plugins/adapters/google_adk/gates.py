"""Which gate a hook of ADK is to ask: that of the session, or of an agent that a tool asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from remit_plugins.adapters.callers import caller, handed

if TYPE_CHECKING:
    from remit.host.gate import Gate
    from remit.host.guard import Guard


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
        above = _above(session)
        if above is None:
            context = {} if self.context is None else self.context(session)
            return self.guard.gate(self.conversation(session), agent=agent, context=context)
        found = self._children.get(session.id)
        return found or self._children.setdefault(session.id, handed(above, self.guard, agent))

    def closed(self, session: Any) -> None:
        """A run is over; a sub-agent's session is not used again."""
        if is_child(session):
            self._children.pop(session.id, None)


def is_child(session: Any) -> bool:
    """Whether the agent at hand was asked by a tool of another one."""
    return _above(session) is not None


def _above(session: Any) -> Gate | None:
    found = caller()  # ADK runs each call in a context of its own
    return None if found is None or found.place == session.id else found.gate
