"""Chat messages as OpenAI has them, and the items of its Responses API, to steps.

Reads `tool_calls` with arguments as text or as an object, the older `function_call`, and content as
text or parts. Roles are kept as they are, known or not: what they may say is the policy's word.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from remit.conversation.content import Content, read_content
from remit.conversation.findings import Findings, show_path
from remit.conversation.fit import check_call, check_message, check_record
from remit.conversation.locate import Path
from remit.conversation.model import NO_AUTHORITY, Call, Message, Result
from remit.conversation.shared import Joiner, arguments, conversation_of, structured, time_of
from remit.conversation.whole import Conversation

RESULT_ROLES = frozenset({"tool", "function"})
_READ = frozenset({"role", "content", "refusal", "tool_calls", "function_call", "tool_call_id"})
_READ_OF_RESULT = frozenset({"role", "content", "tool_call_id"})
_READ_OF_ITEM = frozenset({"role", "call_id", "arguments", "input", "output"})


def read_chat(data: dict[str, Any], found: Findings) -> Conversation:
    """The conversation of a record `{"messages": [...]}`; findings go to `found`."""
    joiner = Joiner(found)
    check_record(data, "openai", (), found)
    messages: Sequence[object] = found.list_at(data, "messages", ())
    for index, item in enumerate(messages):
        path: Path = ("messages", index)
        if not isinstance(item, dict):
            found.wrong(path, item, "a message")
        elif _is_item(item):
            silent = {"content"} if item["type"] == "reasoning" else set[str]()
            check_message(item, path, "openai", _READ_OF_ITEM | silent, found)
            _ITEMS[item["type"]](item, path, joiner, found)
        else:
            _read_message(item, path, joiner, found)
    return conversation_of(data, joiner.steps, found)


def _is_item(item: dict[str, Any]) -> bool:
    kind = str(item.get("type"))
    return kind in _ITEMS and ("role" not in item or kind != "reasoning")


def _read_message(item: dict[str, Any], path: Path, joiner: Joiner, found: Findings) -> None:
    role = role_of(item, path, found)
    content = read_content(item.get("content"), (*path, "content"), found)
    reads = _READ_OF_RESULT if role in RESULT_ROLES else _READ
    check_message(item, path, "openai", reads, found)
    if role in RESULT_ROLES:
        joiner.result(_result(item, role, content, path, found), path)
        return
    refusal = found.text_at(item, "refusal", path)
    if refusal:
        content.refuse(refusal)
    calls = found.list_at(item, "tool_calls", path)
    add_message(item, role, content, bool(calls or item.get("function_call")), joiner)
    for index, call in enumerate(calls):
        _read_call(call, role, (*path, "tool_calls", index), item, joiner, found)
    if item.get("function_call") is not None:
        _read_call(item["function_call"], role, (*path, "function_call"), item, joiner, found)


def role_of(item: dict[str, Any], path: Path, found: Findings) -> str:
    """The message's role as it stands; a finding if it has none."""
    if item.get("role") in (None, ""):
        found.add("R0903", "a message without a role", path)
    return found.text_at(item, "role", path)


def add_message(
    item: dict[str, Any], role: str, content: Content, has_calls: bool, joiner: Joiner
) -> None:
    """Add the message, unless it says nothing and is an assistant's or only carries calls."""
    if content or not (has_calls or role in NO_AUTHORITY):
        parts = tuple(content.parts)
        step = Message(role, content.text, parts, time_of(item), content.refusal)
        joiner.steps.append(step)


def _result(
    item: dict[str, Any], role: str, content: Content, path: Path, found: Findings
) -> Result:
    text = content.all_text
    return Result(
        tool=found.text_at(item, "name", path),
        text=text,
        value=structured(text),
        id=found.text_at(item, "tool_call_id", path),
        error=error_of(item.get("error"), text),
        role=role,
        time=time_of(item),
    )


def error_of(value: object, text: str) -> str | None:
    """A tool's error text, from a text or from a flag beside the result's own text."""
    if value is None or value is False or value == "":
        return None
    return value if isinstance(value, str) else text or "error"


def _read_call(
    call: object,
    role: str,
    path: Path,
    item: dict[str, Any],
    joiner: Joiner,
    found: Findings,
) -> None:
    if not isinstance(call, dict):
        found.wrong(path, call, "a tool call")
        return
    holder, key, at = call, "arguments", path
    if len([one for one in ("function", "custom", "name") if call.get(one) is not None]) > 1:
        found.add("R0903", f"`{show_path(path)}` names its tool more than once", path)
    for kind, inner_key in (("function", "arguments"), ("custom", "input")):
        if call.get(kind) is not None:
            holder, key, at = call[kind], inner_key, (*path, kind)
            break
    if not isinstance(holder, dict):
        found.wrong(at, holder, "an object")
        return
    step = _call(holder, key, at, found)
    step.id = found.text_at(call, "id", path)
    step.role = found.text_at(call, "requestor", path) or role  # only traces have it
    step.time = time_of(item)
    joiner.call(step, path)


def _call(holder: dict[str, Any], key: str, path: Path, found: Findings) -> Call:
    check_call(holder, path, key, found)
    args, bad = arguments(holder.get(key), (*path, key), found)
    return Call(tool_name(holder, path, found), args, bad_args=bad)


def tool_name(data: dict[str, Any], path: Path, found: Findings) -> str:
    """The name of the called tool; a finding if there is none."""
    name = found.text_at(data, "name", path)
    if not name and data.get("name") in (None, ""):
        found.add("R0903", "a tool call without the tool's name", path)
    return name


def _call_item(item: dict[str, Any], path: Path, joiner: Joiner, found: Findings) -> None:
    key = "input" if "input" in item else "arguments"
    step = _call(item, key, path, found)
    step.id, step.time = found.text_at(item, "call_id", path), time_of(item)
    joiner.call(step, path)


def _output_item(item: dict[str, Any], path: Path, joiner: Joiner, found: Findings) -> None:
    text = read_content(item.get("output"), (*path, "output"), found).all_text
    id = found.text_at(item, "call_id", path)
    joiner.result(Result("", text, structured(text), id, time=time_of(item)), path)


def _skip(item: dict[str, Any], path: Path, joiner: Joiner, found: Findings) -> None:
    """Reasoning is neither said nor done."""


_ITEMS = {
    "function_call": _call_item,
    "function_call_output": _output_item,
    "custom_tool_call": _call_item,
    "custom_tool_call_output": _output_item,
    "reasoning": _skip,
}
