"""The driver for LangChain: its agents, with its scripted model."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from tests.adapters.contract import EVERYTHING, Ran, Script

from remit import Call
from remit.host.guard import Guard
from remit_plugins.adapters.langchain import middleware

pytest.importorskip("langchain")

from langchain.agents import create_agent
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.outputs import ChatGenerationChunk
from langchain_core.tools import StructuredTool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command


class Model(GenericFakeChatModel):  # type: ignore[misc] # its base is not typed here
    """Says its turns, and keeps what it was sent."""

    seen: list[str] = []  # noqa: RUF012 - a field, which is copied
    left: list[Any] = []  # noqa: RUF012 - likewise

    def bind_tools(self, tools: Any, **more: Any) -> Any:
        """It needs none."""
        return self

    def _generate(self, messages: Any, *more: Any, **named: Any) -> Any:
        self.seen += [one.text for one in messages]
        self.left.pop(0)
        return super()._generate(messages, *more, **named)

    def _stream(self, messages: Any, *more: Any, **named: Any) -> Iterator[Any]:
        turn = self.left[0]
        message = self._generate(messages).generations[0].message
        pieces = [message.text] if isinstance(turn, str) or message.tool_calls else turn
        for at, piece in enumerate(pieces):
            chunk = AIMessageChunk(piece, id=message.id, tool_calls=message.tool_calls)
            chunk.chunk_position = "last" if at == len(pieces) - 1 else None
            generation = ChatGenerationChunk(message=chunk)
            if (manager := named.get("run_manager")) is not None:
                manager.on_llm_new_token(piece, chunk=generation)
            yield generation


def model_of(turns: Sequence[Any]) -> Model:
    """A model that says these turns."""
    return Model(messages=iter([message_of(one) for one in turns]), seen=[], left=list(turns))


def message_of(turn: Any) -> AIMessage:
    """A turn of a script as a message."""
    if isinstance(turn, str) or isinstance(turn[0], str):
        return AIMessage("".join(turn))
    calls = [{"name": one.tool, "args": dict(one.args), "id": one.id} for one in turn]
    return AIMessage("", tool_calls=calls)


@dataclass
class State:
    """What a run goes on from."""

    model: Model
    saver: InMemorySaver


class Agents:
    """The driver."""

    can = EVERYTHING

    def run(self, guard: Guard, script: Script, *, asynchronous: bool) -> Ran:
        """Stream an agent."""
        state = State(model_of(script.turns), InMemorySaver())
        given = {"messages": [{"role": "user", "content": script.user}]}
        return self._go(guard, script, state, given, asynchronous=asynchronous)

    def resume(
        self, guard: Guard, script: Script, ran: Ran, reply: Any, *, edited: Call | None,
        asynchronous: bool,
    ) -> Ran:  # fmt: skip
        """Resume the thread, with an agent of its own."""
        answer = {**reply, "id": ran.request["id"]}
        if edited is not None:
            answer["args"] = dict(edited.args)
        given = Command(resume=answer)
        return self._go(guard, script, ran.state, given, asynchronous=asynchronous)

    def _go(
        self, guard: Guard, script: Script, state: State, given: Any, *, asynchronous: bool
    ) -> Ran:
        agent = create_agent(
            state.model, tools_of(guard, script), middleware=[middleware(guard)],
            system_prompt=script.system or None, checkpointer=state.saver,
        )  # fmt: skip
        config = {"configurable": {"thread_id": script.conversation}}
        modes = ["messages", "updates"]
        if asynchronous:
            rows = asyncio.run(_all(agent.astream(given, config, stream_mode=modes)))
        else:
            rows = list(agent.stream(given, config, stream_mode=modes))
        said = [one[0].text for mode, one in rows if mode == "messages" and one[0].type in AI]
        asked = [one["__interrupt__"] for mode, one in rows
                 if mode == "updates" and "__interrupt__" in one]  # fmt: skip
        ran = Ran(state.model.seen, "".join(said), state=state)
        ran.request = asked[0][0].value if asked else None
        ran.stopped = bool(state.model.left) and not asked
        return ran


AI = ("ai", "AIMessageChunk")


async def _all(rows: AsyncIterator[Any]) -> list[Any]:
    return [one async for one in rows]


def tools_of(guard: Guard, script: Script) -> list[Any]:
    """The tools of a script, and the one that asks a sub-agent."""

    def child() -> Any:
        inner = Script([], ran=script.ran)
        tools = [one for one in tools_of(guard, inner) if one.name != "ask_helper"]
        model = model_of(script.child)
        return create_agent(model, tools, middleware=[middleware(guard, agent="helper")])

    def ask_helper(task: str) -> str:
        """Ask the helper."""
        return str(child().invoke({"messages": [("user", task)]})["messages"][-1].text)

    async def ask_helper_async(task: str) -> str:
        done = await child().ainvoke({"messages": [("user", task)]})
        return str(done["messages"][-1].text)

    helper = StructuredTool.from_function(ask_helper, ask_helper_async)
    return [
        *[StructuredTool.from_function(one, name=name) for name, one in script.tools.items()],
        helper,
    ]
