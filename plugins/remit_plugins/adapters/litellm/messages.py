"""Chat messages as steps, and the messages and calls that are left of them."""

from __future__ import annotations

import json
from typing import Any

from remit.conversation.content import OWN_WORDS
from remit.conversation.findings import Findings
from remit.conversation.from_chat import read_chat
from remit.conversation.model import Call, Message, Result, Step
from remit.hooks.events import Verdict

COPIES = ("reasoning_content", "thinking_blocks", "audio")  # of what the agent said


def steps_of(message: Any, names: dict[str, str]) -> list[Step] | None:
    """What a message says, and the calls in it; None for what cannot be read.

    `names` are the tools by the id of their calls: a result has only that.
    """
    found = Findings()
    steps = list(read_chat({"messages": [message]}, found).steps)
    if found.failed:
        return None
    for step in steps:
        if isinstance(step, Call) and step.id:
            names[step.id] = step.tool
        elif isinstance(step, Result) and not step.tool:
            step.tool = names.get(step.id, "")
    return steps


def message_left(message: dict[str, Any], steps: list[Step], after: list[Step]) -> dict[str, Any]:
    """The message, with other words where a step goes on otherwise."""
    changed = [(old, new) for old, new in zip(steps, after, strict=True) if new is not old]
    if not changed:
        return message
    old, new = changed[0]
    left = {name: value for name, value in message.items() if name not in COPIES}
    return {**left, "content": _content(message.get("content"), old, new)}


def _content(content: Any, old: Step, new: Step) -> Any:
    """Words as they go on; what is attached stays where it is as it was."""
    if isinstance(new, Result):
        return new.text
    assert isinstance(old, Message), "a call goes on as it is"
    assert isinstance(new, Message), "a message goes on as a message"
    if not isinstance(content, list) or not new.parts:
        return new.text
    blocks = [one for one in content
              if isinstance(one, dict) and one.get("type") not in OWN_WORDS]  # fmt: skip
    left: list[Any] = [{"type": "text", "text": new.text}] if new.text else []
    for block, before, now in zip(blocks, old.parts, new.parts, strict=False):
        left.append(block if now == before else {"type": "text", "text": now.text})
    return left


# ---- calls of an answer


def calls_of(message: Any) -> list[Any]:
    """The calls that an answer proposes."""
    old = getattr(message, "function_call", None)
    return [*(message.tool_calls or ()), *([] if old is None else [old])]


def call_of(call: Any) -> Call:
    """A call as a step."""
    inner = getattr(call, "function", call)
    name, text = str(inner.name or ""), inner.arguments or "{}"
    id = getattr(call, "id", "") or ""
    try:
        args = json.loads(text)
    except ValueError:
        args = None
    if isinstance(args, dict):
        return Call(name, args, id=id)
    return Call(name, id=id, bad_args=str(text))


def rewritten(call: Any, verdict: Verdict) -> Any:
    """The call with the arguments that the policy leaves."""
    after = verdict.after
    assert isinstance(after, Call), "a call goes on as a call"
    if verdict.kind == "transform":
        inner = getattr(call, "function", call)
        inner.arguments = json.dumps(dict(after.args), ensure_ascii=False)
    return call
