"""Reads conversations from a file: JSON or JSONL, plain or compressed, in any known format.

One record after the other, so that a file may be larger than memory. Whatever is wrong becomes a
diagnostic beside the record; later records are still read. Nothing here raises on bad input.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import IO, Any

from remit.conversation.decode import Broken, clean, decode
from remit.conversation.detect import (
    FORMATS,
    HELP,
    FormatReader,
    examples_in,
    is_many,
    read_record,
)
from remit.conversation.findings import Findings
from remit.conversation.locate import Path as Where
from remit.conversation.locate import find_items
from remit.conversation.place import Place
from remit.conversation.shared import note_replaced
from remit.conversation.stream import Counted, Unreadable, chunks, lines, open_bytes, size_of
from remit.conversation.whole import Conversation
from remit_grammar.diagnostic import Diagnostic, Label, did_you_mean

LIMIT = 256 * 1024 * 1024  # bytes of one record: a line of JSONL, or a whole JSON file
LINE_ENDINGS = (".jsonl", ".ndjson")  # of names of files that hold a record a line
_PACKED = (".zst", ".gz")
_BOM = b"\xef\xbb\xbf"
_WIDE = (b"\xff\xfe", b"\xfe\xff")

Reading = tuple[Conversation | None, list[Diagnostic]]


def read_conversations(
    path: str | os.PathLike[str] | IO[bytes], *, format: str | None = None,
    readers: Mapping[str, FormatReader] | None = None,
) -> Iterator[Reading]:  # fmt: skip
    """Each conversation of a file with what is wrong with it; None where that is an error.

    `path` may be `-` for standard input. `format` is one of `FORMATS` or of `readers` (those of
    formats that are not built in), or None to look.
    """
    return iter(Reader(path, format=format, readers=readers))


def conversation_from(
    value: object, *, format: str | None = None, id: str = "conversation",
    readers: Mapping[str, FormatReader] | None = None,
) -> Reading:  # fmt: skip
    """The conversation that a value from Python code holds, as a record of a file would.

    `id` is used where the value gives none. Never raises.
    """
    if format is not None and format not in (*FORMATS, *(readers or {})):
        return None, [_unknown_format(format, readers or {})]
    found = Findings()
    made = None
    try:
        record, replaced = clean(value)
        if replaced:
            note_replaced(found)
        made = read_record(record, found, format, readers=readers)
    except Broken as broken:
        found.broken(broken)
    if made is not None:
        made.id = made.id or id
    return made, found.diagnostics()


def _unknown_format(format: str, readers: Mapping[str, FormatReader]) -> Diagnostic:
    close = did_you_mean(format, (*FORMATS, *readers))
    help = f"did you mean `{close}`?\n{HELP}" if close else HELP
    return Diagnostic("R0902", f"there is no format `{format[:80]}`", help=help)


class Reader:
    """Iterates over the conversations of a file, and knows how far it is.

    `total_bytes` is the size of the file (None for a pipe), `bytes_read` counts what was taken of
    it, packed or not; `records` counts what was given, good or bad. A path may be iterated again.
    `roles` renames roles of the frameworks' formats (`{"system": "developer"}`: whom a framework's
    system prompt speaks for); roles in Remit's own form stay as they are. `readers` are those of
    formats that are not built in.
    """

    def __init__(
        self,
        path: str | os.PathLike[str] | IO[bytes],
        *,
        format: str | None = None,
        roles: Mapping[str, str] | None = None,
        readers: Mapping[str, FormatReader] | None = None,
    ) -> None:
        self.format = format
        self._readers = dict(readers or {})
        self._roles = dict(roles or {})
        self.records = 0
        self.total_bytes: int | None = None
        self._file: IO[bytes] | None = None
        self._path: Path | None = None
        self._counted: Counted | None = None
        self._ids: set[str] = set()
        if not isinstance(path, (str, os.PathLike)):
            self._file, self.name = path, str(getattr(path, "name", "input"))
            self.total_bytes = size_of(path)
        elif path == "-":
            self.name = "standard input"
        else:
            self._path, self.name = Path(path), str(path)
            self.total_bytes = self._size()

    def _size(self) -> int | None:
        try:
            return self._path.stat().st_size if self._path and self._path.is_file() else None
        except (OSError, ValueError):
            return None

    @property
    def bytes_read(self) -> int:
        """The bytes taken from the file so far."""
        return self._counted.count if self._counted else 0

    @property
    def share(self) -> float | None:
        """How much of the file was read, from 0 to 1; None where its size is not known."""
        if self.total_bytes is None:
            return None
        return min(self.bytes_read / self.total_bytes, 1.0) if self.total_bytes else 1.0

    def __iter__(self) -> Iterator[Reading]:
        self.records = 0
        self._ids.clear()
        for reading in self._readings():
            self.records += 1
            yield reading

    def _readings(self) -> Iterator[Reading]:
        if self.format is not None and self.format not in (*FORMATS, *self._readers):
            yield None, [_unknown_format(self.format, self._readers)]
            return
        try:
            yield from self._opened()
        except Unreadable as error:
            yield None, [Diagnostic(error.code, error.message, help=error.help)]

    def _opened(self) -> Iterator[Reading]:
        file = self._file or open_bytes(self._path)
        self._counted = Counted(file)
        try:
            yield from self._texts(lines(chunks(self._counted, self.name), LIMIT))
        finally:
            if self._path is not None:
                file.close()

    def _texts(self, all_lines: Iterator[bytes | None]) -> Iterator[Reading]:
        numbered = _filled(all_lines)
        first = next(numbered, None)
        if first is None:
            yield None, [Diagnostic("R0901", f"`{self.name}` is empty", help=_EMPTY_HELP)]
            return
        second = None if self._is_jsonl_name() else next(numbered, None)
        if first[1] and first[1].startswith(_WIDE):  # one finding, not one for each line
            yield from self._record(first[1], first[0])
            return
        if second is None and not self._is_jsonl_name():
            yield from self._record(first[1], first[0], "conversation")
            return
        rest = chain([first], [second] if second else [], numbered)
        if second is None or _is_jsonl(first[1], second[1]):
            for number, line in rest:
                yield from self._record(line, number)
        else:
            yield from self._document(rest)

    def _is_jsonl_name(self) -> bool:
        name = self.name
        for ending in _PACKED:
            name = name.removesuffix(ending)
        return name.endswith(LINE_ENDINGS)

    def _document(self, numbered: Iterator[tuple[int, bytes | None]]) -> Iterator[Reading]:
        held: list[bytes] = []
        size, first, last = 0, 0, 0
        for number, line in numbered:
            first, last = first or number, last or number - 1
            blank = number - last - 1  # lines that were skipped: put back, to keep positions true
            size += blank + (LIMIT + 1 if line is None else len(line))
            if line is None or size > LIMIT:
                yield None, [self._too_large(first)]
                return
            held += [b"\n" * blank, line]
            last = number
        yield from self._record(b"".join(held), first, "conversation")

    def _record(self, line: bytes | None, number: int, id: str = "") -> Iterator[Reading]:
        if line is None:
            yield None, [self._too_large(number)]
            return
        text, problem = self._text(line, number)
        place = Place(self.name, text, first_line=number)
        try:
            value, replaced = (None, False) if problem else decode(text)
        except Broken as broken:
            problem = _diagnose(broken, place)
        if problem:
            yield None, [problem]
        elif isinstance(value, list) and is_many(value):
            yield from self._many(value, place, replaced)
        elif (examples := examples_in(value)) is not None:
            for index, example in enumerate(examples):
                at: Where = ("examples", index)
                yield self._one(example, place, replaced, f"example {index + 1}", at)
                replaced = False
        else:
            yield self._one(value, place, replaced, id or f"line {number}")

    def _too_large(self, number: int) -> Diagnostic:
        place = Place(self.name, "", first_line=number)
        message = f"a record of more than {LIMIT // 1024**2} MB"
        help = "write one conversation a line (JSONL), or split the conversation"
        return Diagnostic("R0907", message, place.label(0, 0), help=help)

    def _text(self, line: bytes, number: int) -> tuple[str, Diagnostic | None]:
        line = line.removeprefix(_BOM) if number == 1 else line
        try:
            return line.decode("utf-8").rstrip("\r\n"), None
        except UnicodeDecodeError as error:
            return "", self._not_utf8(line, error, number)

    def _not_utf8(self, line: bytes, error: UnicodeDecodeError, number: int) -> Diagnostic:
        start = len(line[: error.start].decode("utf-8"))
        place = Place(self.name, line.decode("utf-8", "replace"), first_line=number)
        byte = f"the byte {line[error.start]:#04x} belongs to no character"
        wide = number == 1 and line.startswith(_WIDE)
        help = "it looks like UTF-16; " if wide else ""
        label = place.label(start, start + 1, byte)
        return Diagnostic("R0002", "this is not UTF-8", label, help=f"{help}save it as UTF-8")

    def _many(self, values: list[Any], place: Place, replaced: bool) -> Iterator[Reading]:
        extents: list[tuple[int, int]] | None = None
        for index, value in enumerate(values):
            made, problems = self._one(value, None, replaced, f"item {index + 1}")
            if problems:  # read it again, now with its place in the file
                extents = extents or find_items(place.text)
                self._ids.discard(made.id if made else "")
                item = place.piece(*extents[index])
                made, problems = self._one(value, item, replaced, f"item {index + 1}")
            replaced = False  # noted once a file is enough
            yield made, problems

    def _one(
        self, value: Any, place: Place | None, replaced: bool, name: str, base: Where = ()
    ) -> Reading:
        found = Findings(place, base)
        if replaced:
            note_replaced(found)
        made = read_record(value, found, self.format, self._roles, self._readers)
        if made is not None:
            made.id = self._unique_id(made.id or name, found)
        return made, found.diagnostics()

    def _unique_id(self, id: str, found: Findings) -> str:
        number, unique = 1, id
        while unique in self._ids:
            number += 1
            unique = f"{id} ({number})"
        if number > 1:
            message = f"the id `{id[:80]}` is used by an earlier conversation"
            help = f"this one is called `{unique[:90]}` here"
            found.add("R0908", message, ("id",), help=help)
        self._ids.add(unique)
        return unique


_EMPTY_HELP = "a conversation is a JSON object or list; see `remit explain R0901`"


def _filled(all_lines: Iterator[bytes | None]) -> Iterator[tuple[int, bytes | None]]:
    """The lines that are not blank, with their numbers."""
    for number, line in enumerate(all_lines, 1):
        if line is None or line.removeprefix(_BOM).strip():
            yield number, line


def _is_jsonl(first: bytes | None, second: bytes | None) -> bool:
    """Whether a file with these first lines holds a record a line, not one JSON text."""
    if first is None or second is None:
        return True
    try:
        json.loads(first.decode("utf-8-sig", "replace"))
    except json.JSONDecodeError as error:
        cut = error.pos >= len(error.doc.rstrip()) or error.msg.startswith("Unterminated")
        return not cut and first.removeprefix(_BOM)[:1] == second[:1]
    except (ValueError, RecursionError):  # too deep, or digits past the limit: but whole
        return True
    return True


def _diagnose(broken: Broken, place: Place) -> Diagnostic:
    label = place.label(*(broken.at or (0, 1)), remark=broken.remark)
    first: tuple[Label, ...] = ()
    if broken.first:
        first = (place.label(*broken.first, remark="first here"),)
    return Diagnostic(broken.code, broken.message, label, first, help=broken.help)
