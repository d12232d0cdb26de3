"""Which gate a request is for: that of its session, of who signed in, or of the server."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from remit_plugins.adapters.needs import need

if TYPE_CHECKING:
    from remit.host.gate import Gate
    from remit.host.guard import Guard

Name = Callable[[Any], str]
Declared = Callable[[Any], Mapping[str, Any]]


@dataclass(slots=True)
class Gates:
    """The gates of one server. `conversation` and `context` are given the request's context."""

    guard: Guard
    agent: str = ""
    conversation: Name | None = None
    context: Declared | None = None
    _own: str = field(default_factory=lambda: f"mcp:{os.urandom(8).hex()}")
    _closing: set[str] = field(default_factory=set)

    def of(self, context: Any) -> Gate:
        """The gate of a request's conversation. `context` is None for calls within the server."""
        declared = {} if self.context is None else self.context(context)
        return self.guard.gate(self._name(context), agent=self.agent, context=declared)

    def _name(self, context: Any) -> str:
        if self.conversation is not None:
            return self.conversation(context) or self._own
        connection = getattr(getattr(context, "session", None), "_connection", None)
        session = getattr(connection, "session_id", None)
        if isinstance(session, str) and session:
            self._close_with(connection, session)
            return session
        return f"{self._own}:{who}" if (who := person()) else self._own

    def _close_with(self, connection: Any, name: str) -> None:
        """Forget the conversation when its session ends."""
        stack = getattr(connection, "exit_stack", None)
        if stack is None or name in self._closing:
            return
        self._closing.add(name)

        def close() -> None:
            self._closing.discard(name)
            self.guard.close(name)

        stack.callback(close)


def person() -> str:
    """Who signed in for the request at hand; empty where nobody did."""
    token = need("mcp.server.auth.middleware.auth_context", "mcp").get_access_token()
    return str(getattr(token, "subject", None) or getattr(token, "client_id", None) or "")
