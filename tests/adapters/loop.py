"""A host of a few lines: the loop that every agent framework has, with a gate at each point.

It is written for an event loop; `now` runs it without one, so that it needs no second telling.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from tests.adapters.contract import EVERYTHING, Ran, Script

from remit import Call, Message, Result, Step
from remit.hooks.events import Event, Verdict
from remit.host.gate import Gate
from remit.host.guard import Guard
from remit.host.values import result_of, value_of

Decide = Callable[[Event], Awaitable[Verdict]]
Resume = Callable[[Event, Verdict, Any], Awaitable[Verdict]]


@dataclass
class Asking:
    """How a gate is asked: waiting, or not."""

    decide: Decide
    resume: Resume


@dataclass
class State:
    """A conversation in the loop: what the model sees, and the turns that are left."""

    script: Script
    turns: list[Any]
    history: list[Step] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    said: str = ""


class Loop:
    """The driver for the contract."""

    can = EVERYTHING

    def run(self, guard: Guard, script: Script, *, asynchronous: bool) -> Ran:
        """Begin a conversation."""
        state = State(script, list(script.turns))
        gate = guard.gate(script.conversation)
        return _driven(_begun(gate, _asking(gate, asynchronous), state), asynchronous)

    def resume(
        self, guard: Guard, script: Script, ran: Ran, reply: Any, *, edited: Call | None,
        asynchronous: bool,
    ) -> Ran:  # fmt: skip
        """Go on with the call that waits."""
        gate = guard.gate(script.conversation)
        going = _answered(gate, _asking(gate, asynchronous), ran.state, reply, edited)
        return _driven(going, asynchronous)


def _asking(gate: Gate, asynchronous: bool) -> Asking:
    if asynchronous:
        return Asking(gate.adecide, gate.aresume)

    async def decide(event: Event) -> Verdict:
        return gate.decide(event)

    async def resume(event: Event, verdict: Verdict, reply: Any) -> Verdict:
        return gate.resume(event, verdict, reply)

    return Asking(decide, resume)


def _driven(going: Coroutine[Any, Any, Ran], asynchronous: bool) -> Ran:
    if asynchronous:
        import asyncio

        return asyncio.run(going)
    try:
        going.send(None)
    except StopIteration as done:
        ran: Ran = done.value
        return ran
    raise AssertionError("nothing here waits")


async def _begun(gate: Gate, asking: Asking, state: State) -> Ran:
    said = Message("user", state.script.user)
    verdict = await asking.decide(Event("input", (said,)))
    if not verdict:
        return Ran(state.seen, verdict.message, stopped=verdict.scope == "run")
    if state.script.system:
        state.history.append(Message("system", state.script.system))
    state.history.append(verdict.after)
    return await _loop(gate, asking, state)


async def _loop(gate: Gate, asking: Asking, state: State) -> Ran:
    while True:
        while state.calls:
            waits = await _call(gate, asking, state, state.calls[0])
            if waits is not None:
                return waits
        if not state.turns:
            return Ran(state.seen, state.said)
        verdict = await asking.decide(Event("pre_model_call", tuple(state.history)))
        if not verdict:
            return Ran(state.seen, verdict.message, stopped=verdict.scope == "run")
        state.seen += [_text(step) for step in verdict.steps]
        stopped = await _turn(gate, asking, state, state.turns.pop(0))
        if stopped is not None:
            return stopped


async def _turn(gate: Gate, asking: Asking, state: State, turn: Any) -> Ran | None:
    """What the model does: it says something, or proposes calls."""
    if not isinstance(turn, str) and isinstance(turn[0], Call):
        state.history += turn
        state.calls = list(turn)
        return None
    stream = gate.stream()
    released = "".join(
        [stream.feed(piece) for piece in ([turn] if isinstance(turn, str) else turn)]
    )
    verdict = stream.end()
    if not verdict:
        return Ran(state.seen, verdict.message, stopped=verdict.scope == "run")
    state.history.append(verdict.after)
    state.said = released + stream.rest
    return None


async def _call(gate: Gate, asking: Asking, state: State, call: Call) -> Ran | None:
    """One call; what it comes to where the run ends or waits."""
    event = Event("pre_tool_call", (call,))
    verdict = await asking.decide(event)
    if verdict.request is not None:
        return Ran(state.seen, request=verdict.request.to_json(), state=state)
    return await _done(gate, asking, state, verdict)


async def _answered(
    gate: Gate, asking: Asking, state: State, reply: Any, edited: Call | None
) -> Ran:
    call = state.calls[0]
    verdict = await asking.decide(Event("pre_tool_call", (call,)))
    verdict = await asking.resume(Event("pre_tool_call", (edited or call,)), verdict, reply)
    if verdict.request is not None:
        return Ran(state.seen, request=verdict.request.to_json(), state=state)
    return await _done(gate, asking, state, verdict) or await _loop(gate, asking, state)


async def _done(gate: Gate, asking: Asking, state: State, verdict: Verdict) -> Ran | None:
    """A call that was decided: it runs, or the model is told why not."""
    call = state.calls.pop(0)
    if not verdict and verdict.scope == "run":
        return Ran(state.seen, verdict.message, stopped=True)
    if not verdict:
        state.history.append(Result(call.tool, verdict.message, id=call.id))
        return None
    going = verdict.after
    assert isinstance(going, Call)
    value = await _ran(gate, asking, state, going)
    after = await asking.decide(Event("post_tool_call", (result_of(call.tool, value, call.id),)))
    left = result_of(call.tool, after.message, call.id) if not after else after.after
    assert isinstance(left, Result)
    state.history.append(result_of(call.tool, value_of(left, value), call.id))
    return None


async def _ran(gate: Gate, asking: Asking, state: State, call: Call) -> Any:
    if call.tool != "ask_helper":
        return state.script.tools[call.tool](**call.args)
    child = gate.hand_on("helper")
    script = Script(state.script.child, user=call.args["task"], ran=state.script.ran)
    again = Asking(child.adecide, child.aresume)
    waiting = asking.decide.__qualname__ == again.decide.__qualname__
    ran = await _begun(child, _asking(child, waiting), State(script, list(script.turns)))
    return ran.said


def _text(step: Step) -> str:
    return getattr(step, "text", "")
