"""The driver for Strands: its agents, with a scripted model."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from tests.adapters.contract import EVERYTHING, Ran, Script

from remit import Call
from remit.host.guard import Guard
from remit_plugins.adapters.strands import plugin

pytest.importorskip("strands")

from strands import Agent, tool
from strands.models.model import Model


class Scripted(Model):  # type: ignore[misc] # its base is not typed here
    """Says its turns, and keeps what it was sent."""

    def __init__(self, turns: Sequence[Any]) -> None:
        self.left, self.seen = list(turns), list[str]()

    def get_config(self) -> dict[str, str]:
        """It has none."""
        return {"model_id": "scripted"}

    def update_config(self, **more: Any) -> None:
        """It has none."""

    def structured_output(self, *more: Any, **named: Any) -> Any:
        """It is not asked."""
        raise NotImplementedError

    async def stream(
        self, messages: Any, tool_specs: Any = None, system_prompt: Any = None, **more: Any
    ) -> AsyncIterator[Any]:
        """The next turn, in pieces where it has any."""
        self.seen += [str(system_prompt or ""), *(str(one["content"]) for one in messages)]
        turn = self.left.pop(0)
        yield {"messageStart": {"role": "assistant"}}
        for event in pieces_of(turn):
            yield event
        is_said = isinstance(turn, str) or isinstance(turn[0], str)
        yield {"messageStop": {"stopReason": "end_turn" if is_said else "tool_use"}}


def pieces_of(turn: Any) -> list[Any]:
    """A turn of a script as events of a model."""
    if isinstance(turn, str):
        turn = [turn]
    if isinstance(turn[0], str):
        deltas = [{"contentBlockDelta": {"delta": {"text": one}}} for one in turn]
        return [{"contentBlockStart": {"start": {}}}, *deltas, {"contentBlockStop": {}}]
    import json

    events = []
    for one in turn:
        use = {"name": one.tool, "toolUseId": one.id}
        given = json.dumps(dict(one.args))
        events += [{"contentBlockStart": {"start": {"toolUse": use}}},
                   {"contentBlockDelta": {"delta": {"toolUse": {"input": given}}}},
                   {"contentBlockStop": {}}]  # fmt: skip
    return events


@dataclass
class State:
    """What a run goes on from: the model, and the agent as it is stored."""

    model: Scripted
    stored: Any = None


class Agents:
    """The driver."""

    can = EVERYTHING

    def run(self, guard: Guard, script: Script, *, asynchronous: bool) -> Ran:
        """Run an agent."""
        state = State(Scripted(script.turns))
        return self._go(guard, script, state, script.user, asynchronous=asynchronous)

    def resume(
        self, guard: Guard, script: Script, ran: Ran, reply: Any, *, edited: Call | None,
        asynchronous: bool,
    ) -> Ran:  # fmt: skip
        """Answer the interrupt, with an agent of its own."""
        given = dict(reply) if edited is None else {**reply, "args": dict(edited.args)}
        prompt = [answered(ran.request, given)]
        return self._go(guard, script, ran.state, prompt, asynchronous=asynchronous)

    def _go(
        self, guard: Guard, script: Script, state: State, prompt: Any, *, asynchronous: bool
    ) -> Ran:
        said: list[str] = []
        agent = agent_of(
            guard, script, state.model, system_prompt=script.system or None,
            callback_handler=lambda **event: said.append(event.get("data", "")),
        )  # fmt: skip
        if state.stored is not None:
            agent.load_snapshot(state.stored)
        given = asyncio.run(agent.invoke_async(prompt)) if asynchronous else agent(prompt)
        state.stored = agent.take_snapshot(preset="session")
        ran = Ran(state.model.seen, "".join(said) or str(given).strip(), state=state)
        ran.request = given.interrupts[0] if given.interrupts else None
        ran.stopped = bool(state.model.left) and not given.interrupts
        return ran


def agent_of(guard: Guard, script: Script, model: Any, **more: Any) -> Any:
    """An agent with the tools of a script, held to a guard."""
    held = plugin(guard, script.conversation)
    return Agent(model=model, tools=tools_of(guard, script), plugins=[held], name="desk", **more)


def tools_of(guard: Guard, script: Script) -> list[Any]:
    """The tools of a script, and the one that asks a sub-agent."""
    tools = [named(name, one) for name, one in script.tools.items()]

    def ask_helper(task: str) -> str:
        """Ask the helper."""
        held = plugin(guard, agent="helper")
        child = Agent(model=Scripted(script.child), tools=tools, plugins=[held],
                      callback_handler=None)  # fmt: skip
        return str(child(task))

    return [*tools, tool(ask_helper)]


def named(name: str, body: Callable[..., str]) -> Any:
    """A tool as Strands has it."""
    return tool(body, name=name)


def answered(interrupt: Any, reply: Any) -> Any:
    """What somebody answers to an interrupt."""
    return {"interruptResponse": {"interruptId": interrupt.id, "response": reply}}
