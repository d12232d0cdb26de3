"""LangChain's messages as steps, and the messages that are left of them."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from remit.conversation.content import OWN_WORDS, SILENT, Content, read_part
from remit.conversation.findings import Findings
from remit.conversation.from_chat import error_of
from remit.conversation.model import Call, Message, Result, Step
from remit.conversation.shared import attached, structured
from remit.hooks.events import Verdict
from remit_plugins.adapters.needs import need

ROLES = {"human": "user", "ai": "assistant"}  # the others are named as everywhere
NOT_SAID = frozenset({  # blocks of the agent's message that are told elsewhere, or to nobody
    "reasoning", "thinking", "redacted_thinking", "tool_use", "tool_call", "tool_call_chunk",
    "function_call", "invalid_tool_call",
})  # fmt: skip
WORDS = OWN_WORDS | SILENT | {"refusal"}  # blocks that are no attachments
CHANGED: dict[str, Any] = {
    "additional_kwargs": {},
    "response_metadata": {},
}  # both may repeat what was said


@dataclass(slots=True)
class Sent:
    """All that a model is about to see: the steps, their ids, and which message each is of."""

    messages: Sequence[Any]
    steps: list[Step] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    owners: list[int] = field(default_factory=list)

    @classmethod
    def of(cls, messages: Sequence[Any]) -> Sent:
        """The steps of messages, in their order."""
        sent = cls(messages)
        for at, message in enumerate(messages):
            for step in steps_of(message):
                sent.steps.append(step)
                sent.ids.append((message.id or "") if isinstance(step, Message) else "")
                sent.owners.append(at)
        return sent

    def left(self, verdict: Verdict) -> dict[int, Any]:
        """By their places, the messages that go on otherwise."""
        if verdict.kind != "transform":
            return {}
        rows = zip(self.owners, self.steps, verdict.steps, strict=True)
        return {at: said(self.messages[at], old, new) for at, old, new in rows if new is not old}


def steps_of(message: Any) -> list[Step]:
    """What a message says, and the calls in it."""
    if message.type in ("tool", "function"):
        return [result_of(message)]
    role = ROLES.get(message.type) or getattr(message, "role", message.type)
    content = content_of(message)
    calls = [call_of(one) for one in getattr(message, "tool_calls", None) or ()]
    if not content and message.type == "ai":
        return [*calls]
    return [Message(role, content.text, tuple(content.parts)), *calls]


def content_of(message: Any) -> Content:
    """The words of a message apart from what is attached to it."""
    if isinstance(message.content, str):
        return Content([message.content])
    content = Content()
    for block in _blocks(message):
        found = Findings()
        read_part(block, ("content",), content, found)
        if found.failed:  # all of it is seen, and none of it has authority
            content.parts.append(attached("content", json.dumps(block, default=str)))
    return content


def _blocks(message: Any) -> list[Any]:
    skipped = NOT_SAID if message.type == "ai" else ()
    return [one for one in message.content if not _is_of(one, skipped)]


def _is_of(block: Any, kinds: Collection[str]) -> bool:
    return isinstance(block, Mapping) and block.get("type") in kinds


def call_of(call: Mapping[str, Any]) -> Call:
    """A call that the model proposes."""
    return Call(str(call["name"]), call["args"], id=str(call.get("id") or ""))


def result_of(message: Any, call: Mapping[str, Any] | None = None) -> Result:
    """What a tool gave, as its message says it."""
    text = content_of(message).all_text
    name = message.name or (call["name"] if call else "")
    error = error_of(getattr(message, "status", "") == "error", text)
    id = getattr(message, "tool_call_id", "") or ""
    return Result(str(name), text, structured(text), id, error)


# ---- and back


def said(message: Any, old: Step, new: Step) -> Any:
    """The message, where it goes on with other words."""
    if isinstance(new, Result):
        text = new.error if new.error is not None and new.error != new.text else new.text
        return message.model_copy(update={"content": text, "artifact": None, **CHANGED})
    assert isinstance(old, Message), "a call that was shown before goes on as it is"
    assert isinstance(new, Message), "a message goes on as a message"
    return message.model_copy(update={"content": _content(message, old, new), **CHANGED})


def _content(message: Any, old: Message, new: Message) -> Any:
    """Words and parts as they go on: a part that is as it was stays, images too."""
    if not new.parts or isinstance(message.content, str):
        return new.text
    blocks = [one for one in _blocks(message) if not isinstance(one, str)]
    blocks = [one for one in blocks if not _is_of(one, WORDS)]
    left: list[Any] = [{"type": "text", "text": new.text}] if new.text else []
    for block, before, after in zip(blocks, old.parts, new.parts, strict=False):
        left.append(block if after == before else {"type": "text", "text": after.text})
    return left


def denied(call: Mapping[str, Any], text: str, id: str | None = None) -> Any:
    """What the model gets in the place of a result."""
    made = need("langchain_core.messages", "langchain").ToolMessage
    return made(text, name=call["name"], tool_call_id=call["id"], status="error", id=id)


def answer(text: str, like: Any = None) -> Any:
    """A message of the agent without calls, which ends the run; `like` is the one it stands for."""
    made = need("langchain_core.messages", "langchain").AIMessage
    return made(text, id=getattr(like, "id", None), name=getattr(like, "name", None))
