"""Remit as middleware of LangChain agents, and for the tools and models of LangGraph graphs.

The framework is imported when the middleware is made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from remit_plugins.adapters.langchain.hooks import GAPS, POINTS, Hooks
from remit_plugins.adapters.langchain.state import state
from remit_plugins.adapters.needs import need

if TYPE_CHECKING:
    from remit.host.guard import Guard

__all__ = ["GAPS", "POINTS", "middleware"]


def middleware(
    guard: Guard, *, agent: str = "",
    conversation: Callable[[Mapping[str, Any]], str] | None = None,
    context: Callable[[Any], Mapping[str, Any]] | None = None,
) -> Any:  # fmt: skip
    """Middleware that holds an agent to the policy of a guard. Give it to `create_agent` last.

    Last, so that it sees calls and messages as they go on, after all other middleware. `agent`
    names the agent, if it is not the name that `create_agent` has. `conversation` gives the name of
    a conversation, from the configuration of the run (else its `thread_id`; without one each run is
    a conversation of its own); `context` what the host declares of it, from `runtime.context`. For
    a graph of your own, give `wrap_tool_call` and `awrap_tool_call` of it to `ToolNode`.

    Raises `MissingError` where LangChain is not installed.
    """
    types = need("langchain.agents.middleware", "langchain")
    made = type("RemitMiddleware", (Hooks, types.AgentMiddleware), {"state_schema": state()})
    return made(guard, agent=agent, conversation=conversation, context=context)
