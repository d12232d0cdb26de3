"""The driver for Google's ADK: its runner, with a scripted model."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from tests.adapters.contract import EVERYTHING, Ran, Script

from remit import Call
from remit.host.guard import Guard
from remit_plugins.adapters.google_adk import plugin

pytest.importorskip("google.adk")

from google.adk.agents import LlmAgent
from google.adk.agents.run_config import RunConfig, StreamingMode
from google.adk.apps import App
from google.adk.models.base_llm import BaseLlm
from google.adk.models.llm_response import LlmResponse
from google.adk.runners import Runner
from google.adk.sessions import InMemorySessionService
from google.adk.tools.agent_tool import AgentTool
from google.genai import types

STREAMED = RunConfig(streaming_mode=StreamingMode.SSE)
CONFIRM = "adk_request_confirmation"


class Model(BaseLlm):  # type: ignore[misc] # its base is not typed here
    """Says its turns, and keeps what it was sent."""

    left: list[Any]
    seen: list[str] = []  # noqa: RUF012 - a field, which is copied

    async def generate_content_async(
        self, llm_request: Any, stream: bool = False
    ) -> AsyncIterator[Any]:
        """The next turn, in pieces where it has any."""
        self.seen.append(str(llm_request.config.system_instruction or ""))
        self.seen += [str(text_of(part)) for one in llm_request.contents for part in one.parts]
        turn = self.left.pop(0)
        if stream and not isinstance(turn, str) and isinstance(turn[0], str):
            for piece in turn:
                yield LlmResponse(content=content_of(piece), partial=True)
        yield LlmResponse(content=content_of(turn), partial=False)


def text_of(part: Any) -> Any:
    """What a model sees of a part."""
    return part.function_response.response if part.function_response else part.text or ""


def content_of(turn: Any) -> Any:
    """A turn of a script as what a model says."""
    if isinstance(turn, str) or isinstance(turn[0], str):
        return types.Content(role="model", parts=[types.Part(text="".join(turn))])
    calls = [types.FunctionCall(name=one.tool, args=dict(one.args), id=one.id) for one in turn]
    return types.Content(role="model", parts=[types.Part(function_call=one) for one in calls])


def said(text: str) -> Any:
    """What a user says."""
    return types.Content(role="user", parts=[types.Part(text=text)])


@dataclass
class State:
    """What a run goes on from."""

    model: Model
    sessions: InMemorySessionService


class Agents:
    """The driver."""

    can = EVERYTHING

    def run(self, guard: Guard, script: Script, *, asynchronous: bool) -> Ran:
        """Run an agent in a session of its own."""
        state = State(model_of(script.turns), InMemorySessionService())
        asyncio.run(opened(state.sessions, script.conversation))
        return self._go(guard, script, state, said(script.user), asynchronous=asynchronous)

    def resume(
        self, guard: Guard, script: Script, ran: Ran, reply: Any, *, edited: Call | None,
        asynchronous: bool,
    ) -> Ran:  # fmt: skip
        """Answer the confirmation, in a runner of its own."""
        payload = {"person": reply.get("person", "")}
        if edited is not None:
            payload["args"] = dict(edited.args)
        given = confirmed(ran.request.id, yes=reply["yes"], payload=payload)
        return self._go(guard, script, ran.state, given, asynchronous=asynchronous)

    def _go(
        self, guard: Guard, script: Script, state: State, given: Any, *, asynchronous: bool
    ) -> Ran:
        runner = runner_of(guard, agent_of(script, state.model), state.sessions)
        run = {"user_id": "u", "session_id": script.conversation, "new_message": given,
               "run_config": STREAMED}  # fmt: skip
        events = asyncio.run(all_of(runner.run_async(**run))) if asynchronous else list(
            runner.run(**run))  # fmt: skip
        asked = requests_of(events)
        ran = Ran(state.model.seen, left_of(events), state=state)
        ran.request = asked[0] if asked else None
        ran.stopped = bool(state.model.left) and not asked
        return ran


def model_of(turns: Sequence[Any]) -> Model:
    """A model that says these turns."""
    return Model(model="scripted", left=list(turns), seen=[])


def agent_of(script: Script, model: Model, **more: Any) -> Any:
    """An agent with the tools of a script, and a sub-agent where it has one."""
    tools: list[Any] = [named(name, one) for name, one in script.tools.items()]
    if script.child:
        child = LlmAgent(name="ask_helper", model=model_of(script.child), tools=tools[:])
        tools.append(AgentTool(child))
    return LlmAgent(name="desk", model=model, tools=tools, instruction=script.system, **more)


def named(name: str, tool: Callable[..., str]) -> Any:
    """A tool as ADK has it."""
    from google.adk.tools.function_tool import FunctionTool

    made = FunctionTool(tool)
    made.name = name
    return made


def runner_of(guard: Guard, agent: Any, sessions: Any, *more: Any, **named: Any) -> Any:
    """A runner that holds an agent to a guard; its conversations are named as its sessions."""
    held = plugin(guard, conversation=lambda session: session.id, **named)
    return Runner(app=App(name="app", root_agent=agent, plugins=[held, *more]),
                  session_service=sessions)  # fmt: skip


async def opened(sessions: Any, name: str) -> Any:
    """A session of a user."""
    return await sessions.create_session(app_name="app", user_id="u", session_id=name)


async def all_of(events: AsyncIterator[Any]) -> list[Any]:
    """All events of a run."""
    return [one async for one in events]


def requests_of(events: Sequence[Any]) -> list[Any]:
    """The confirmations that a run asks for."""
    return [one for event in events for one in event.get_function_calls() if one.name == CONFIRM]


def confirmed(id: str, *, yes: bool, payload: Any = None) -> Any:
    """A user's answer to a confirmation."""
    given = types.FunctionResponse(
        name=CONFIRM, id=id, response={"confirmed": yes, "payload": payload}
    )
    return types.Content(role="user", parts=[types.Part(function_response=given)])


def left_of(events: Sequence[Any]) -> str:
    """All that was said: pieces, and messages that did not come in pieces before."""
    pieces, whole = "", ""
    for event in events:
        text = "".join(one.text or "" for one in (event.content.parts if event.content else []))
        if event.partial:
            pieces += text
        elif text:
            whole += text if pieces != text else ""
            whole, pieces = whole + pieces, ""
    return whole + pieces
