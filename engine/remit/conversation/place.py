"""Where a record's text stands in its file, so that findings can point at it.

A file may be far larger than memory, so a finding keeps only the line around its label, never the
whole text. Nothing here reads files or judges what it points at.
"""

from __future__ import annotations

from dataclasses import dataclass

from remit_grammar.diagnostic import Label
from remit_grammar.source import Source, Span

AROUND = 200  # characters of context kept on either side of a label


@dataclass(frozen=True, slots=True, eq=False)
class Place(Source):
    """A piece of a file; `first_line` and `first_column` (from 1) say where in it it begins."""

    first_line: int = 1
    first_column: int = 1

    # No bare `super()` here: it does not work in a dataclass with slots.
    def position(self, offset: int) -> tuple[int, int]:
        """The line and column (both from 1) in the file of an offset into the piece."""
        line, column = Source.position(self, offset)
        shift = self.first_column - 1 if line == 1 else 0
        return line + self.first_line - 1, column + shift

    def line(self, number: int) -> str:
        """The text of a line, by its number in the file."""
        return Source.line(self, number - self.first_line + 1)

    def line_start(self, number: int) -> int:
        """The offset in the piece at which a line of the file starts."""
        return Source.line_start(self, number - self.first_line + 1)

    def piece(self, start: int, end: int) -> Place:
        """The part from `start` to `end`, still knowing where in the file it stands."""
        line, column = self.position(start)
        return Place(self.name, self.text[start:end], first_line=line, first_column=column)

    def label(self, start: int, end: int | None = None, remark: str = "") -> Label:
        """A label from `start` to `end` (one character by default), within one line.

        It holds on to a short piece of the line only.
        """
        start = min(max(start, 0), len(self.text))
        left = max(self.text.rfind("\n", 0, start) + 1, start - AROUND)
        stop = self.text.find("\n", start)
        right = min(stop if stop >= 0 else len(self.text), start + AROUND)
        end = max(min(start + 1 if end is None else end, right), start)
        return Label(Span(self.piece(left, right), start - left, end - left), remark)
