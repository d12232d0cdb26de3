"""The driver for Pydantic AI: its agents, with its scripted model."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from tests.adapters.contract import EVERYTHING, Ran, Script
from tests.adapters.loops import a_loop

from remit import Call
from remit.host.guard import Guard
from remit_plugins.adapters.pydantic_ai import capability

pytest.importorskip("pydantic_ai", reason="Pydantic AI is not installed")

from pydantic_ai import Agent, DeferredToolRequests, Tool
from pydantic_ai.messages import (
    ModelMessagesTypeAdapter,
    ModelResponse,
    PartDeltaEvent,
    PartStartEvent,
    TextPart,
    TextPartDelta,
    ToolCallPart,
)
from pydantic_ai.models.function import DeltaToolCall, FunctionModel


@dataclass
class State:
    """A model that says turns, what it was sent, and what a run goes on from."""

    left: list[Any]
    seen: list[str] = field(default_factory=list)
    saved: bytes = b""
    asked: Any = None

    @property
    def model(self) -> FunctionModel:
        """The model."""
        return FunctionModel(self.said, stream_function=self.pieces)

    def said(self, messages: Any, info: Any) -> ModelResponse:
        """The next turn, whole."""
        self._sees(messages, info)
        turn = self.left.pop(0)
        if is_said(turn):
            return ModelResponse([TextPart("".join(turn))])
        return ModelResponse([ToolCallPart(one.tool, dict(one.args), one.id) for one in turn])

    async def pieces(self, messages: Any, info: Any) -> AsyncIterator[Any]:
        """The next turn in its pieces."""
        self._sees(messages, info)
        turn = self.left.pop(0)
        if not is_said(turn):
            yield {at: DeltaToolCall(one.tool, dumps(one.args), tool_call_id=one.id)
                   for at, one in enumerate(turn)}  # fmt: skip
            return
        for piece in [turn] if isinstance(turn, str) else turn:
            yield piece

    def _sees(self, messages: Any, info: Any) -> None:
        parts = [part for message in messages for part in message.parts]
        self.seen += [info.instructions or "", *(str(getattr(one, "content", "")) for one in parts)]


def is_said(turn: Any) -> bool:
    """Whether a turn of a script is text, whole or in pieces."""
    return isinstance(turn, str) or isinstance(turn[0], str)


def dumps(args: Any) -> str:
    """Arguments as a model gives them."""
    import json

    return json.dumps(dict(args))


class Runs:
    """The driver."""

    can = EVERYTHING
    checks_types = True

    def run(self, guard: Guard, script: Script, *, asynchronous: bool) -> Ran:
        """Run an agent: streamed in an event loop, at once elsewhere."""
        state = State(list(script.turns))
        more = {"user_prompt": script.user, "conversation_id": script.conversation}
        return self._go(guard, script, state, more, asynchronous)

    def resume(
        self, guard: Guard, script: Script, ran: Ran, reply: Any, *, edited: Call | None,
        asynchronous: bool,
    ) -> Ran:  # fmt: skip
        """Go on from the history as JSON, with an agent of its own."""
        state: State = ran.state
        answer = reply if edited is None else {**reply, "args": dict(edited.args)}
        replies = {one.tool_call_id: answer for one in state.asked.approvals}
        more = {
            "message_history": ModelMessagesTypeAdapter.validate_json(state.saved),
            "deferred_tool_results": capability(guard).answers(state.asked, replies),
        }
        return self._go(guard, script, state, more, asynchronous)

    def _go(
        self, guard: Guard, script: Script, state: State, given: Any, asynchronous: bool
    ) -> Ran:
        agent = agent_of(guard, script, state)
        if asynchronous:
            done, said = asyncio.run(_streamed(agent, given))
        else:
            with a_loop():
                done = agent.run_sync(**given)
            said = done.output if isinstance(done.output, str) else ""
        ran = Ran(state.seen, said, state=state)
        state.saved = done.all_messages_json()
        if isinstance(done.output, DeferredToolRequests):
            state.asked = done.output
            [ran.request] = done.output.metadata.values()
        ran.stopped = bool(state.left) and ran.request is None
        return ran


async def _streamed(agent: Any, given: Any) -> tuple[Any, str]:
    said = []

    async def heard(ctx: Any, events: Any) -> None:
        async for event in events:
            if isinstance(event, PartStartEvent) and isinstance(event.part, TextPart):
                said.append(event.part.content)
            elif isinstance(event, PartDeltaEvent) and isinstance(event.delta, TextPartDelta):
                said.append(event.delta.content_delta)

    return await agent.run(**given, event_stream_handler=heard), "".join(said)


def agent_of(guard: Guard, script: Script, state: State, **more: Any) -> Any:
    """The agent of a script, held to the guard's policy."""
    return Agent(
        state.model, output_type=[str, DeferredToolRequests], instructions=script.system or None,
        tools=[*tools_of(script), Tool(helper_of(guard, script))], name="desk",
        capabilities=[capability(guard)], **more,
    )  # fmt: skip


def tools_of(script: Script) -> list[Any]:
    """The tools of a script."""
    return [Tool(one, name=name) for name, one in script.tools.items()]


def helper_of(guard: Guard, script: Script) -> Any:
    """The tool that asks a sub-agent."""

    async def ask_helper(task: str) -> str:
        """Ask the helper."""
        turns: Sequence[Any] = script.child
        helper = Agent(
            State(list(turns)).model, tools=tools_of(script), name="helper",
            capabilities=[capability(guard)],
        )  # fmt: skip
        return str((await helper.run(task)).output)

    return ask_helper
