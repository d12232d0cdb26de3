"""The content of a chat message: the speaker's own words apart from what is attached.

Content is text, null, or a list of parts. Quotes and code inside a text stay the speaker's own:
only structure that the host made splits them off. A part of an unknown type has no authority; if
it has no text, its JSON is its text.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from remit.conversation.findings import Findings
from remit.conversation.fit import check_part
from remit.conversation.locate import Path
from remit.conversation.pieces import Part
from remit.conversation.shared import attached

OWN_WORDS = frozenset({"text", "input_text", "output_text"})
SILENT = frozenset({"thinking", "redacted_thinking"})  # nobody hears it
_MEDIA = frozenset({"image", "image_url", "image_file", "input_image", "file", "input_file",
                    "audio", "input_audio", "video", "video_url", "input_video"})  # fmt: skip
_NAMES = ("filename", "name", "title", "url", "image_url", "file_url", "file_id")


@dataclass(slots=True)
class Content:
    """What a message holds. Pieces of own words are joined with a line break."""

    words: list[str] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    refusal: bool | None = None

    @property
    def text(self) -> str:
        """The speaker's own words."""
        return "\n".join(self.words)

    @property
    def all_text(self) -> str:
        """The words and the texts of the parts, for a result: none of it has authority anyway."""
        return "\n".join([*self.words, *(part.text for part in self.parts if part.text)])

    def refuse(self, text: str) -> None:
        """Add a refusal's words."""
        self.words.append(text)
        self.refusal = True

    def __bool__(self) -> bool:
        return bool(self.parts or any(self.words) or self.refusal)


def read_content(value: object, path: Path, found: Findings) -> Content:
    """Take a chat message's content apart."""
    content = Content()
    if isinstance(value, str):
        content.words.append(value)
    elif isinstance(value, list):
        for index, part in enumerate(value):
            read_part(part, (*path, index), content, found)
    elif value is not None:
        found.wrong(path, value, "text or a list of parts")
    return content


def read_part(part: object, path: Path, content: Content, found: Findings) -> None:
    """Add one part of a chat message's content."""
    if isinstance(part, str):
        content.words.append(part)
    elif not isinstance(part, dict):
        found.wrong(path, part, "a part of the content")
    else:
        _read_typed(part, found.text_at(part, "type", path), path, content, found)


def _read_typed(
    part: dict[str, Any], kind: str, path: Path, content: Content, found: Findings
) -> None:
    if check_part(part, path, "openai", found):
        return
    if kind in OWN_WORDS:
        content.words.append(_part_text(part, path, found))
    elif kind == "refusal":
        content.refuse(found.text_at(part, "refusal", path))
    elif kind not in SILENT:
        content.parts.append(_attachment(part, kind))


def _part_text(part: dict[str, Any], path: Path, found: Findings) -> str:
    value = part.get("text")
    if isinstance(value, dict):  # the Assistants API wraps it: {"value": ..., "annotations": ...}
        return found.text_at(value, "value", (*path, "text"))
    return found.text_at(part, "text", path)


def _attachment(part: dict[str, Any], kind: str) -> Part:
    # The details stand in the part, or one level down under its own type: {"file": {...}}.
    inner = part.get(kind)
    name = _name_in(part) or (_name_in(inner) if isinstance(inner, dict) else "")
    text = part.get("text")
    if not isinstance(text, str) or not text:
        text = "" if kind in _MEDIA else as_json(part)
    return attached(name or kind, text)


def as_json(part: dict[str, Any]) -> str:
    """A part that has no text of its own as text, so that conditions see what is in it."""
    return json.dumps(part, ensure_ascii=False)


def _name_in(data: dict[str, Any]) -> str:
    for key in _NAMES:
        value = data.get(key)
        if isinstance(value, str) and value:
            return value
    return ""
