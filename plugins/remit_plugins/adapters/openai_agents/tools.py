"""Tools and handoffs that are judged."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from inspect import isawaitable
from typing import TYPE_CHECKING, Any

from remit.conversation.model import Call, Handoff, Result
from remit.hooks.events import Verdict
from remit.host.values import result_of, value_of
from remit_plugins.adapters.callers import calling
from remit_plugins.adapters.once import Door
from remit_plugins.adapters.openai_agents.items import call_of
from remit_plugins.adapters.places import Leave, asks_approvers, notes

if TYPE_CHECKING:
    from remit_plugins.adapters.openai_agents.agents import Held

NOBODY = "nobody agreed to this call"
NOT_OURS = "the run brings a model of its own (`RunConfig.model`), which nobody judges"


@dataclass(frozen=True, slots=True)
class Tool:
    """A function tool under a policy."""

    held: Held
    tool: Any

    def made(self) -> Any:
        """A tool for the SDK; the one that was given stays as it is."""
        made = copy(self.tool)
        made.on_invoke_tool = self.invoke
        made.needs_approval = self.asks
        return made

    async def asks(self, context: Any, args: dict[str, Any], call_id: str) -> bool:
        """Whether the SDK is to stop here, for a policy that asks or for the tool's own reasons."""
        door = self.held.door()
        call = Call(self.tool.name, args, id=call_id)
        leave = notes(door.gate).leaves.get(call_id)
        if leave is None or leave.call != call:
            leave = Leave(call, await door.decide(door.event("pre_tool_call", [call])))
            notes(door.gate).leaves[call_id] = leave
        if leave.verdict.request is not None and not asks_approvers(door.gate.guard):
            self.held.asked[call_id] = door.gate
            return True
        if not leave.verdict and leave.verdict.request is None:
            return False
        asks = self.tool.needs_approval
        return await _called(asks, context, args, call_id) if callable(asks) else bool(asks)

    async def invoke(self, context: Any, given: str) -> Any:
        """Run the tool with what the policy leaves, and give what it leaves of the result."""
        door = self.held.door()
        call = call_of(self.tool.name, given, context.tool_call_id)
        if getattr(getattr(context, "run_config", None), "model", None) is not None:
            return NOT_OURS
        verdict = await self._agreed(door, call)
        if not verdict:
            return NOBODY if verdict.request is not None else verdict.message
        after = verdict.after
        assert isinstance(after, Call), "a call goes on as a call"
        going = given if verdict.kind == "allow" else json.dumps(dict(after.args))
        try:
            with calling(door.gate, call.id):
                value = await self.tool.on_invoke_tool(context, going)
        except Exception as error:
            left = await self._failed(door, call, error)
            if left is None:
                raise
            return left
        if value is None and _holds_agent(self.tool):  # the agent in it waits: nothing is done yet
            notes(door.gate).leaves[call.id] = Leave(call, verdict)
            return None
        return await self._given(door, call, value)

    async def _agreed(self, door: Door, call: Call) -> Verdict:
        leave = notes(door.gate).leaves.pop(call.id, None)
        if leave is not None and leave.call == call and leave.verdict.request is None:
            return leave.verdict
        event = door.event("pre_tool_call", [call])
        verdict = await door.decide(event)
        return await door.settle(event, verdict) if asks_approvers(door.gate.guard) else verdict

    async def _given(self, door: Door, call: Call, value: Any) -> Any:
        data = _data(value)
        step = result_of(call.tool, data, call.id)
        verdict = await door.decide(door.event("post_tool_call", [step]))
        if not verdict:
            return verdict.message
        if verdict.kind == "allow":
            return value
        after = verdict.after
        assert isinstance(after, Result), "a result goes on as a result"
        return value_of(after, data)

    async def _failed(self, door: Door, call: Call, error: Exception) -> str | None:
        """What to give instead of the error of a tool; None where that may go on."""
        told = Result(call.tool, error=str(error) or type(error).__name__, id=call.id)
        verdict = await door.decide(door.event("post_tool_call", [told]))
        if not verdict:
            return verdict.message
        after = verdict.after
        assert isinstance(after, Result), "a result goes on as a result"
        return None if verdict.kind == "allow" else after.error or after.text


@dataclass(frozen=True, slots=True)
class Handing:
    """A handoff under a policy. Where it is denied the same agent goes on."""

    held: Held
    handoff: Any

    def made(self, target: Any) -> Any:
        """A handoff for the SDK; `target` is the agent as it is held, where it is known."""
        made = copy(self.handoff)
        made.on_invoke_handoff = self.invoke
        if target is not None:
            from weakref import ref

            made._agent_ref = ref(target)  # from it the SDK finds agents when a run goes on
        if self.handoff.input_filter is not None:
            made.input_filter = self.filtered
        return made

    async def invoke(self, context: Any, given: str) -> Any:
        """The agent that goes on."""
        door = self.held.door()
        step = Handoff(self.handoff.agent_name, _said(given))
        verdict = await door.decide(door.event("handoff", [step]))
        if verdict:
            return self.held.protected(await self.handoff.on_invoke_handoff(context, given))
        notes(door.gate).instead[self._call_id()] = verdict.message
        return self.held.made

    def filtered(self, data: Any) -> Any:
        """What the next agent sees: all of it where that is the same one."""
        denied = self._call_id() in notes(self.held.door().gate).instead
        return data if denied else self.handoff.input_filter(data)

    def _call_id(self) -> str:
        return notes(self.held.door().gate).called.get(self.handoff.tool_name, "")


def _holds_agent(tool: Any) -> bool:
    return getattr(tool, "_agent_instance", None) is not None


def is_judged(tool: Any) -> bool:
    """Whether a tool is one of ours."""
    return isinstance(getattr(tool.on_invoke_tool, "__self__", None), Tool)


def judged_tool(held: Held, tool: Any) -> Any:
    """A tool that is judged. Raises `ValueError` where an agent in it is under no policy."""
    inner = getattr(tool, "_agent_instance", None)
    if inner is not None and not hasattr(inner, "remit_held"):
        told = f"the agent `{inner.name}` in the tool `{tool.name}` is under no policy"
        raise ValueError(f"{told}: `protect` it, and make the tool of what that gives")
    return Tool(held, tool).made()


async def _called(asks: Callable[..., Any], *given: Any) -> bool:
    found = asks(*given)
    return bool(await found if isawaitable(found) else found)


def _data(value: Any) -> Any:
    """What a tool gave, as plain data where it is that to the SDK."""
    if isinstance(value, (list, tuple)):
        return [_data(one) for one in value]
    return value.model_dump() if hasattr(value, "model_dump") else value


def _said(given: str) -> str:
    """What the agent says by a handoff."""
    args = call_of("", given, "").args
    return "\n".join(one for one in args.values() if isinstance(one, str))
