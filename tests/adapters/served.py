"""The drivers for MCP: a loop that calls tools of a real server, through a real client."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from tests.adapters.contract import ASYNC, PAUSE, Ran, Script

from remit import Call
from remit.host.guard import Guard
from remit_plugins.adapters import fastmcp as fast
from remit_plugins.adapters import mcp as sdk
from remit_plugins.adapters.mcp.gateway import gateway

pytest.importorskip("mcp.server.mcpserver")

import mcp_types
from mcp import Client, MCPError
from mcp.server.mcpserver import MCPServer

Server = Callable[..., Any]  # of a guard and a script, and options of the middleware
MANAGER = ("manager",)


def with_sdk(guard: Guard, script: Script, **more: Any) -> MCPServer:
    """A server of the SDK under a guard."""
    options: dict[str, Any] = {"conversation": lambda ctx: script.conversation, "people": MANAGER}
    server = MCPServer("tools", middleware=[sdk.middleware(guard, **{**options, **more})])
    for name, tool in script.tools.items():
        server.add_tool(tool, name=name)
    return server


def with_fastmcp(guard: Guard, script: Script, **more: Any) -> Any:
    """A server of FastMCP under a guard."""
    from fastmcp import FastMCP
    from fastmcp.tools import Tool

    options: dict[str, Any] = {"conversation": lambda ctx: script.conversation, "people": MANAGER}
    server = FastMCP("tools", middleware=[fast.middleware(guard, **{**options, **more})])
    for name, tool in script.tools.items():
        server.add_tool(Tool.from_function(tool, name=name))
    return server


def through(guard: Guard, script: Script, **more: Any) -> Any:
    """The gateway under a guard, in front of a server that is not held."""
    from fastmcp import FastMCP
    from fastmcp.tools import Tool

    inner = FastMCP("inner")
    for name, tool in script.tools.items():
        inner.add_tool(Tool.from_function(tool, name=name))
    options: dict[str, Any] = {"conversation": lambda ctx: script.conversation, "people": MANAGER}
    return gateway(guard, inner, **{**options, **more})


@dataclass
class State:
    """The turns that are left, and the calls of the one at hand."""

    turns: list[Any]
    calls: list[Call] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    said: str = ""


@dataclass
class Served:
    """The driver: `serve` makes the server, `mode` is the age of the protocol."""

    serve: Server
    mode: str
    can: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        """A server hears calls only; before 2026-07-28 it cannot stop and go on."""
        self.can = frozenset({ASYNC, PAUSE} if self.mode != "legacy" else {ASYNC})

    def run(self, guard: Guard, script: Script, *, asynchronous: bool) -> Ran:
        """Begin a conversation."""
        return asyncio.run(self._run(guard, script, State(list(script.turns)), None))

    def resume(
        self, guard: Guard, script: Script, ran: Ran, reply: Any, *, edited: Call | None,
        asynchronous: bool,
    ) -> Ran:  # fmt: skip
        """Send the request again, from a client of its own."""
        [(name, _)] = ran.request.items()
        content = {"approve": reply["yes"], "person": reply.get("person", "")}
        given = mcp_types.ElicitResult(action="accept", content=content)
        return asyncio.run(self._run(guard, script, ran.state, {name: given}))

    async def _run(self, guard: Guard, script: Script, state: State, answers: Any) -> Ran:
        async with client_of(
            self.serve(guard, script), mode=self.mode, elicitation_callback=_nobody
        ) as client:
            try:
                return await self._loop(client, state, answers)
            except MCPError as error:
                state.seen.append(str(error))
                return Ran(state.seen, stopped=True)

    async def _loop(self, client: Client, state: State, answers: Any) -> Ran:
        while state.calls or state.turns:
            if not state.calls:
                turn = state.turns.pop(0)
                if isinstance(turn, str) or isinstance(turn[0], str):
                    state.said = turn if isinstance(turn, str) else "".join(turn)
                    continue
                state.calls = list(turn)
            call = state.calls[0]
            given = await client.session.call_tool(
                call.tool, dict(call.args), input_responses=answers, allow_input_required=True
            )
            answers = None
            if isinstance(given, mcp_types.InputRequiredResult):
                return Ran(state.seen, request=_inputs(given), state=state)
            state.calls.pop(0)
            state.seen.append(texts(given))
        return Ran(state.seen, state.said)


def client_of(server: Any, **options: Any) -> Client:
    """A client of a server of either library."""
    return Client(getattr(server, "_mcp_server", server), **options)


def _inputs(given: Any) -> dict[str, Any]:
    return {name: one.params.message for name, one in given.input_requests.items()}


def texts(given: Any) -> str:
    """All that a result shows."""
    shown = [one.text for one in given.content if one.type == "text"]
    return "\n".join([*shown, str(given.structured_content or "")])


async def _nobody(context: Any, params: Any) -> mcp_types.ElicitResult:
    return mcp_types.ElicitResult(action="cancel")
