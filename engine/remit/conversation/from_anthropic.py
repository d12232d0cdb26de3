"""Anthropic messages to steps: `system` at the top, and content as blocks.

Tool calls and results are blocks among the text; their order is kept. Documents and pictures are
attached parts, search results are retrieved ones. Thinking is left out: nobody hears it.
"""

from __future__ import annotations

from typing import Any

from remit.conversation.content import SILENT, Content, as_json
from remit.conversation.findings import Findings
from remit.conversation.fit import check_call, check_message, check_part, check_record
from remit.conversation.from_chat import add_message, role_of, tool_name
from remit.conversation.locate import Path
from remit.conversation.model import Call, Result
from remit.conversation.pieces import Part
from remit.conversation.shared import (
    Joiner,
    arguments,
    attached,
    conversation_of,
    structured,
    time_of,
)
from remit.conversation.whole import Conversation

_READ = frozenset({"role", "content"})
_OPAQUE = ("base64", "url", "file")  # sources of a document that hold no text to read
_MEDIA = frozenset({"image", "container_upload"})
_SEARCH = frozenset({"search_result", "web_search_result"})


def read_anthropic(data: dict[str, Any], found: Findings) -> Conversation:
    """The conversation of a record `{"system"?, "messages"}`; findings go to `found`."""
    joiner = Joiner(found)
    check_record(data, "anthropic", ("system",), found)
    if data.get("system") is not None:
        system = {"role": "system", "content": data["system"]}
        _Reader(system, "system", joiner, found).read(("system",))
    for index, item in enumerate(found.list_at(data, "messages", ())):
        path: Path = ("messages", index)
        if not isinstance(item, dict):
            found.wrong(path, item, "a message")
            continue
        check_message(item, path, "anthropic", _READ, found)
        reader = _Reader(item, role_of(item, path, found), joiner, found)
        reader.read((*path, "content"))
    return conversation_of(data, joiner.steps, found)


class _Reader:
    """Reads one message; words and parts gather in `content` until a call or result comes."""

    def __init__(self, item: dict[str, Any], role: str, joiner: Joiner, found: Findings) -> None:
        self.item, self.role, self.joiner, self.found = item, role, joiner, found
        self.content = Content()
        self.acted = False  # whether calls or results were added

    def read(self, path: Path) -> None:
        value = self.item.get("content")
        if isinstance(value, list):
            for index, block in enumerate(value):
                self.block(block, (*path, index))
        elif isinstance(value, str):
            self.content.words.append(value)
        elif value is not None:
            self.found.wrong(path, value, "text or a list of blocks")
        if self.item.get("stop_reason") == "refusal":
            self.content.refusal = True
        self.flush()

    def flush(self) -> None:
        add_message(self.item, self.role, self.content, self.acted, self.joiner)
        self.content = Content()

    def block(self, block: object, path: Path) -> None:
        if not isinstance(block, dict):
            self.found.wrong(path, block, "a block of the content")
            return
        kind = self.found.text_at(block, "type", path)
        if kind.endswith("tool_use"):
            self.act()
            self.joiner.call(self.call(block, path), path)
        elif kind.endswith("tool_result"):
            self.act()
            self.joiner.result(self.result(block, path), path)
        elif not check_part(block, path, "anthropic", self.found):
            read_block(block, kind, path, self.content, self.found)

    def act(self) -> None:
        self.acted = True
        self.flush()

    def call(self, block: dict[str, Any], path: Path) -> Call:
        check_call(block, path, "input", self.found)
        args, bad = arguments(block.get("input"), (*path, "input"), self.found)
        id = self.found.text_at(block, "id", path)
        name = tool_name(block, path, self.found)
        return Call(name, args, id, self.role, bad, time_of(self.item))

    def result(self, block: dict[str, Any], path: Path) -> Result:
        text = _all_text(block.get("content"), (*path, "content"), self.found)
        id = self.found.text_at(block, "tool_use_id", path)
        error = (text or "error") if block.get("is_error") else None
        return Result("", text, structured(text), id, error, time=time_of(self.item))


def read_block(
    block: dict[str, Any], kind: str, path: Path, content: Content, found: Findings
) -> None:
    """Add a block that is neither a call nor a result to the content."""
    if kind == "text":
        content.words.append(found.text_at(block, "text", path))
    elif kind == "document":
        content.parts.append(_document(block, path, found))
    elif kind in _SEARCH:
        content.parts.append(_search_result(block, path, found))
    elif kind not in SILENT:
        content.parts.append(_other(block, kind))


def _document(block: dict[str, Any], path: Path, found: Findings) -> Part:
    source = found.object_at(block, "source", path)
    name = found.text_at(block, "title", path) or _link_in(source) or "document"
    text = ""
    if source.get("type") == "text":
        text = found.text_at(source, "data", (*path, "source"))
    elif source.get("type") == "content":
        text = _all_text(source.get("content"), (*path, "source", "content"), found)
    elif source.get("type") not in _OPAQUE:
        text = as_json(block)
    context = found.text_at(block, "context", path)
    return attached(name, f"{context}\n{text}" if context else text)


def _search_result(block: dict[str, Any], path: Path, found: Findings) -> Part:
    name = found.text_at(block, "source", path) or found.text_at(block, "url", path)
    title = found.text_at(block, "title", path)
    text = _all_text(block.get("content"), (*path, "content"), found)
    return Part("\n".join(filter(None, (title, text))), "retrieved", name)


def _other(block: dict[str, Any], kind: str) -> Part:
    source, text = block.get("source"), block.get("text")
    if not isinstance(text, str) or not text:
        text = "" if kind in _MEDIA else as_json(block)
    name = _link_in(source) if isinstance(source, dict) else ""
    return attached(name or kind, text)


def _link_in(source: dict[str, Any]) -> str:
    for key in ("url", "file_id", "media_type"):
        value = source.get(key)
        if isinstance(value, str):
            return value
    return ""


def _all_text(value: object, path: Path, found: Findings) -> str:
    """The text of a result or document: its words and the texts of what is nested in it."""
    content = Content()
    if isinstance(value, str):
        return value
    if isinstance(value, dict):  # an error of a server's tool, say
        value = [value]
    if isinstance(value, list):
        for index, block in enumerate(value):
            _nested(block, (*path, index), content, found)
    elif value is not None:
        found.wrong(path, value, "text or a list of blocks")
    return content.all_text


def _nested(block: object, path: Path, content: Content, found: Findings) -> None:
    if isinstance(block, str):
        content.words.append(block)
    elif isinstance(block, dict):
        read_block(block, found.text_at(block, "type", path), path, content, found)
    else:
        found.wrong(path, block, "a block of the content")
