"""What happens at each callback of an ADK plugin."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from remit.conversation.model import Call, Handoff, Message, Result, Step
from remit.hooks.events import Event, Point, Verdict
from remit.host.coverage import Coverage, coverage
from remit.host.gate import Gate
from remit.host.history import WITHHELD
from remit_plugins.adapters.callers import Caller, enter
from remit_plugins.adapters.google_adk.asking import asked_about, asking, paused
from remit_plugins.adapters.google_adk.contents import (
    OWN,
    Sent,
    Told,
    answer,
    changed,
    content_of,
    message_of,
    response_of,
    result_step,
    steps_of,
)
from remit_plugins.adapters.google_adk.gates import Gates, is_child
from remit_plugins.adapters.places import asks_approvers

if TYPE_CHECKING:
    from remit.host.guard import Guard

POINTS = (
    "input", "pre_model_call", "post_model_call", "pre_tool_call", "post_tool_call", "output",
    "handoff",
)  # fmt: skip
GAPS = (
    "tools that the provider of the model runs, and code that a code executor runs",
    "the model's reasoning",
    "what later plugins and callbacks of an agent change in a call or a result",
    "who wrote what is put into an instruction: state, memories, skills",
    "what is said by voice in live sessions",
    "traces have the model's own answer",
)
TRANSFER = "transfer_to_agent"  # the tool that hands on


class Hooks:
    """The callbacks, in a class that is made together with the framework's."""

    def __init__(
        self, guard: Guard, *, name: str, conversation: Callable[[Any], str],
        context: Callable[[Any], Mapping[str, Any]] | None,
    ) -> None:  # fmt: skip
        super().__init__(name=name)  # type: ignore[call-arg] # the framework's class comes next
        self.guard = guard
        self._gates = Gates(guard, conversation, context)
        self._refused: dict[str, str] = {}  # by invocation, what is answered to a user
        self._again: set[str] = set()  # ids of calls that ask anew, once edited

    def coverage(self) -> Coverage:
        """What the policy misses in ADK."""
        return coverage(self.guard.policy, POINTS, GAPS)

    # ---- a run begins and ends

    async def on_user_message_callback(self, *, invocation_context: Any, user_message: Any) -> Any:
        """Judge what a user says, and results that a client sends."""
        gate = self._gate(invocation_context)
        content = user_message
        for at, step in steps_of(user_message, "user"):
            if isinstance(step, Call):
                continue
            point: Point = "post_tool_call" if isinstance(step, Result) else "input"
            verdict = await gate.adecide(_event(gate, invocation_context, point, [step]))
            if not verdict and isinstance(step, Message):
                self._refused[invocation_context.invocation_id] = verdict.message
                return content_of(WITHHELD, "user")
            if verdict.kind != "allow":
                content = changed(content, at, step, _left(verdict, step))
        return None if content is user_message else content

    async def before_run_callback(self, *, invocation_context: Any) -> Any:
        """Answer a user whose message is denied; no agent runs."""
        text = self._refused.get(invocation_context.invocation_id)
        return None if text is None else content_of(text)

    async def after_run_callback(self, *, invocation_context: Any) -> None:
        """Forget what was for this run alone."""
        self._ended(invocation_context)

    async def on_run_error_callback(self, *, invocation_context: Any, error: Exception) -> None:
        """The same for a run that failed."""
        self._ended(invocation_context)

    def _ended(self, where: Any) -> None:
        self._refused.pop(where.invocation_id, None)
        self._gates.closed(where)

    # ---- the model

    async def before_model_callback(self, *, callback_context: Any, llm_request: Any) -> Any:
        """Judge what the model will see."""
        where = callback_context.get_invocation_context()
        gate = self._gate(where)
        sent = Sent.of(llm_request, where.session)
        verdict = await gate.adecide(_event(gate, where, "pre_model_call", sent.steps))
        if not verdict:
            return answer(content_of(verdict.message), own=True)
        if verdict.kind == "transform":
            sent.apply(llm_request, verdict)
        return None

    async def after_model_callback(self, *, callback_context: Any, llm_response: Any) -> Any:
        """Judge what the model says; pieces of it are held back until then."""
        where = callback_context.get_invocation_context()
        gate = self._gate(where)
        if llm_response.partial:
            return _without_words(llm_response) if gate.stream().holds else None
        step = message_of(llm_response.content, "assistant")
        steps = [] if step is None else [step]
        verdict = await gate.adecide(_event(gate, where, "post_model_call", steps))
        if not verdict:
            return answer(content_of(verdict.message), own=True)
        if verdict.kind == "allow" or step is None:
            return None
        return answer(changed(llm_response.content, 0, step, verdict.after), own=False)

    async def on_event_callback(self, *, invocation_context: Any, event: Any) -> Any:
        """Judge what leaves, so far as no model said it: agents may be plain code."""
        again = {one.id for one in event.get_function_responses()} & self._again
        if again:
            self._again -= again
            return asking(event, invocation_context)
        if event.author == "user" or invocation_context.invocation_id in self._refused:
            return None
        if OWN in (event.custom_metadata or {}):
            return None
        step = message_of(event.content, "assistant")
        if step is None:
            return None
        gate = self._gate(invocation_context)
        if event.partial:
            return _without_words(event) if gate.stream().holds else None
        verdict = await gate.adecide(_event(gate, invocation_context, "output", [step]))
        if not verdict:
            return event.model_copy(update={"content": content_of(verdict.message)})
        if verdict.kind == "allow":
            return None
        left = changed(event.content, 0, step, verdict.after)
        return event.model_copy(update={"content": left})

    # ---- tools

    async def before_tool_callback(
        self, *, tool: Any, tool_args: dict[str, Any], tool_context: Any
    ) -> Any:
        """Judge a call."""
        where = tool_context.get_invocation_context()
        gate = self._gate(where)
        call = Call(tool.name, dict(tool_args), id=tool_context.function_call_id or "")
        verdict = await self._agreed(gate, call, tool_context)
        if not verdict:
            return Told(verdict.message)
        going = verdict.after
        assert isinstance(going, Call), "a call goes on as a call"
        if going.tool == TRANSFER:
            handoff = _event(gate, where, "handoff", [Handoff(str(going.args.get("agent_name")))])
            verdict = await gate.adecide(handoff)
            if not verdict:
                return Told(verdict.message)
        if going.args != tool_args:
            tool_args.clear()
            tool_args.update(going.args)
        enter(Caller(gate, where.invocation_id))
        return None

    async def _agreed(self, gate: Gate, call: Call, tool_context: Any) -> Verdict:
        """Whether a call may go on, once everybody agreed who is asked."""
        where, given = tool_context.get_invocation_context(), tool_context.tool_confirmation
        asked = {} if given is None else asked_about(where.session, call.id)
        call = _with_args(call, asked.get("edited"))
        event = _event(gate, where, "pre_tool_call", [call])
        verdict = await gate.adecide(event)
        if verdict.request is None:
            return verdict
        if asks_approvers(self.guard) or is_child(where):  # ADK gives up a session that waits
            return await gate.asettle(event, verdict)
        if not asked:
            return paused(tool_context, verdict)
        answered = given.payload if isinstance(given.payload, Mapping) else {}
        edited = _with_args(call, answered.get("args"))
        reply = {"yes": given.confirmed, "id": asked["id"], "person": answered.get("person")}
        event = _event(gate, where, "pre_tool_call", [edited])
        verdict = await gate.aresume(event, verdict, reply)
        if verdict.request is None:
            return verdict
        self._again.add(call.id)
        return paused(tool_context, verdict, edited)

    async def after_tool_callback(
        self, *, tool: Any, tool_args: Any, tool_context: Any, result: Any
    ) -> Any:
        """Judge a result."""
        if isinstance(result, Told):
            return None
        enter(None)
        return await self._result(tool, tool_context, result)

    async def on_tool_error_callback(
        self, *, tool: Any, tool_args: Any, tool_context: Any, error: BaseException
    ) -> Any:
        """Judge the error of a tool: it is a result. One that may go on is raised as always."""
        enter(None)
        if isinstance(error, asyncio.CancelledError):
            return None
        text = {"error": str(error) or type(error).__name__}
        return await self._result(tool, tool_context, text)

    async def _result(self, tool: Any, tool_context: Any, given: Any) -> Any:
        where = tool_context.get_invocation_context()
        gate = self._gate(where)
        step = result_step(tool.name, given, tool_context.function_call_id or "")
        verdict = await gate.adecide(_event(gate, where, "post_tool_call", [step]))
        if not verdict:
            return Told(verdict.message)
        if verdict.kind == "allow":
            return None
        assert isinstance(verdict.after, Result), "a result goes on as a result"
        return response_of(verdict.after, given)

    def _gate(self, where: Any) -> Gate:
        return self._gates.of(where, _agent(where))


# ---- small things


def _agent(where: Any) -> str:
    return str(getattr(where.agent, "name", "") or "")


def _event(gate: Gate, where: Any, point: Point, steps: Iterable[Step]) -> Event:
    return Event(point, tuple(steps), gate.conversation, _agent(where) or gate.agent)


def _left(verdict: Verdict, step: Step) -> Step:
    """What goes on of a step, be it only that it does not."""
    if verdict:
        return verdict.after
    assert isinstance(step, Result), "a message that is denied ends the run"
    return replace(step, text="", value=None, error=verdict.message)


def _without_words(response: Any) -> Any:
    """A piece of a message without the message: its calls stay, which ADK only shows."""
    parts = [one for one in (response.content.parts if response.content else None) or []
             if one.function_call]  # fmt: skip
    left = response.content.model_copy(update={"parts": parts}) if parts else None
    return response.model_copy(update={"content": left})


def _with_args(call: Call, args: Any) -> Call:
    """The call as whoever was asked wants it."""
    return replace(call, args=dict(args)) if isinstance(args, Mapping) else call
