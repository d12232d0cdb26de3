"""Which format a record has, by its keys.

A guess is made once a record, from what only one format has; plain role-and-content messages count
as chat messages. Reads no values, so a recognised record may still be malformed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from remit.conversation.findings import Findings, kind_of
from remit.conversation.from_anthropic import read_anthropic
from remit.conversation.from_chat import read_chat
from remit.conversation.from_model_spec import read_model_spec
from remit.conversation.from_steps import read_steps
from remit.conversation.from_trace import read_trace
from remit.conversation.whole import Conversation

FormatReader = Callable[[dict[str, Any], Findings], Conversation]
READERS: dict[str, FormatReader] = {
    "openai": read_chat,
    "anthropic": read_anthropic,
    "trace": read_trace,
    "model_spec": read_model_spec,
    "steps": read_steps,
}
FORMATS = tuple(READERS)
HELP = (
    "the formats are `openai` and `anthropic` (an object with `messages`, or a list of messages),\n"
    "`trace` (the same with `tools_ref`), `model_spec` (an object with `turns`)\n"
    "and `steps` (an object with `steps`)"
)
# A tuple, not a set: what stands under `type` may be a list, which has no hash.
_BLOCKS = ("tool_use", "tool_result", "thinking", "redacted_thinking", "document", "search_result")
_LISTS = frozenset({"messages", "steps", "turns"})  # what makes an object a conversation
_OWN_ROLES = ("steps", "model_spec")  # formats whose roles already say who speaks
_SHOWN = 8  # keys of an unknown record that a finding lists


def detect(record: object) -> str | None:
    """The name of the record's format, or None."""
    if isinstance(record, list):
        return _of_list(record)
    if not isinstance(record, dict):
        return None
    if "steps" in record:
        return "steps"
    if "messages" not in record:
        return "model_spec" if "turns" in record else None
    if "tools_ref" in record:
        return "trace"
    if "system" in record:
        return "anthropic"
    messages = record["messages"]
    return _of_messages(messages if isinstance(messages, list) else [])


def _of_list(items: list[Any]) -> str | None:
    objects = [item for item in items if isinstance(item, dict)]
    if any("kind" in item and "role" not in item for item in objects):
        return "steps"
    if any("role" in item for item in objects):
        return "steps" if any("kind" in item for item in objects) else _of_messages(objects)
    return "openai" if any("call_id" in item for item in objects) else None


def _of_messages(messages: Iterable[Any]) -> str:
    for message in messages:
        if isinstance(message, dict):
            if _has_blocks(message.get("content")):
                return "anthropic"
            if _has_flat_calls(message.get("tool_calls")):
                return "trace"
    return "openai"


def _has_blocks(content: object) -> bool:
    if not isinstance(content, list):
        return False
    return any(
        isinstance(part, dict) and (part.get("type") in _BLOCKS or _has_source(part))
        for part in content
    )


def _has_source(part: dict[str, Any]) -> bool:
    return part.get("type") == "image" and isinstance(part.get("source"), dict)


def _has_flat_calls(calls: object) -> bool:
    return isinstance(calls, list) and any(
        isinstance(call, dict) and "name" in call and "function" not in call for call in calls
    )


def is_many(record: object) -> bool:
    """Whether a value is a list of conversations rather than of messages or steps."""
    if not isinstance(record, list) or not record:
        return False
    return all(isinstance(item, list) for item in record) or any(
        isinstance(item, dict) and _LISTS & item.keys() for item in record
    )


def examples_in(record: object) -> list[Any] | None:
    """The records that an object holds under `examples`; None where it is a record itself."""
    if not isinstance(record, dict) or _LISTS & record.keys():
        return None
    examples = record.get("examples")
    return examples if is_many(examples) else None


def read_record(
    record: object,
    found: Findings,
    format: str | None = None,
    roles: Mapping[str, str] | None = None,
    readers: Mapping[str, FormatReader] | None = None,
) -> Conversation | None:
    """The conversation of one record, or None where a finding is an error.

    `readers` are those of formats that are not built in; such a format must be named. `roles`
    renames roles of the frameworks' formats; Remit's own form says what it means, and so
    does the Model Spec's.
    """
    if format and format not in READERS:
        return _foreign(record, found, format, (readers or {})[format])
    name = format or detect(record)
    if name is None or not isinstance(record, (dict, list)):
        _unknown(record, found)
        return None
    if isinstance(record, list):
        found.bare = True
        record = {"steps" if name == "steps" else "messages": record}
    elif format and not _LISTS & record.keys():
        _unknown(record, found)
        return None
    made = READERS[name](record, found)
    if roles and name not in _OWN_ROLES:
        for step in made.steps:
            step.role = roles.get(step.role, step.role)
    return None if found.failed else made


def _foreign(
    record: object, found: Findings, format: str, reader: FormatReader
) -> Conversation | None:
    """What the reader of a plugin makes of a record; whatever it raises is a finding."""
    whole = record if isinstance(record, dict) else {"messages": record}
    try:
        made: object = reader(whole, found)
    except Exception as error:  # noqa: BLE001 - a plugin may raise anything
        message = f"the reader of `{format}` failed: {type(error).__name__}: {str(error)[:200]}"
        found.add("R0902", message)
        return None
    if not isinstance(made, Conversation) and not found.failed:
        found.add("R0902", f"the reader of `{format}` made no conversation")
    return made if isinstance(made, Conversation) and not found.failed else None


def _unknown(record: object, found: Findings) -> None:
    message = f"this is {kind_of(record)}, and no conversation in a known format"
    found.add("R0902", message, help=f"{_seen(record)}\n{HELP}")


def _seen(record: object) -> str:
    if isinstance(record, dict):
        keys = ", ".join(f"`{str(key)[:40]}`" for key in list(record)[:_SHOWN])
        more = ", ..." if len(record) > _SHOWN else ""
        if "role" in record and "content" in record:
            return "this is a single message: a record is a whole conversation, a list of messages"
        return f"its keys are {keys}{more}" if keys else "it has no keys"
    if isinstance(record, list):
        kinds = ", ".join(sorted({kind_of(item) for item in record[:1000]}))
        return f"it holds {kinds}" if kinds else "it is empty"
    return "a record is an object or a list"
