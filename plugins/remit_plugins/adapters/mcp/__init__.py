"""Remit in servers of MCP: each call of a tool, what it gives, resources and prompts.

`middleware` is for the MCP SDK; `remit_plugins.adapters.fastmcp` is for FastMCP, and `gateway`
holds any other server, from before it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any

from remit.host.coding import AT_HAND
from remit_plugins.adapters.mcp.flow import Flow
from remit_plugins.adapters.mcp.gates import Gates
from remit_plugins.adapters.mcp.sdk import GAPS, POINTS, Middleware
from remit_plugins.adapters.needs import need

if TYPE_CHECKING:
    from remit.host.guard import Guard

__all__ = ["GAPS", "POINTS", "middleware"]


def middleware(
    guard: Guard, *, agent: str = "", conversation: Callable[[Any], str] | None = None,
    context: Callable[[Any], Mapping[str, Any]] | None = None,
    people: Collection[str] = AT_HAND, hide: Collection[str] = (),
) -> Middleware:  # fmt: skip
    """Middleware that holds a server of the MCP SDK to the policy of a guard. Give it last.

    A session of the protocol is a conversation. Where there is none (a pipe, and HTTP since
    2026-07-28) it is whoever signed in, or all clients together; `conversation` may name it, from
    the request's context, and `context` declares of it. `people` are those who sit at the client:
    what asks them, and only them, is asked there, unless the guard has approvers. `hide` are tools,
    or patterns of their names, that lists do not show; whether they may be called the policy says.
    Raises `MissingError` where the SDK is not installed.
    """
    need("mcp.server", "mcp")
    gates = Gates(guard, agent, conversation, context)
    return Middleware(guard, Flow(gates, people), hide)
