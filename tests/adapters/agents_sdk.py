"""The driver for the OpenAI Agents SDK: its runner, with its scripted model."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from tests.adapters.contract import EDIT, EVERYTHING, Ran, Script
from tests.adapters.loops import a_loop

from remit import Call
from remit.host.guard import Guard
from remit_plugins.adapters.openai_agents import answer, protect, request

pytest.importorskip("agents.testing", reason="the OpenAI Agents SDK is not installed")

from agents import Agent, RunConfig, Runner, RunState, function_tool
from agents.testing import ModelStep, ScriptedModel, assistant_message, function_call
from openai.types.responses import ResponseTextDeltaEvent

CONFIG = RunConfig(tracing_disabled=True)


def model_of(turns: Sequence[Any]) -> ScriptedModel:
    """A model that says these turns."""
    return ScriptedModel([step_of(turn) for turn in turns])


def step_of(turn: Any) -> Any:
    """A turn of a script as the SDK has it: items, or pieces of a text and all of it."""
    if not isinstance(turn, str) and isinstance(turn[0], Call):
        return [function_call(one.tool, dict(one.args), call_id=one.id) for one in turn]
    whole = [assistant_message("".join(turn))]
    return whole if isinstance(turn, str) else ModelStep.stream(in_pieces(turn), output=whole)


def in_pieces(pieces: Sequence[str]) -> Any:
    """A stream of an answer in these pieces."""

    async def events(call: Any) -> Any:
        for piece in pieces:
            yield ResponseTextDeltaEvent(
                type="response.output_text.delta", item_id="scripted-message", output_index=0,
                content_index=0, delta=piece, logprobs=[], sequence_number=0,
            )  # fmt: skip
        inner = ScriptedModel([[assistant_message("".join(pieces))]])
        given = [getattr(call, name) for name in GIVEN]
        last = inner.stream_response(
            *given, previous_response_id=None, conversation_id=None, prompt=None
        )
        async for event in last:
            if event.type == "response.completed":
                yield event

    return events


GIVEN = (
    "system_instructions", "input", "model_settings", "tools", "output_schema", "handoffs",
    "tracing",
)  # fmt: skip


@dataclass
class State:
    """What a run goes on from: the model, and the run as its JSON."""

    model: ScriptedModel
    saved: str = ""


class Runs:
    """The driver."""

    can = EVERYTHING - {EDIT}

    def run(self, guard: Guard, script: Script, *, asynchronous: bool) -> Ran:
        """Run an agent: streamed in an event loop, at once elsewhere."""
        state = State(model_of(script.turns))
        return self._go(guard, script, state, script.user, asynchronous)

    def resume(
        self, guard: Guard, script: Script, ran: Ran, reply: Any, *, edited: Call | None,
        asynchronous: bool,
    ) -> Ran:  # fmt: skip
        """Go on from the run's JSON, with an agent made anew."""
        agent = agent_of(guard, script, ran.state.model)

        async def restored() -> Any:
            return await RunState.from_string(agent, ran.state.saved)

        state = asyncio.run(restored())
        for item in state.get_interruptions():
            answer(state, item, reply)
        return self._go(guard, script, ran.state, state, asynchronous, agent)

    def _go(
        self, guard: Guard, script: Script, state: State, given: Any, asynchronous: bool,
        agent: Any = None,
    ) -> Ran:  # fmt: skip
        agent = agent or agent_of(guard, script, state.model)
        if asynchronous:
            done, said = asyncio.run(_streamed(agent, given))
        else:
            with a_loop():
                done = Runner.run_sync(agent, given, run_config=CONFIG)
            said = str(done.final_output or "")
        ran = Ran([], said, state=state)
        ran.seen = [text for call in state.model.calls for text in texts_of(call)]
        if done.interruptions:
            state.saved = done.to_state().to_string()
            asked = request(done.interruptions[0])
            assert asked is not None
            ran.request = asked.to_json()
        ran.stopped = bool(state.model.remaining_steps) and not done.interruptions
        return ran


async def _streamed(agent: Any, given: Any) -> tuple[Any, str]:
    done = Runner.run_streamed(agent, given, run_config=CONFIG)
    said = [
        event.data.delta async for event in done.stream_events()
        if event.type == "raw_response_event" and event.data.type == "response.output_text.delta"
    ]  # fmt: skip
    return done, "".join(said)


def texts_of(call: Any) -> list[str]:
    """What a model was sent."""
    items = [call.input] if isinstance(call.input, str) else call.input
    texts = [one if isinstance(one, str) else str(one.get("content") or one.get("output") or "")
             for one in items]  # fmt: skip
    return [call.system_instructions or "", *texts]


def agent_of(guard: Guard, script: Script, model: Any) -> Any:
    """The agent of a script, held to the guard's policy."""
    made = Agent(
        name="desk", instructions=script.system or None, model=model,
        tools=[*tools_of(script), helper_of(guard, script)],
    )  # fmt: skip
    return protect(made, guard, script.conversation)


def tools_of(script: Script) -> list[Any]:
    """The tools of a script, without the SDK's own checks of arguments."""
    return [function_tool(one, name_override=name, strict_mode=False)
            for name, one in script.tools.items()]  # fmt: skip


def helper_of(guard: Guard, script: Script) -> Any:
    """The tool that asks a sub-agent."""
    made = Agent(name="helper", model=model_of(script.child), tools=tools_of(script))

    return protect(made, guard).as_tool("ask_helper", "Ask the helper.", parameters=Task)


@dataclass
class Task:
    """What the helper is asked."""

    task: str
