"""Invariant Guardrails: one `raise` a rule; the host takes deny over allow."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib import import_module
from typing import Any

from .calls import Calls, Judge, Request, Rule
from .trace import INSIDE, Event, Start, Trace, Whole

_ITERATIONS = "1000000000"  # by default it refuses after 100, which is one rule and 20 messages


def _policy(text: str) -> Any:
    os.environ.setdefault("LOCAL_POLICY", "1")
    os.environ.setdefault("INVARIANT_MAX_ITERATIONS", _ITERATIONS)
    return import_module("invariant.analyzer").LocalPolicy.from_string(text)


def _message(id: str, tool: str, args: Any) -> dict[str, Any]:
    function = {"name": tool, "arguments": args}
    return {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": id, "type": "function", "function": function}],
    }


def _rule(rule: Rule) -> str:
    name = f"    call is tool:{rule.tool}\n" if rule.tool else ""
    return (
        f'raise "{rule.effect}" if:\n    (call: ToolCall)\n{name}'
        f'    input.role == "{rule.role}"\n    call.function.arguments.amount > {rule.above}\n'
        f'    match("^{rule.prefix}.*", call.function.arguments.path)\n'
    )


def loader(work: Calls) -> Callable[[], Any]:
    """The policy from text."""
    text = "\n".join(map(_rule, work.rules))
    return lambda: _policy(text)


def calls(work: Calls) -> Judge:
    """`analyze_pending` of one message."""
    policy = loader(work)()

    def decide(request: Request) -> str:
        pending = [_message("c", request["tool"], request["args"])]
        found = policy.analyze_pending([], pending, role=request["principal"]["role"])
        told = {str(one.args[0] if one.args else one) for one in found.errors}
        return "deny" if any("deny" in one for one in told) else "allow" if told else "default"

    return Judge(decide)


def _exfiltration(one: int) -> str:
    domain = INSIDE.replace(".", "[.]")
    return (
        f'raise "exfiltration {one}" if:\n    (out: ToolOutput) -> (call: ToolCall)\n'
        f'    out is tool:read_{one}\n    "SECRET_{one}" in out.content\n'
        f'    call is tool:send_email_{one}({{ to: "^(?!.*{domain}$).*$" }})\n'
    )


def _as_message(event: Event) -> dict[str, Any]:
    if event["kind"] == "result":
        return {"role": "tool", "tool_call_id": event["id"], "content": event["text"]}
    sends = event["tool"].startswith("send")
    args = {"to": event["to"], "body": "hello"} if sends else {"q": "x"}
    return _message(event["id"], event["tool"], args)


def trace(work: Trace) -> Start:
    """`analyze_pending` of one message behind all others."""
    policy = _policy("\n".join(map(_exfiltration, range(work.rules))))

    def decide(past: list[Event], step: Event) -> bool:
        messages = [_as_message(one) for one in past]
        return bool(policy.analyze_pending(messages, [_as_message(step)]).errors)

    return lambda: Whole(decide)
