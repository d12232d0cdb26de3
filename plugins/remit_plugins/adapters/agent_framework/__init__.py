"""Remit as middleware of agents of Microsoft's Agent Framework, through its host of AGENT-HOOKS.

The framework is imported when the middleware is made.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from remit_plugins.adapters.agent_framework.hooks import GAPS, POINTS, Held
from remit_plugins.adapters.needs import need
from remit_plugins.adapters.places import Place

if TYPE_CHECKING:
    from remit.host.guard import Guard

__all__ = ["GAPS", "POINTS", "middleware"]


def middleware(
    guard: Guard, conversation: str = "", *, agent: str = "agent",
    context: Mapping[str, Any] | None = None,
) -> list[Any]:  # fmt: skip
    """Middleware that holds an agent to the policy of a guard. Put it first in the agent's list.

    First, for what is before it is outside. It is for one conversation: give it to the agent, or to
    a run. Without a name the conversation cannot be found again, from another process for example.
    `context` is what the host declares of the conversation.

    Raises `MissingError` where the framework or `agent-hooks-sdk` is not installed, `ValueError`
    for a context that the policy does not declare.
    """
    framework = need("agent_framework", "agent-framework")
    hooks = need("agent_hooks", "agent-framework")
    gate = guard.gate(conversation, agent=agent, context=context)
    held = Held(Place(guard, agent, conversation, context), gate)
    emitter = hooks.InterceptionEmitter(timeout=None)  # judges and approvers have their own time
    emitter.register(held)
    name = gate.conversation or f"{id(gate):x}"
    builder = hooks.AgentContextBuilder(
        agent_id=agent, agent_name=agent, framework="agent-framework", session_id=name
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # our page says that it is experimental
        bundle = framework.create_agent_hooks_middleware_from_emitter(emitter, builder)
    return held.around(bundle)
