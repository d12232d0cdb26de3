"""What an AGENT-HOOKS context of Agent Framework holds, as steps, and what is left of it.

The framework shows messages as lists of its own contents, which the contract does not describe.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from remit.conversation.model import Call, Message, Result, Step
from remit.conversation.pieces import Part
from remit.conversation.shared import attached, structured
from remit.hooks.events import Verdict
from remit.host.values import result_of
from remit_plugins.adapters.agent_hooks import ROLES

SYSTEM = -1  # the place of the instructions
SILENT = {
    "text", "text_reasoning", "function_call", "function_result", "usage",
    "function_approval_request", "function_approval_response",
}  # fmt: skip


@dataclass(slots=True)
class Shown:
    """The messages in a context: the steps, and where each stands.

    A step without a content of its own is all that is said in its message.
    """

    messages: list[Any]
    steps: list[Step] = field(default_factory=list)
    places: list[tuple[int, int | None]] = field(default_factory=list)

    @classmethod
    def of(cls, context: Mapping[str, Any], instructions: str = "") -> Shown:
        """What a context shows."""
        shown = cls(_messages(context))
        if instructions:
            shown._add(Message("system", instructions), SYSTEM)
        names = {one["call_id"]: one["name"] for one in _all(shown.messages, "function_call")}
        for at, message in enumerate(shown.messages):
            for content, step in steps_of(message, names):
                shown._add(step, at, content)
        return shown

    def _add(self, step: Step, message: int, content: int | None = None) -> None:
        self.steps.append(step)
        self.places.append((message, content))

    def left(self, context: Mapping[str, Any], verdict: Verdict) -> tuple[Any, str | None]:
        """The target of a context as it goes on, and the instructions where they are others."""
        messages, instructions = list(self.messages), None
        rows = zip(self.places, self.steps, verdict.steps, strict=True)
        for (at, content), old, new in rows:
            if new is old:
                continue
            if at == SYSTEM:
                assert isinstance(new, Message), "a message goes on as a message"
                instructions = new.text
            else:
                messages[at] = changed(messages[at], content, old, new)
        return _target(context, messages), instructions


def _messages(context: Mapping[str, Any]) -> list[Any]:
    """The messages of a context, in whichever of its forms they come."""
    point = context["interception_point"]
    if point == "pre_model_call":
        return list(context["messages"])
    key = "response" if point == "post_model_call" else point
    content = context[key]["content"]
    if content is None:
        return []
    if isinstance(content, list) and content and "role" in content[0]:
        return content
    role = context["input"]["role"] if point == "input" else "assistant"
    return [{"role": role, "content": content}]


def _target(context: Mapping[str, Any], messages: list[Any]) -> Any:
    """Messages in the form in which they came."""
    point = context["interception_point"]
    if point == "pre_model_call":
        return messages
    key = "response" if point == "post_model_call" else point
    old = context[key]["content"]
    is_list = isinstance(old, list) and bool(old) and "role" in old[0]
    return {**context[key], "content": messages if is_list else messages[0]["content"]}


def _all(messages: list[Any], kind: str) -> Iterator[Any]:
    for message in messages:
        yield from (one for one in contents_of(message) if one["type"] == kind)


def contents_of(message: Any) -> list[Any]:
    """The contents of a message; a text is one."""
    content = message["content"]
    return [{"type": "text", "text": content}] if isinstance(content, str) else list(content)


# ---- to steps


def steps_of(message: Any, names: Mapping[str, str]) -> Iterator[tuple[int | None, Step]]:
    """The steps in a message: results, what is said, calls. `names` are tools, by ids of calls."""
    contents = contents_of(message)
    for at, one in enumerate(contents):
        if one["type"] == "function_result":
            yield at, result(names.get(one["call_id"], ""), one.get("result"), one["call_id"])
    said = message_of(contents, ROLES.get(message["role"], message["role"]))
    if said is not None:
        yield None, said
    for at, one in enumerate(contents):
        if one["type"] == "function_call":
            yield at, Call(one["name"], id=one["call_id"])


def message_of(contents: list[Any], role: str) -> Message | None:
    """What is said in contents; None where they are calls, results and thoughts alone."""
    words = [one["text"] for one in contents if one["type"] == "text" and one.get("text")]
    others = tuple(_attached(one) for one in contents if one["type"] not in SILENT)
    if not words and not others:
        return None
    return Message(role, ("" if role == "assistant" else "\n").join(words), others)


def _attached(content: Any) -> Part:
    """A file, a picture, what a tool of the provider did: seen, and without authority."""
    if content["type"] in ("data", "uri"):
        return attached(content.get("uri") or content["type"])
    return attached(content["type"], json.dumps(content, ensure_ascii=False))


def result(tool: str, given: Any, id: str) -> Result:
    """What a tool gave: the framework has data as text."""
    value = structured(given) if isinstance(given, str) else None
    return result_of(tool, given if value is None else value, id)


def value_of(after: Result) -> Any:
    """What goes on of what a tool gave, as the framework has it."""
    if after.value is not None:
        return json.dumps(after.value, ensure_ascii=False)
    return after.text if after.error is None else after.error


# ---- and back


def changed(message: Any, at: int | None, old: Step, new: Step) -> Any:
    """The message, where a step in it goes on otherwise."""
    contents = contents_of(message)
    if isinstance(new, Result):
        assert at is not None, "a result has its place"
        text = value_of(new)
        items = [{"type": "text", "text": text}]
        contents[at] = {**contents[at], "result": text, "items": items}
        return {**message, "content": contents}
    assert isinstance(old, Message), "a call that was shown before goes on as it is"
    assert isinstance(new, Message), "a message goes on as a message"
    if isinstance(message["content"], str):
        return {**message, "content": new.text}
    return {**message, "content": _contents(contents, old, new)}


def _contents(contents: list[Any], old: Message, new: Message) -> list[Any]:
    """Words and parts as they go on: calls, results, and parts that are as they were, stay."""
    kept: list[Any] = [{"type": "text", "text": new.text}] if new.text else []
    before, after = iter(old.parts), iter(new.parts)
    for one in contents:
        if one["type"].startswith("function_"):
            kept.append(one)
        elif one["type"] not in SILENT:
            was, left = next(before), next(after, None)
            if left is not None:
                kept.append(one if left == was else {"type": "text", "text": left.text})
    return kept
