"""Reads the files of a ledger line by line, in bounded memory. Judges nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from remit.conversation.place import Place
from remit.conversation.stream import Counted, Unreadable, chunks, lines, open_bytes, size_of
from remit.ledger.model import MOST_LINE, Line, parsed
from remit_grammar.diagnostic import Diagnostic, Label

Tell = Callable[[int], None]  # hears how many bytes were read of all files together


@dataclass(frozen=True, slots=True)
class Reading:
    """A line of a file: what it is, None where it is no line of a ledger, and where it stands.

    `problem` is what keeps the rest of the file from being read; then there is nothing else.
    """

    file: str
    number: int
    line: Line | None
    data: bytes = b""
    problem: Diagnostic | None = None

    @property
    def is_whole(self) -> bool:
        """Whether it ends as a line does."""
        return self.data.endswith(b"\n")

    def label(self, what: bytes, remark: str) -> Label:
        """A label on the first place where the bytes are, or on the beginning."""
        text = self.data[:-1].decode("utf-8", "replace")
        at = text.find(what.decode())
        place = Place(self.file, text, first_line=self.number)
        return place.label(max(at, 0), max(at, 0) + (len(what) if at >= 0 else 1), remark)


def read(path: str | Path, tell: Tell = lambda done: None) -> Iterator[Reading]:
    """The lines of a file, plain or packed; `-` is standard input. Never raises."""
    name = "standard input" if str(path) == "-" else str(path)
    try:
        opened = open_bytes(None if str(path) == "-" else Path(path))
        with nullcontext(opened) if str(path) == "-" else opened as file:
            counted, said = Counted(file), 0
            for number, data in enumerate(lines(chunks(counted, name), MOST_LINE), 1):
                yield Reading(name, number, parsed(data) if data else None, data or b"\n")
                if counted.count != said:  # once for each piece of the file, not for each line
                    said = counted.count
                    tell(said)
    except Unreadable as error:
        problem = Diagnostic(error.code, error.message, help=error.help)
        yield Reading(name, 0, None, problem=problem)


def in_order(paths: Sequence[str | Path]) -> list[str | Path]:
    """The files in the order of their first lines; those that have none come first."""
    firsts = {path: _first(path) for path in paths}
    return sorted(firsts, key=firsts.__getitem__)


def _first(path: str | Path) -> int:
    if str(path) == "-":
        return -1  # it can be read only once
    first = next(read(path), None)
    return first.line.seq if first is not None and first.line is not None else -1


def total(paths: Sequence[str | Path]) -> int:
    """The bytes of all files, as far as that is known."""
    found = 0
    for path in paths:
        try:
            with open_bytes(Path(path)) as file:
                found += size_of(file) or 0
        except Unreadable:
            continue
    return found
