"""What a step holds: a keyed hash of it, and where the host asks for it, the text itself.

Texts are those of the step as it goes on. Where a clause would take something out of a step that
does not go on, nobody has taken it out, so nothing is told at all.
"""

from __future__ import annotations

import hmac
import json
import os
import re
from functools import cache
from typing import TYPE_CHECKING, Any

import rfc8785

from remit.conversation.model import CALL, HANDOFF, MESSAGE, RESULT, Call, Message, Result, Step
from remit.program.view import size_of
from remit_plugins.telemetry.names import MOST_CONTENT, WITHHELD
from remit_plugins.telemetry.words import cut

if TYPE_CHECKING:
    from remit.verdict.model import Decision

MOST_SIZE = 16_384  # units of work (some 64 characters): what is larger is not told
_HASHED = {
    CALL: ("kind", "tool", "args", "bad_args"),
    RESULT: ("kind", "tool", "text", "value", "error"),
    MESSAGE: ("kind", "role", "text", "parts"),
    HANDOFF: ("kind", "to", "text"),
}
_encode = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, allow_nan=False, sort_keys=True,
    separators=(",", ":"),
).encode  # fmt: skip
# Numbers that Python may write in another way: long, or `1.0`, or with an exponent.
_unlike = re.compile(r"[:\[,]-?\d(?:[\d.]{15}|[\d.]*+(?:(?<=\.0)|[eE]))").search


@cache
def chance() -> bytes:
    """The key of a process that was given none."""
    return os.urandom(32)


def digest(step: Step, key: bytes) -> str | None:
    """A keyed hash over the canonical JSON (RFC 8785) of a step; None where it has none.

    Its id, its time and what the host declares are not in it, so that it is equal for what is said
    or called again.
    """
    data = {name: getattr(step, name) for name in _HASHED[step.kind]}
    parts = data.get("parts")
    if parts:
        data["parts"] = [[part.origin, part.name, part.text] for part in parts]
    try:
        return keyed(canonical(data), key)
    except (ValueError, TypeError, RecursionError):
        return None  # no plain data: not a number, half a character, an object


def keyed(data: bytes, key: bytes) -> str:
    """A hash that nobody can make, or try texts against, who has not the key."""
    return f"hmac-sha256:{hmac.digest(key, data, 'sha256').hex()}"


def canonical(data: Any) -> bytes:
    """The canonical JSON of plain data, by the library where Python's own may be another one.

    They differ in the order of what is not ASCII, and in how they write some numbers.
    Raises `ValueError`, `TypeError` or `RecursionError` for what is no plain data.
    """
    text: str = _encode(data)
    if text.isascii() and not _unlike(text):
        return text.encode()
    return rfc8785.dumps(data)


def captured(decision: Decision) -> dict[str, str]:
    """Attributes with what the step holds, cut."""
    if decision.outcome.due and not decision.changes:
        return {WITHHELD: "redaction"}
    name, data = _content(decision.after)
    if size_of(data) > MOST_SIZE:
        return {WITHHELD: "size"}
    return {name: cut(json.dumps(data, ensure_ascii=False, default=str), MOST_CONTENT)}


def _content(step: Step) -> tuple[str, Any]:
    if isinstance(step, Call):
        return "gen_ai.tool.call.arguments", step.bad_args or dict(step.args)
    if isinstance(step, Result):
        return "gen_ai.tool.call.result", step.error or step.value or step.text
    said = [{"type": "text", "content": step.text}]
    if isinstance(step, Message):
        said += [{"type": "text", "content": part.text} for part in step.parts]
    way = "output" if step.role == "assistant" else "input"
    return f"gen_ai.{way}.messages", [{"role": step.role, "parts": said}]
