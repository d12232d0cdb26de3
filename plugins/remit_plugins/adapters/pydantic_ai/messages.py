"""Pydantic AI's messages as steps, and the messages that are left of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from remit.conversation.from_chat import error_of
from remit.conversation.model import Call, Message, Result, Step
from remit.conversation.pieces import Part
from remit.conversation.shared import arguments, attached
from remit.hooks.events import Verdict
from remit.host.values import is_data
from remit.host.values import result_of as _result_of
from remit_plugins.adapters.needs import need

ROLES = {"system-prompt": "system", "user-prompt": "user", "text": "assistant"}
RESULTS = ("tool-return", "builtin-tool-return", "native-tool-return")
FAILED = ("failed", "denied", "retried", "interrupted")


@dataclass(slots=True)
class Sent:
    """All that a model is about to see: the steps, and which part of which message each is of."""

    messages: Sequence[Any]
    instructions: str = ""
    steps: list[Step] = field(default_factory=list)
    owners: list[tuple[int, int]] = field(default_factory=list)

    @classmethod
    def of(cls, messages: Sequence[Any], parameters: Any) -> Sent:
        """The steps of messages, in their order; instructions come first, as a system prompt."""
        sent = cls(messages, _instructions(messages, parameters))
        if sent.instructions:
            sent.steps.append(Message("system", sent.instructions))
        for at, message in enumerate(messages):
            for place, part in enumerate(message.parts):
                step = step_of(part)
                if step is not None:
                    sent.steps.append(step)
                    sent.owners.append((at, place))
        return sent

    def left(self, verdict: Verdict, parameters: Any) -> tuple[list[Any], Any]:
        """The messages and parameters as they go on."""
        messages = list(self.messages)
        if verdict.kind != "transform":
            return messages, parameters
        head = len(self.steps) - len(self.owners)
        rows = zip(self.owners, self.steps[head:], verdict.steps[head:], strict=True)
        for (at, place), old, new in rows:
            if new is not old:
                parts = list(messages[at].parts)
                parts[place] = said(parts[place], new)
                messages[at] = replace(messages[at], parts=parts)
        if head and verdict.steps[0] is not self.steps[0]:
            text = verdict.steps[0].text  # type: ignore[union-attr] # it is a message
            messages = [_instructed(one, text) for one in messages]
            parameters = replace(parameters, instruction_parts=[_instruction(text)])
        return messages, parameters


def step_of(part: Any) -> Step | None:
    """A part of a message as a step. None for what is neither said nor done, as thoughts are.

    Parts that are not known, and words of the framework, have no authority.
    """
    kind = part.part_kind
    if kind in ROLES:
        return Message(ROLES[kind], *words_of(part.content))
    if kind == "tool-call":
        args, bad = arguments(part.args, (), _findings())
        return Call(part.tool_name, args, id=part.tool_call_id, bad_args=bad)
    if kind in RESULTS:
        return result_of(part)
    if kind in ("thinking", "builtin-tool-call", "native-tool-call"):
        return None
    content = data_of(getattr(part, "content", None))
    return _result_of("", content) if content else None


def result_of(part: Any) -> Result:
    """What a tool gave, as its part of a message says it."""
    step = _result_of(part.tool_name, data_of(part.content), part.tool_call_id)
    failed = getattr(part, "outcome", "") in FAILED
    return replace(step, error=error_of(failed, step.text))


def words_of(content: Any) -> tuple[str, tuple[Part, ...]]:
    """The words of a message, and what is attached to it."""
    if isinstance(content, str):
        return content, ()
    words, parts = [], []
    for one in content:
        text = _text(one)
        if text is None:
            parts.append(_attached(one))
        else:
            words.append(text)
    return "\n".join(words), tuple(parts)


def _text(one: Any) -> str | None:
    """Words of whoever speaks; None for what is attached."""
    text = one if isinstance(one, str) else getattr(one, "content", None)
    return text if isinstance(text, str) else None


def _attached(one: Any) -> Part:
    data, kind = getattr(one, "data", None), str(getattr(one, "media_type", ""))
    is_text = isinstance(data, bytes) and (kind.startswith("text/") or kind.endswith("json"))
    text = data.decode("utf-8", "replace") if is_text and isinstance(data, bytes) else ""
    return attached(str(getattr(one, "url", "") or getattr(one, "kind", "file")), text)


def data_of(value: Any) -> Any:
    """What a tool is given or gives, as plain data; what is none as its text."""
    if is_data(value):
        return value
    try:
        return need("pydantic_core", "pydantic-ai").to_jsonable_python(value, fallback=str)
    except Exception:  # noqa: BLE001 - whatever it is, it is seen in some form
        return str(value)


def _findings() -> Any:
    from remit.conversation.findings import Findings

    return Findings()


# ---- and back


def said(part: Any, new: Step) -> Any:
    """The part, where it goes on with other words."""
    if isinstance(new, Result):
        return replace(part, content=new.error if new.error is not None else new.text)
    assert isinstance(new, Message), "a call that was shown before goes on as it is"
    if part.part_kind == "text":  # by its id a provider would find what was said before
        return replace(part, content=new.text, id=None, provider_details=None)
    if part.part_kind == "tool-call":  # a structured answer; the framework checks it again
        return replace(part, args=new.text)
    if isinstance(part.content, str) or not new.parts:
        return replace(part, content=new.text)
    return replace(part, content=_content(part.content, new))


def _content(content: Sequence[Any], new: Message) -> list[Any]:
    """Words and attachments as they go on: what is attached stays while it is as it was."""
    files = [one for one in content if _text(one) is None]
    left: list[Any] = [new.text] if new.text else []
    for one, after in zip(files, new.parts, strict=False):
        left.append(one if _attached(one) == after else after.text)
    return left


def text_part(text: str) -> Any:
    """Words of the agent."""
    return need("pydantic_ai.messages", "pydantic-ai").TextPart(text)


# ---- instructions


def _instructions(messages: Sequence[Any], parameters: Any) -> str:
    parts = parameters.instruction_parts
    if parts is not None:
        return "\n\n".join(one.content for one in parts)
    found = [getattr(one, "instructions", None) or "" for one in messages if one.kind == "request"]
    return found[-1] if found else ""


def _instructed(message: Any, text: str) -> Any:
    held = getattr(message, "instructions", None) is not None
    return replace(message, instructions=text) if held else message


def _instruction(text: str) -> Any:
    return need("pydantic_ai.messages", "pydantic-ai").InstructionPart(text)


# ---- what a model answers


def spoken_in(parts: Sequence[Any], structured: Collection[str]) -> Iterator[tuple[int, Message]]:
    """What is said in an answer: texts, and what is given to the tools that make an output."""
    for at, part in enumerate(parts):
        if part.part_kind == "text":
            yield at, Message("assistant", part.content)
        elif part.part_kind == "tool-call" and part.tool_name in structured:
            yield at, Message("assistant", part.args_as_json_str())


def without_thoughts(parts: list[Any]) -> list[Any]:
    """An answer that was changed, without what was thought; a provider wants that beside calls."""
    if any(one.part_kind == "tool-call" for one in parts):
        return parts
    return [one for one in parts if one.part_kind != "thinking"]
