"""Where a record's text stands in its file, so that findings can point at it.

A file may be far larger than memory, so a finding keeps only the line around its label, never the
whole text. Nothing here reads files or judges what it points at.
"""

from __future__ import annotations

from remit_grammar.diagnostic import Label
from remit_grammar.source import Source, Span

AROUND = 200  # characters of context kept on either side of a label


class Place(Source):
    """A piece of a file; `first_line` and `first_column` (from 1) say where in it it begins."""

    __slots__ = ("first_column", "first_line")

    def __init__(
        self, name: str, text: str, has_lines: bool = True, *, first_line: int = 1,
        first_column: int = 1,
    ) -> None:  # fmt: skip
        super().__init__(name, text, has_lines)
        self.first_line = first_line
        self.first_column = first_column

    def position(self, offset: int) -> tuple[int, int]:
        """The line and column (both from 1) in the file of an offset into the piece."""
        line, column = super().position(offset)
        shift = self.first_column - 1 if line == 1 else 0
        return line + self.first_line - 1, column + shift

    def line(self, number: int) -> str:
        """The text of a line, by its number in the file."""
        return super().line(number - self.first_line + 1)

    def line_start(self, number: int) -> int:
        """The offset in the piece at which a line of the file starts."""
        return super().line_start(number - self.first_line + 1)

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
