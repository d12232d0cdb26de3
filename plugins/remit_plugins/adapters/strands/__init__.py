"""Remit as a plugin of a Strands agent.

The framework is imported when the plugin is made.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from remit_plugins.adapters.needs import need
from remit_plugins.adapters.places import Place
from remit_plugins.adapters.strands.hooks import GAPS, POINTS, Hooks

if TYPE_CHECKING:
    from remit.host.guard import Guard

__all__ = ["GAPS", "POINTS", "plugin"]


def plugin(
    guard: Guard, conversation: str = "", *, agent: str = "", asked_by: str = "user",
    context: Mapping[str, Any] | None = None,
) -> Any:  # fmt: skip
    """A plugin that holds one agent to the policy of a guard. Give it last.

    Last, so that it sees calls and messages as they go on. An agent of Strands is one conversation;
    without a name it is one that cannot be found again, from another process for example. `agent`
    names the agent, if not as Strands does. `asked_by` is who gives it its tasks: `agent`, where it
    is a node of a graph or a swarm. `context` is what the host declares of the conversation.

    Raises `MissingError` where Strands is not installed, `ValueError` for a context that the policy
    does not declare.
    """
    base = need("strands.plugins", "strands").Plugin
    made = type("RemitPlugin", (Hooks, base), {"name": "remit"})
    gate = guard.gate(conversation, agent=agent, context=context)
    return made(Place(guard, agent, conversation, context), gate, asked_by)
