"""What happens at each hook of a Strands agent."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from remit.conversation.model import Call, Handoff, Message, Result, Step
from remit.hooks.events import Event, Point, Verdict
from remit.host.coverage import Coverage, coverage
from remit_plugins.adapters.callers import caller, calling
from remit_plugins.adapters.needs import need
from remit_plugins.adapters.places import Leave, Place, asks_approvers, notes
from remit_plugins.adapters.replies import edited
from remit_plugins.adapters.strands.blocks import (
    Sent,
    answer,
    call_of,
    changed,
    denied,
    left_of,
    message_of,
    result_of_block,
    steps_of,
    words,
)

if TYPE_CHECKING:
    from remit.host.gate import Gate

POINTS = (
    "input", "pre_model_call", "post_model_call", "pre_tool_call", "post_tool_call", "handoff",
)  # fmt: skip
GAPS = (
    "tools that the provider of the model runs",
    "the model's reasoning",
    "what hooks change in a result after it was judged",
    "who wrote what a manager or a plugin put into the conversation before the agent was made",
    "traces have the model's own answer, and a tool's own result",
)
HANDOFF = "handoff_to_agent"  # the tool of a swarm
NOT_SO = "this must not be said as it is"  # of what has a structure, and cannot be changed
Next = Callable[[Any], AsyncIterator[Any]]


class Hooks:
    """The hooks, in a class that is made together with the framework's.

    `gate` is that of the agent's conversation.
    """

    def __init__(self, place: Place, gate: Gate, asked_by: str) -> None:
        super().__init__()
        self.guard = place.guard
        self.gate = gate
        self._place = place
        self._asked_by = asked_by
        self._agent: Any = None
        self._said: WeakKeyDictionary[Gate, set[str]] = WeakKeyDictionary()

    def coverage(self) -> Coverage:
        """What the policy misses in Strands."""
        return coverage(self.guard.policy, POINTS, GAPS)

    def init_agent(self, agent: Any) -> None:
        """Hold an agent. Raises `ValueError` for a second one: it would be another conversation."""
        if self._agent is not None:
            raise ValueError("make a plugin for each agent: each is a conversation of its own")
        self._agent = agent
        self.gate.agent = self.gate.agent or agent.name
        events, stages = need("strands.hooks", "strands"), need("strands.middleware", "strands")
        order = events.HookOrder.INTERVENTION_INPUT
        agent.add_hook(self._begun, events.BeforeInvocationEvent, order=order)
        agent.add_middleware(stages.InvokeModelStage, self._model)
        agent.add_middleware(stages.ExecuteToolStage, self._tool)

    def _gate(self) -> Gate:
        """The gate at hand: one for each call of a tool that asks this agent, or its own."""
        return self.gate if caller() is None else self._place.gate()

    # ---- a run begins

    async def _begun(self, event: Any) -> None:
        """Judge what the agent is asked, and results that a client sends."""
        if event.messages is None:
            raise ValueError("`structured_output` shows a policy nothing: give it to the agent")
        gate = self._gate()
        said = self._said.setdefault(gate, _said(event.agent.messages))
        left = []
        for message in event.messages:
            for span, step in reversed([*steps_of(message, self._asked_by)]):
                point: Point = "post_tool_call" if isinstance(step, Result) else "input"
                verdict = await gate.adecide(_event(gate, point, [step]))
                if not verdict:
                    event.cancel = verdict.message
                    return
                if verdict.kind == "transform":
                    message = changed(message, span, step, verdict.after)
            left.append(message)
        said |= _said(left)
        event.messages = left

    # ---- the model

    async def _model(self, context: Any, next_fn: Next) -> AsyncIterator[Any]:
        """Judge what the model will see and what it says; pieces of it are held back until then."""
        gate = self._gate()
        made = need("strands.types.events", "strands")
        sent = Sent.of(context, self._said.get(gate, ()), self._asked_by)
        verdict = await gate.adecide(_event(gate, "pre_model_call", sent.steps))
        if not verdict:
            yield _said_at_once(made, verdict.message)
            yield made.ModelStopReason("end_turn", answer(verdict.message), _USAGE, _METRICS)
            return
        if verdict.kind == "transform":
            context = sent.left(context, verdict)
        holds, held, stop = gate.stream().holds, [], None
        async for event in next_fn(context):
            if isinstance(event, made.ModelStopReason):
                stop = event
            elif holds:
                held.append(event)
            else:
                yield event
        if stop is None:
            return  # Strands raises
        left = await self._answered(gate, stop)
        for event in held if left is None else [_said_at_once(made, words(left[1]["content"], ""))]:
            yield event
        yield stop if left is None else made.ModelStopReason(*left, stop.usage, stop.metrics)

    async def _answered(self, gate: Gate, stop: Any) -> tuple[str, Any] | None:
        """Why the model stopped and what it says, where it is something else; else None."""
        step = message_of(stop.message["content"], "assistant")
        steps = [] if step is None else [step]
        verdict = await gate.adecide(_event(gate, "post_model_call", steps))
        if not verdict:
            return "end_turn", answer(verdict.message)
        if verdict.kind == "allow" or step is None:
            return None
        whole = (0, len(stop.message["content"]))
        return stop.stop_reason, changed(stop.message, whole, step, verdict.after)

    # ---- tools

    async def _tool(self, context: Any, next_fn: Next) -> AsyncIterator[Any]:
        """Judge a call and its result; what the tool shows meanwhile is held back until then."""
        gate, use = self._gate(), context.tool_use
        made = need("strands.types.events", "strands")
        call = call_of(use)
        verdict = await self._agreed(gate, call, context)
        if not verdict:
            yield made.ToolResultEvent(denied(use["toolUseId"], verdict.message))
            return
        going = verdict.after
        assert isinstance(going, Call), "a call goes on as a call"
        if going.args != call.args:  # rewritten, or edited by whoever was asked
            context = context.replace(tool_use={**use, "input": dict(going.args)})
        held, result = [], None
        with calling(gate, use["toolUseId"]):
            async for event in next_fn(context):
                if isinstance(event, made.ToolResultEvent):
                    result = event
                else:
                    held.append(event)
        if result is None:  # it waits: when it goes on, it is the same call, and counts once
            notes(gate).leaves[call.id] = Leave(call, verdict)
            for event in held:
                yield event
            return
        left = await self._given(gate, use["name"], result.tool_result)
        for event in held if left is None else ():
            yield event
        yield result if left is None else made.ToolResultEvent(left)

    async def _agreed(self, gate: Gate, call: Call, context: Any) -> Verdict:
        """Whether a call may go on, once everybody agreed who is asked."""
        leave = notes(gate).leaves.pop(call.id, None)
        if leave is not None and leave.call == call:
            return leave.verdict
        event = _event(gate, "pre_tool_call", [call])
        verdict = await gate.adecide(event)
        while verdict.request is not None:
            if asks_approvers(self.guard):
                return await gate.asettle(event, verdict)
            # The tool is begun anew when somebody has answered; then this returns.
            asked = verdict.request.to_json()
            reply = context.interrupt(f"remit:{verdict.request.id}", reason=asked).response
            event = edited(event, reply)
            verdict = await gate.aresume(event, verdict, reply)
        if verdict and isinstance(verdict.after, Call):
            return await self._shown(gate, verdict.after, verdict, context.tool)
        return verdict

    async def _shown(self, gate: Gate, call: Call, verdict: Verdict, tool: Any) -> Verdict:
        """What a call means besides: a handoff, or an answer that has a structure."""
        steps: Step
        if call.tool == HANDOFF:
            steps = Handoff(str(call.args.get("agent_name")), str(call.args.get("message") or ""))
            left = await gate.adecide(_event(gate, "handoff", [steps]))
        elif getattr(tool, "tool_type", "") == "structured_output":
            steps = Message("assistant", json.dumps(call.args, ensure_ascii=False, default=str))
            left = await gate.adecide(_event(gate, "output", [steps]))
        else:
            return verdict
        if left.kind == "allow":
            return verdict
        return replace(left, kind="deny", message=left.message or NOT_SO)

    async def _given(self, gate: Gate, tool: str, given: Any) -> Any:
        """The result as it goes on, where it does not as it is; else None."""
        step = result_of_block(tool, given)
        verdict = await gate.adecide(_event(gate, "post_tool_call", [step]))
        if not verdict:
            return denied(given["toolUseId"], verdict.message)
        if verdict.kind == "allow":
            return None
        assert isinstance(verdict.after, Result), "a result goes on as a result"
        return left_of(verdict.after, given)


# ---- small things

_USAGE = {"inputTokens": 0, "outputTokens": 0, "totalTokens": 0}
_METRICS = {"latencyMs": 0}


def _event(gate: Gate, point: Point, steps: Iterable[Step]) -> Event:
    return Event(point, tuple(steps), gate.conversation, gate.agent)


def _said(messages: Iterable[Any]) -> set[str]:
    """The texts in the user's messages."""
    return {words(one["content"], "user") for one in messages if one["role"] == "user"}


def _said_at_once(made: Any, text: str) -> Any:
    """An event as if the model had said it in one piece."""
    return made.TypedEvent({"data": text, "delta": {"text": text}})
