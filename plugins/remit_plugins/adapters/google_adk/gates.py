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
    _children: dict[str, Gate] = field(default_factory=dict)  # by invocation

    def of(self, where: Any, agent: str) -> Gate:
        """The gate of an invocation. Raises `ValueError` for a context that the policy lacks."""
        above, session = _above(where), where.session
        if above is not None and where.invocation_id in self._children:
            return self._children[where.invocation_id]
        if above is not None:
            made = handed(above, self.guard, agent)
            return self._children.setdefault(where.invocation_id, made)
        context = {} if self.context is None else self.context(session)
        return self.guard.gate(self.conversation(session), agent=agent, context=context)

    def closed(self, where: Any) -> None:
        """A run is over; that of a sub-agent does not go on."""
        self._children.pop(where.invocation_id, None)


def is_child(where: Any) -> bool:
    """Whether the agent at hand was asked by a tool of another one."""
    return _above(where) is not None


def _above(where: Any) -> Gate | None:
    """The gate of whoever called, unless it is this very invocation: a workflow within a tool.

    ADK runs each call in a context of its own, so a caller is never left over from before.
    """
    found = caller()
    return None if found is None or found.place == where.invocation_id else found.gate
