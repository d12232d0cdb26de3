"""Conversations as the Model Spec writes its examples: `{"id", "turns": [...]}`.

A turn is a message with a role and content in typed chunks. A message to a `recipient` that is a
tool is a call, one from the role `tool` its result. A `comparison` of answers stands for the first
that is labelled good: with that one the conversation goes on. Only `text` is the speaker's own:
every other chunk has no authority. `settings` of a system message are the conversation's context.

Quotes inside a text are not split off; `system` is the platform here, never a developer's prompt.
"""

from __future__ import annotations

from typing import Any

from remit.conversation.content import Content, as_json, read_content, read_part
from remit.conversation.findings import Findings, show_path
from remit.conversation.fit import check_message, check_record
from remit.conversation.from_chat import role_of
from remit.conversation.locate import Path
from remit.conversation.model import NO_AUTHORITY, Call, Message, Result
from remit.conversation.pieces import Part
from remit.conversation.shared import Joiner, arguments, conversation_of, structured, time_of
from remit.conversation.whole import Conversation
from remit_grammar.codes import Severity

PEOPLE = frozenset({"", "all", "user", "assistant", "developer", "system"})  # no tools
_FUNCTIONS = "functions."  # the namespace of a developer's tools, which describes them without it
_QUOTED = ("untrusted", "untrusted_text", "quote", "quoted", "code")
_READ = frozenset({"type", "role", "name", "content", "recipient", "end_turn", "comment", "channel",
                   "label", "label_ref", "label_why"})  # fmt: skip
_FLAGS = {"true": True, "false": False}
_KEPT = ("title", "section", "authority", "declared_conflict")


def read_model_spec(data: dict[str, Any], found: Findings) -> Conversation:
    """The conversation of a record `{"turns": [...]}`; findings go to `found`."""
    joiner = Joiner(found)
    context: dict[str, Any] = {}
    check_record(data, "model_spec", (), found)
    for index, turn in enumerate(found.list_at(data, "turns", ())):
        _read_turn(turn, ("turns", index), joiner, context, found)
    made = conversation_of(data, joiner.steps, found)
    made.context = {**context, **made.context}
    made.labels = {**{key: data[key] for key in _KEPT if key in data}, **made.labels}
    return made


def _read_turn(
    turn: object, path: Path, joiner: Joiner, context: dict[str, Any], found: Findings
) -> None:
    if isinstance(turn, dict) and turn.get("type") == "comparison":
        chosen = _good(turn, path, found)
        if chosen is not None:
            _read_message(turn["candidates"][chosen], (*path, "candidates", chosen), joiner,
                          context, found)  # fmt: skip
    elif isinstance(turn, dict) and (turn.get("type") in ("message", None) or "role" in turn):
        _read_message(turn, path, joiner, context, found)
    elif isinstance(turn, dict) and not {"content", "candidates"} & turn.keys():
        kind = f"a turn of the unknown type `{str(turn.get('type'))[:60]}`"
        found.add("R0903", f"{kind} is left out", path, severity=Severity.WARNING)
    else:
        found.wrong(path, turn, "a message or a comparison")


def _good(turn: dict[str, Any], path: Path, found: Findings) -> int | None:
    """The place of the first answer that is labelled good, if there is one."""
    for index, one in enumerate(found.list_at(turn, "candidates", path)):
        if not isinstance(one, dict):
            found.wrong((*path, "candidates", index), one, "a message")
        elif one.get("label") == "good":
            return index
    return None


def _read_message(
    item: dict[str, Any], path: Path, joiner: Joiner, context: dict[str, Any], found: Findings
) -> None:
    role = role_of(item, path, found)
    check_message(item, path, "model_spec", _READ, found)
    content = _content(item.get("content"), (*path, "content"), role, context, found)
    recipient = found.text_at(item, "recipient", path)
    if role == "tool":
        joiner.result(_result(item, content, joiner, path, found), path)
    elif recipient not in PEOPLE:
        joiner.call(_call(item, role, recipient, content, path, found), path)
    elif content or role not in NO_AUTHORITY:
        parts = tuple(content.parts)
        joiner.steps.append(Message(role, content.text, parts, time_of(item), content.refusal))


def _call(
    item: dict[str, Any], role: str, recipient: str, content: Content, path: Path, found: Findings
) -> Call:
    """A call; what is sent to a tool and is no JSON object, code for one, stays as it came."""
    args, bad_args = arguments(content.all_text, (*path, "content"), found)
    return Call(recipient.removeprefix(_FUNCTIONS), args, "", role, bad_args, time_of(item))


def _result(
    item: dict[str, Any], content: Content, joiner: Joiner, path: Path, found: Findings
) -> Result:
    """A result, of the tool that it names, or else of the one that was called last."""
    tool = found.text_at(item, "name", path).removeprefix(_FUNCTIONS)
    called = (step.tool for step in reversed(joiner.steps) if isinstance(step, Call))
    text = content.all_text
    tool = tool or next(called, "")
    return Result(tool=tool, text=text, value=structured(text), time=time_of(item))


# ---- content


def _content(
    value: object, path: Path, role: str, context: dict[str, Any], found: Findings
) -> Content:
    if not isinstance(value, list):
        return read_content(value, path, found)
    content = Content()
    for index, chunk in enumerate(value):
        at = (*path, index)
        if isinstance(chunk, dict) and chunk.get("type") == "settings" and role == "system":
            _declare(found.object_at(chunk, "settings", at), at, context, found)
            continue
        if isinstance(chunk, dict) and chunk.get("type") in _QUOTED:
            content.parts.append(_quoted(chunk))
        else:
            read_part(_heard(chunk), at, content, found)
    return content


def _quoted(chunk: dict[str, Any]) -> Part:
    text = chunk.get("text")
    return Part(text if isinstance(text, str) else as_json(chunk), "quoted", str(chunk["type"]))


def _heard(chunk: object) -> object:
    """The chunk, with the words that are spoken in a sound or a film as its text."""
    if not isinstance(chunk, dict) or "text" in chunk:
        return chunk
    said = chunk.get("transcript")
    return {**chunk, "text": said} if isinstance(said, str) else chunk


def _declare(
    settings: dict[str, Any], path: Path, context: dict[str, Any], found: Findings
) -> None:
    """What the platform declares about the conversation; `true` and `false` are flags."""
    for name, written in settings.items():
        value = _FLAGS.get(written, written) if isinstance(written, str) else written
        if name in context and context[name] != value:
            message = f"`{show_path(path)}` sets `{name[:60]}` to another value than before"
            found.add("R0903", message, path)
        context[name] = value
