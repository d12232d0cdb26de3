"""The driver for Microsoft's Agent Framework: its agents, with a scripted client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from tests.adapters.contract import EDIT, EVERYTHING, SYNC, Ran, Script

from remit import Call
from remit.host.guard import Guard
from remit_plugins.adapters.agent_framework import middleware

pytest.importorskip("agent_framework")
pytest.importorskip("agent_hooks")

from agent_framework import (
    Agent,
    AgentSession,
    BaseChatClient,
    ChatMiddlewareLayer,
    ChatResponse,
    ChatResponseUpdate,
    Content,
    FunctionInvocationLayer,
    Message,
    ResponseStream,
    tool,
)
from agent_hooks import InterceptionBlocked


class Client(FunctionInvocationLayer, ChatMiddlewareLayer, BaseChatClient):  # type: ignore[misc] # not typed here
    """Says its turns, and keeps what it was sent."""

    def __init__(self, turns: Sequence[Any]) -> None:
        super().__init__()
        self.left, self.seen = list(turns), list[str]()

    def _inner_get_response(self, *, messages: Any, stream: bool, options: Any, **more: Any) -> Any:
        self.seen.append(str(options.get("instructions") or ""))
        for message in messages:
            self.seen += [str(one.text or one.result or "") for one in message.contents]
        contents = contents_of(self.left.pop(0))
        if stream:
            return ResponseStream(_pieces(contents), finalizer=ChatResponse.from_updates)
        return _whole(contents)


async def _whole(contents: list[Any]) -> Any:
    return ChatResponse(messages=[Message("assistant", contents)])


async def _pieces(contents: list[Any]) -> AsyncIterator[Any]:
    for one in contents:
        yield ChatResponseUpdate(contents=[one], role="assistant")


def contents_of(turn: Any) -> list[Any]:
    """A turn of a script as what a model says."""
    if isinstance(turn, str):
        turn = [turn]
    if isinstance(turn[0], str):
        return [Content.from_text(one) for one in turn]
    return [Content.from_function_call(one.id, one.tool, arguments=dict(one.args)) for one in turn]


@dataclass
class State:
    """What a run goes on from: the client, and the session as it is stored."""

    client: Client
    session: Any


class Agents:
    """The driver. Sync runs are not in the framework, nor edited answers."""

    can = EVERYTHING - {SYNC, EDIT}

    def run(self, guard: Guard, script: Script, *, asynchronous: bool) -> Ran:
        """Run an agent in a session."""
        client = Client(script.turns)
        session = agent_of(guard, script, client).create_session(session_id=script.conversation)
        return asyncio.run(self._go(guard, script, State(client, session.to_dict()), script.user))

    def resume(
        self, guard: Guard, script: Script, ran: Ran, reply: Any, *, edited: Call | None,
        asynchronous: bool,
    ) -> Ran:  # fmt: skip
        """Answer the request, with an agent of its own."""
        answer = Content.from_dict(ran.request).to_function_approval_response(reply["yes"])
        answer.additional_properties["remit"]["person"] = reply.get("person", "")
        return asyncio.run(self._go(guard, script, ran.state, Message("user", [answer])))

    async def _go(self, guard: Guard, script: Script, state: State, given: Any) -> Ran:
        agent = agent_of(guard, script, state.client)
        session = AgentSession.from_dict(state.session)
        ran, asked = Ran(state.client.seen, state=state), []
        try:
            async for update in agent.run(given, session=session, stream=True):
                ran.said += update.text
                asked += [one for one in update.contents if one.user_input_request]
        except InterceptionBlocked as blocked:
            ran.said += blocked.result.verdict.message or ""
        state.session = session.to_dict()
        ran.request = asked[0].to_dict() if asked else None
        ran.stopped = bool(state.client.left) and not asked
        return ran


def agent_of(guard: Guard, script: Script, client: Client, **more: Any) -> Any:
    """An agent with the tools of a script, held to a guard."""
    held = middleware(guard, script.conversation, agent="desk")
    return Agent(client=client, instructions=script.system or None, name="desk",
                 tools=tools_of(guard, script), middleware=held, **more)  # fmt: skip


def tools_of(guard: Guard, script: Script) -> list[Any]:
    """The tools of a script, and the one that asks a sub-agent."""
    tools = [named(name, one) for name, one in script.tools.items()]

    async def ask_helper(task: str) -> str:
        """Ask the helper."""
        held = middleware(guard, agent="helper")
        child = Agent(client=Client(script.child), name="helper", tools=tools, middleware=held)
        done = await child.run(task)
        return str(done.text)

    return [*tools, tool(ask_helper)]


def named(name: str, body: Callable[..., str]) -> Any:
    """A tool as the framework has it."""
    return tool(body, name=name)
