"""Items of the Responses API, as the OpenAI Agents SDK has them, as steps; and what is left."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from remit.conversation.content import OWN_WORDS, SILENT, Content, read_content
from remit.conversation.findings import Findings
from remit.conversation.model import Call, Message, Result, Step
from remit.conversation.shared import arguments, attached, structured
from remit.hooks.events import Verdict
from remit_plugins.adapters.needs import need

OUTPUTS = ("function_call_output", "custom_tool_call_output")
CALLS = ("function_call", "custom_tool_call")
NO_IDS = ("", "__fake_id__")  # what the SDK has where a provider gives none
WORDS = OWN_WORDS | SILENT | {"refusal"}  # parts that are no attachments


@dataclass(slots=True)
class Sent:
    """All that a model is about to see: the steps, their ids, and which item each is of."""

    items: Sequence[Any]
    steps: list[Step] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    owners: list[int] = field(default_factory=list)

    @classmethod
    def of(cls, items: Sequence[Any]) -> Sent:
        """The steps of items, in their order."""
        sent = cls(items)
        tools = {id_of(one): str(one.get("name") or "") for one in map(data_of, items)
                 if one.get("type") in CALLS}  # fmt: skip
        for at, item in enumerate(items):
            data = data_of(item)
            step = step_of(data, tools)
            if step is None:
                continue
            sent.steps.append(step)
            sent.ids.append(_name(data) if isinstance(step, Message) else "")
            sent.owners.append(at)
        return sent

    def left(self, verdict: Verdict) -> list[Any]:
        """The items as they go on."""
        items = list(self.items)
        if verdict.kind == "transform":
            rows = zip(self.owners, self.steps, verdict.steps, strict=True)
            for at, old, new in rows:
                if new is not old:
                    items[at] = said(data_of(items[at]), new)
        return items


def data_of(item: Any) -> dict[str, Any]:
    """An item as plain data."""
    if isinstance(item, Mapping):
        return dict(item)
    dumped = item.model_dump(exclude_unset=True) if hasattr(item, "model_dump") else None
    return dumped if isinstance(dumped, dict) else {"type": "unknown", "text": str(item)}


def id_of(data: Mapping[str, Any]) -> str:
    """What joins a call to its result."""
    return str(data.get("call_id") or "")


def step_of(data: Mapping[str, Any], tools: Mapping[str, str]) -> Step | None:
    """An item as a step. None for what is neither said nor done here, as what a model thinks."""
    kind = data.get("type")
    if kind in CALLS:
        given = data.get("input") if kind == "custom_tool_call" else data.get("arguments")
        return call_of(str(data.get("name") or ""), given, id_of(data))
    if kind in OUTPUTS:
        text = content_of(data.get("output")).all_text
        name = tools.get(id_of(data), "")
        return Result(name, text, structured(text), id_of(data))
    if "role" not in data:
        return None
    content = content_of(data.get("content"))
    return Message(str(data["role"]), content.text, tuple(content.parts))


def call_of(tool: str, given: Any, id: str) -> Call:
    """A call; where its arguments are no object, every clause about them is unknown."""
    args, bad = arguments(given, (), Findings())
    return Call(tool, args, id=id, bad_args=bad)


def content_of(value: Any) -> Content:
    """The words of a message or a result apart from what is attached."""
    found = Findings()
    content = read_content(_plain(value), (), found)
    if found.failed:  # all of it is seen, and none of it has authority
        content.parts.append(attached("content", json.dumps(_plain(value), default=str)))
    return content


def _plain(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [one.model_dump() if hasattr(one, "model_dump") else one for one in value]
    return value


def _name(data: Mapping[str, Any]) -> str:
    id = str(data.get("id") or "")
    return "" if id in NO_IDS else id


# ---- and back


def said(data: dict[str, Any], new: Step) -> dict[str, Any]:
    """The item, where it goes on with other words."""
    if isinstance(new, Result):
        return {**data, "output": new.error if new.error is not None else new.text}
    assert isinstance(new, Message), "a call that was shown before goes on as it is"
    content = data.get("content")
    if isinstance(content, str):
        return {**data, "content": new.text}
    return {**data, "content": _parts(data, _plain(content), new)}


def _parts(data: Mapping[str, Any], content: list[Any], new: Message) -> list[Any]:
    """Words and attachments as they go on: what is attached stays while it is as it was."""
    kind = "output_text" if data.get("role") == "assistant" else "input_text"
    left: list[Any] = [{"type": kind, "text": new.text}] if new.text or not new.parts else []
    files = [one for one in content if isinstance(one, dict) and one.get("type") not in WORDS]
    before = content_of(content).parts
    for part, old, after in zip(files, before, new.parts, strict=False):
        left.append(part if after == old else {"type": kind, "text": after.text})
    return left


# ---- what a model answers


def messages_in(output: Iterable[Any]) -> list[tuple[int, Message, str]]:
    """What is said in an answer: places, steps and ids."""
    found = []
    for at, item in enumerate(output):
        data = data_of(item)
        if data.get("type") == "message":
            step = step_of(data, {})
            assert isinstance(step, Message), "an item that has a role"
            found.append((at, step, _name(data)))
    return found


def without_thoughts(output: list[Any]) -> list[Any]:
    """An answer that was changed, without what was thought; a provider wants that beside calls."""
    kinds = [data_of(one).get("type") for one in output]
    if any(kind in CALLS for kind in kinds):
        return output
    return [one for one, kind in zip(output, kinds, strict=True) if kind != "reasoning"]


def message(text: str, like: Any = None) -> Any:
    """A message of the agent; `like` is the one it stands for."""
    types = need("openai.types.responses", "openai-agents")
    part = types.ResponseOutputText(text=text, type="output_text", annotations=[], logprobs=[])
    id = str(data_of(like).get("id") or "") if like is not None else ""
    return types.ResponseOutputMessage(
        id=id or "__fake_id__", type="message", role="assistant", status="completed",
        content=[part],
    )  # fmt: skip
