"""What the readers of all formats do alike: ids, times, arguments, and joining results to calls.

Decides nothing about who may say what.
"""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from typing import Any

from remit.conversation.decode import DEPTH, Broken, decode
from remit.conversation.findings import Findings, show_path
from remit.conversation.locate import Path
from remit.conversation.model import Call, Result, Step
from remit.conversation.pieces import Part
from remit.conversation.whole import Conversation
from remit_grammar.codes import Severity

# Of JSON that stands as text within a record: less, so that the step can be written as JSON again.
INNER_DEPTH = DEPTH - 20
_TIMES = ("time", "timestamp", "created_at")


def conversation_of(data: dict[str, Any], steps: list[Step], found: Findings) -> Conversation:
    """The conversation with the record's id, labels and context. The id is empty if it has none."""
    return Conversation(
        id=_id_of(data, found),
        steps=steps,
        labels=found.object_at(data, "labels", ()),
        context=found.object_at(data, "context", ()),
    )


def _id_of(data: dict[str, Any], found: Findings) -> str:
    value = data.get("id")
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return found.text_at(data, "id", ())


def time_of(data: dict[str, Any]) -> float | None:
    """Seconds since the epoch, from a number or an ISO 8601 text; a text without a zone is UTC."""
    for key in _TIMES:
        value = data.get(key)
        if value is not None:
            return seconds(value) if not isinstance(value, str) else _from_iso(value)
    return None


def seconds(value: object) -> float | None:
    """The number as a float; None if it is no number or too large for one."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def _from_iso(text: str) -> float | None:
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def arguments(value: object, path: Path, found: Findings) -> tuple[dict[str, Any], str | None]:
    """A call's arguments, and the text as it came if they are not a JSON object.

    Absent, null and blank arguments are an empty object. What is not an object is no error: the
    policy takes every condition on such arguments as unknown.
    """
    if isinstance(value, dict):
        return value, None
    if value is None or (isinstance(value, str) and not value.strip()):
        return {}, None
    if isinstance(value, str):
        return _decoded(value, path, found)
    return {}, json.dumps(value)


def _decoded(text: str, path: Path, found: Findings) -> tuple[dict[str, Any], str | None]:
    try:
        value, replaced = decode(text, INNER_DEPTH)
    except Broken as broken:
        if broken.code == "R0903":  # a key twice: which one the tool would take is anyone's guess
            found.add(broken.code, f"`{show_path(path)}`: {broken.message}", path, severity=_WARN)
        return {}, text
    if not isinstance(value, dict):
        return {}, text
    if replaced:
        note_replaced(found, path)
    return value, None


_WARN = Severity.WARNING


def note_replaced(found: Findings, path: Path = ()) -> None:
    """Note that lone surrogates gave way to U+FFFD."""
    message = f"`{show_path(path)}` has half a character (a lone surrogate), replaced by U+FFFD"
    found.add("R0903", message, path, severity=Severity.NOTE)


def structured(text: str) -> Any:
    """The value of a result's text if it is a JSON object or list, else None."""
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        return decode(text, INNER_DEPTH)[0]
    except Broken:
        return None


def link(url: str) -> str:
    """A URL fit to be a name: of a `data:` URL only the head, never the content."""
    return url.partition(",")[0] if url.startswith("data:") else url


class Joiner:
    """Makes steps of one conversation and joins its results to its calls by id, or else by name."""

    def __init__(self, found: Findings) -> None:
        self._found = found
        self._tools: dict[str, str] = {}
        self._names: set[str] = set()
        self.steps: list[Step] = []

    def call(self, call: Call, path: Path) -> None:
        """Add a call; warn if its id was taken."""
        if call.id and call.id in self._tools:
            message = f"the call id `{call.id[:80]}` is used twice"
            self._found.add("R0908", message, path, help="results join the latest call of an id")
        if call.id:
            self._tools[call.id] = call.tool
        self._names.add(call.tool)
        self.steps.append(call)

    def result(self, result: Result, path: Path) -> None:
        """Add a result; its tool's name is that of its call where the record does not say."""
        known = result.id in self._tools if result.id else result.tool in self._names
        if not (known or self._found.failed):  # after an error this may just follow from it
            self._orphan(result, path)
        result.tool = result.tool or self._tools.get(result.id, "")
        self.steps.append(result)

    def _orphan(self, result: Result, path: Path) -> None:
        of = f"the id `{result.id[:80]}`" if result.id else "neither an id nor a known tool"
        message = f"a result with {of} answers no earlier call"
        self._found.add("R0909", message, path)


def attached(name: str, text: str = "") -> Part:
    """A file, picture or the like that came with a message."""
    return Part(text, "attached", link(name))
