"""Messages of Strands as steps, and the messages that are left of them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from remit.conversation.model import Call, Message, Result, Step
from remit.conversation.pieces import Part
from remit.conversation.shared import attached
from remit.hooks.events import Verdict
from remit.host.values import is_data

Span = tuple[int, int]  # the first block of a step in a message, and the one after its last
SYSTEM = -1  # the place of the system prompt
SILENT = {"cachePoint", "reasoningContent", "toolUse", "toolResult", "text"}


@dataclass(slots=True)
class Sent:
    """All that a model is about to see: the steps, and where each stands."""

    steps: list[Step] = field(default_factory=list)
    places: list[tuple[int, Span]] = field(default_factory=list)  # message and blocks

    @classmethod
    def of(cls, context: Any, said: Collection[str], asked_by: str) -> Sent:
        """The steps of a model call. `said` is what whoever asks the agent has said."""
        sent = cls()
        if prompt := _prompt(context.system_prompt):
            sent._add(Message("system", prompt), SYSTEM, (0, 0))
        names = {one["toolUseId"]: one["name"] for one in _calls(context.messages)}
        for at, message in enumerate(context.messages):
            for span, step in steps_of(message, _role(message, said, asked_by), names):
                sent._add(step, at, span)
        return sent

    def _add(self, step: Step, message: int, span: Span) -> None:
        self.steps.append(step)
        self.places.append((message, span))

    def left(self, context: Any, verdict: Verdict) -> Any:
        """The context of the model call, where the model is to see what is left."""
        messages = list(context.messages)
        # From the end, for a step may leave more or fewer blocks than it was.
        rows = [*zip(self.places, self.steps, verdict.steps, strict=True)]
        for (at, span), old, new in reversed(rows):
            if new is old:
                continue
            if at == SYSTEM:
                assert isinstance(new, Message), "a message goes on as a message"
                context = context.replace(system_prompt=new.text)
            else:
                messages[at] = changed(messages[at], span, old, new)
        return context.replace(messages=messages)


def _prompt(prompt: Any) -> str:
    if prompt is None or isinstance(prompt, str):
        return prompt or ""
    return "\n".join(one["text"] for one in prompt if "text" in one)


def _calls(messages: Sequence[Any]) -> list[Any]:
    return [block["toolUse"] for one in messages for block in one["content"] if "toolUse" in block]


def _role(message: Any, said: Collection[str], asked_by: str) -> str:
    """Who speaks: plugins and managers write as the user too, or behind what a user says."""
    if message["role"] == "assistant":
        return "assistant"
    return asked_by if words(message["content"], "user") in said else "agent"


# ---- to steps


def steps_of(
    message: Any, role: str, names: Mapping[str, str] | None = None
) -> Iterator[tuple[Span, Step]]:
    """The steps in a message, each with its blocks: results, what is said, calls.

    `names` are those of tools, by the ids of calls.
    """
    blocks = message["content"]
    for at, block in enumerate(blocks):
        if (given := block.get("toolResult")) is not None:
            name = (names or {}).get(given["toolUseId"], "")
            yield (at, at + 1), result_of_block(name, given)
    if (said := message_of(blocks, role)) is not None:
        yield (0, len(blocks)), said
    for at, block in enumerate(blocks):
        if (use := block.get("toolUse")) is not None:
            yield (at, at + 1), call_of(use)


def message_of(blocks: Sequence[Any], role: str) -> Message | None:
    """What is said in blocks; None where they are calls, results and thoughts alone."""
    text = words(blocks, role)
    others = tuple(part for one in blocks if (part := _attached(one)) is not None)
    return Message(role, text, others) if text or others else None


def words(blocks: Sequence[Any], role: str) -> str:
    """The words in blocks, those with citations too."""
    texts = [text for one in blocks for text in _texts(one)]
    return ("" if role == "assistant" else "\n").join(texts)


def _texts(block: Any) -> list[str]:
    if "text" in block:
        return [block["text"]] if block["text"] else []
    cited = block.get("citationsContent", {}).get("content", [])
    return [one["text"] for one in cited if one.get("text")]


def _attached(block: Any) -> Part | None:
    """A file, a picture and the like: seen, and without authority."""
    kind = next((one for one in block if one not in SILENT), None)
    if kind is None or kind == "citationsContent":
        return None
    data = block[kind]
    name = data.get("name") if isinstance(data, Mapping) else None
    return attached(name or kind, json.dumps(data, ensure_ascii=False) if is_data(data) else "")


def call_of(use: Any) -> Call:
    """A call that the model proposes."""
    given, id = use["input"], str(use.get("toolUseId") or "")
    if isinstance(given, Mapping):
        return Call(str(use["name"]), dict(given), id=id)
    return Call(str(use["name"]), id=id, bad_args=str(given))


def result_of_block(tool: str, given: Any) -> Result:
    """What a tool gave: texts, one piece of data, or both as text."""
    blocks, id = given["content"], str(given["toolUseId"])
    text = "\n".join(map(_shown, blocks))
    if given.get("status") == "error":
        return Result(tool, error=text, id=id)
    is_one = len(blocks) == 1 and "json" in blocks[0] and is_data(blocks[0]["json"])
    return Result(tool, value=blocks[0]["json"], id=id) if is_one else Result(tool, text, id=id)


def _shown(block: Any) -> str:
    if "text" in block:
        return str(block["text"])
    return json.dumps(block["json"], ensure_ascii=False, default=str) if "json" in block else ""


# ---- and back


def changed(message: Any, span: Span, old: Step, new: Step) -> Any:
    """The message, where a step in it goes on otherwise."""
    begin, stop = span
    blocks = message["content"]
    if isinstance(new, Result):
        left = [{**blocks[begin], "toolResult": left_of(new, blocks[begin]["toolResult"])}]
    else:
        assert isinstance(old, Message), "a call that was shown before goes on as it is"
        assert isinstance(new, Message), "a message goes on as a message"
        left = _blocks(blocks[begin:stop], old, new)
    return {**message, "content": [*blocks[:begin], *left, *blocks[stop:]]}


def _blocks(blocks: Sequence[Any], old: Message, new: Message) -> list[Any]:
    """Words and parts as they go on: calls, results, and parts that are as they were, stay."""
    kept: list[Any] = [{"text": new.text}] if new.text else []
    before, after = iter(old.parts), iter(new.parts)
    for block in blocks:
        if "toolUse" in block or "toolResult" in block:
            kept.append(block)
        elif _attached(block) is not None:
            was, left = next(before), next(after, None)
            if left is not None:
                kept.append(block if left == was else {"text": left.text})
    return kept


def left_of(after: Result, given: Any) -> Any:
    """The result as it goes on; pictures that came with it go."""
    text = after.error if after.error is not None else after.text
    block = {"text": text} if after.error is not None or after.value is None else {
        "json": after.value}  # fmt: skip
    return {**given, "content": [block]}


def denied(id: str, text: str) -> Any:
    """What the model gets in the place of a result."""
    return {"toolUseId": id, "status": "error", "content": [{"text": text}]}


def answer(text: str) -> Any:
    """A message of the agent without calls, which ends the run."""
    return {"role": "assistant", "content": [{"text": text}]}
