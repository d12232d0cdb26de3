"""Remit as an interceptor of AGENT-HOOKS 0.1, for every host that speaks it.

Contexts in, verdicts out, both as plain data, so the interceptor imports nothing. `Resolver` needs
`remit[agent-hooks]`. A halt is a deny here and at every later point, for the contract has no other.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from remit.conversation.model import Call, Message, Result, Step
from remit.hooks.events import POINTS as ALL
from remit.hooks.events import Event, Verdict
from remit.host import verdicts
from remit.host.guard import Guard
from remit.host.values import is_data, result_of
from remit_plugins.adapters.needs import need

POINTS = tuple(one for one in ALL if one != "handoff")
GAPS = (
    "a handoff is a call of the tool that hands on",
    "the policy does not hear whether another interceptor denied what it allowed",
)
ROLES = {"external": "agent"}  # whoever is neither user nor system speaks without authority


class Interceptor:
    """Answers each context with the verdict of a guard. Raises nothing.

    In an event loop `AsyncInterceptor` lets others run while judges are waited for.
    """

    def __init__(self, guard: Guard) -> None:
        self.guard = guard

    def intercept(self, context: Mapping[str, Any], /) -> dict[str, Any]:
        """The verdict on a context, in its wire form."""
        try:
            event = event_of(context)
            verdict = self.guard.decide(event)
            return _ended(self.guard, event, wire_of(verdict, event, context))
        except Exception as error:  # noqa: BLE001 - what cannot be read must not go on
            return wire_of(verdicts.failed(error), Event("input"), context)


class AsyncInterceptor:
    """The same for event loops."""

    def __init__(self, guard: Guard) -> None:
        self.guard = guard

    async def intercept(self, context: Mapping[str, Any], /) -> dict[str, Any]:
        """The verdict on a context, in its wire form."""
        try:
            event = event_of(context)
            verdict = await self.guard.adecide(event)
            return _ended(self.guard, event, wire_of(verdict, event, context))
        except Exception as error:  # noqa: BLE001 - as above
            return wire_of(verdicts.failed(error), Event("input"), context)


def _ended(guard: Guard, event: Event, wire: dict[str, Any]) -> dict[str, Any]:
    if event.point == "agent_shutdown":
        guard.close(event.conversation)
    return wire


class Resolver:
    """Resolves what asks, by the approvers of a guard; what a person agreed to is decided anew.

    Give it to the host beside the interceptor of the same guard. Its time is the host's: a person
    who needs days needs a host that can wait.
    """

    def __init__(self, guard: Guard) -> None:
        self.guard = guard
        self._sdk = need("agent_hooks", "agent-hooks")

    async def resolve(self, request: Any, /) -> Any:
        """The resolution of a liftable deny."""
        sdk = self._sdk
        event, verdict = await self._settled(request)
        wire = wire_of(verdict, event, request.context)
        outcome = sdk.ApprovalOutcome.APPROVE if verdict else sdk.ApprovalOutcome.REJECT
        wire.pop("approval", None)
        return sdk.ApprovalResolution(
            outcome, request.context_identity, sdk.Verdict.from_wire(wire)
        )

    async def _settled(self, request: Any) -> tuple[Event, Verdict]:
        """The verdict once the approvers answered what this very request asks."""
        event = event_of(request.context)
        asked = (request.verdict.approval or {}).get("id")
        gate = self.guard.gate(event.conversation, agent=event.agent)
        found = [one for one in gate.waiting if one.id == asked]
        if not found:
            return event, verdicts.denied("not_asked", "nobody was asked about this")
        event = _with_call(event, found[0].call)
        return event, await gate.asettle(event, await gate.adecide(event))


def _with_call(event: Event, call: Call) -> Event:
    """The event about the call that people were asked about, whatever a redactor left of it."""
    return Event(event.point, (call,), event.conversation, event.agent)


# ---- from a context to an event


def event_of(context: Mapping[str, Any]) -> Event:
    """What a context says. Raises `KeyError`, `TypeError` or `ValueError` for what is none."""
    point = context["interception_point"]
    if point not in POINTS:
        raise ValueError(f"there is no point `{str(point)[:80]}`")
    steps = tuple(_STEPS[point](context)) if point in _STEPS else ()
    agent = context["agent"]
    return Event(point, steps, context["session"]["id"], str(agent.get("name") or agent["id"]))


def _input(context: Mapping[str, Any]) -> list[Step]:
    said = context["input"]
    return [Message(ROLES.get(said["role"], said["role"]), text_of(said["content"]))]


def _messages(context: Mapping[str, Any]) -> list[Step]:
    return [step for one in context["messages"] for step in _of_message(one)]


def _of_message(message: Mapping[str, Any]) -> list[Step]:
    """What the model will see of a message, and then the calls in it."""
    role, text = str(message["role"]), text_of(message.get("content"))
    if role in ("tool", "function"):
        id = message.get("tool_call_id") or message.get("call_id") or ""
        return [Result(str(message.get("name") or ""), text, id=str(id))]
    calls = [_call(one) for one in message.get("tool_calls") or ()]
    said = [] if calls and not text else [Message(ROLES.get(role, role), text)]
    return [*said, *calls]


def _call(data: Mapping[str, Any]) -> Call:
    """A call in a message; it was, or will be, decided at its own point."""
    name = data.get("name") or data.get("function", {}).get("name", "")
    return Call(str(name), id=str(data.get("id") or ""))


def _response(context: Mapping[str, Any]) -> list[Step]:
    content = context["response"]["content"]
    return [] if content is None else [Message("assistant", text_of(content))]


def _tool_call(context: Mapping[str, Any]) -> list[Step]:
    call = context["tool_call"]
    return [Call(call["name"], dict(call["args"]), id=call["id"])]


def _tool_result(context: Mapping[str, Any]) -> list[Step]:
    call, given = context["tool_call"], context["tool_result"]
    if given["is_error"]:
        return [Result(call["name"], error=text_of(given["value"]), id=call["id"])]
    return [result_of(call["name"], given["value"], call["id"])]


def _output(context: Mapping[str, Any]) -> list[Step]:
    return [Message("assistant", text_of(context["output"]["content"]))]


_STEPS = {
    "input": _input, "pre_model_call": _messages, "post_model_call": _response,
    "pre_tool_call": _tool_call, "post_tool_call": _tool_result, "output": _output,
}  # fmt: skip


def text_of(content: Any) -> str:
    """The text of a content: itself, the texts of its parts, or its JSON."""
    if content is None or isinstance(content, str):
        return content or ""
    if isinstance(content, list) and all(_is_part(one) for one in content):
        return "\n".join(one["text"] for one in content)
    return json.dumps(content, ensure_ascii=False, default=str)


def _is_part(one: Any) -> bool:
    return isinstance(one, dict) and isinstance(one.get("text"), str)


# ---- from a verdict to its wire form


def wire_of(verdict: Verdict, event: Event, context: Mapping[str, Any]) -> dict[str, Any]:
    """The verdict in the wire form of AGENT-HOOKS."""
    decision = "deny" if verdict.kind == "ask" else verdict.kind
    wire: dict[str, Any] = {"decision": decision}
    if verdict.kind == "transform":
        wire["transform"] = _transform(verdict.steps, event, context)
    texts = {"reason": verdict.reason, "message": verdict.message}
    wire.update({name: text for name, text in texts.items() if text})
    if verdict.warnings:
        wire["warnings"] = [{"reason": "remit:warn", "message": one} for one in verdict.warnings]
    if verdict.request is not None:
        wire["approval"] = verdict.request.to_json()
    evidence = _evidence(verdict, event)
    return wire | ({"evidence": evidence} if evidence else {})


def _evidence(verdict: Verdict, event: Event) -> dict[str, Any]:
    """Where the decision is found, and what it rests on."""
    if not verdict.decisions:
        return {}
    last = verdict.decisions[-1]
    pointers = {"policy": last.ground.name, "policy_sha256": last.ground.digest}
    clauses = ",".join(one for made in verdict.decisions for one in made.decided_by)
    return {
        "artefact": f"remit:{event.conversation}:{last.index}",
        "verification_pointers": pointers | ({"clauses": clauses} if clauses else {}),
    }


def _transform(after: Sequence[Step], event: Event, context: Mapping[str, Any]) -> dict[str, Any]:
    """The change of the target: arguments, a result, a text, or messages."""
    last: Any = after[-1]
    if event.point == "pre_tool_call":
        return {"path": "$target", "value": dict(last.args)}
    if event.point == "post_tool_call":
        return {"path": "$target", "value": _value(last, context["tool_result"])}
    if event.point == "pre_model_call":
        return {"path": "$target", "value": _changed(after, event, context["messages"])}
    return {"path": "$target.content", "value": last.text}


def _value(after: Result, given: Mapping[str, Any]) -> Any:
    if given["is_error"] and isinstance(given["value"], str):
        return after.error or after.text
    is_text = isinstance(given["value"], str) or after.value is None or not is_data(given["value"])
    return (after.text or after.error or "") if is_text else after.value


def _changed(after: Sequence[Step], event: Event, messages: Sequence[Any]) -> list[Any]:
    """The messages, with other texts where steps were changed."""
    made: list[Any] = []
    at = 0
    for message in messages:
        old, new = event.steps[at], after[at]
        at += len(_of_message(message))
        text = getattr(new, "text", "")
        made.append(message if new is old else {**message, "content": text})
    return made
