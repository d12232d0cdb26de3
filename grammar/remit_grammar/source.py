"""Where a piece of text came from: a `Source` is a whole text, a `Span` is a piece of one.

Offsets count characters of the decoded text, never bytes. Lines and columns are for people and
start at 1.
"""

from __future__ import annotations

from bisect import bisect_right


class Source:
    """A text under a name that a person recognises: a path, or `conversation, step 4`.

    `has_lines` is false for a text whose lines nobody could look up. Never changed once it is made.
    """

    __slots__ = ("_starts", "has_lines", "name", "text")

    def __init__(self, name: str, text: str, has_lines: bool = True) -> None:
        self.name = name
        self.text = text
        self.has_lines = has_lines
        self._starts: list[int] = []

    def _line_starts(self) -> list[int]:
        if not self._starts:
            self._starts.append(0)
            at = self.text.find("\n")
            while at >= 0:
                self._starts.append(at + 1)
                at = self.text.find("\n", at + 1)
        return self._starts

    def position(self, offset: int) -> tuple[int, int]:
        """The line and column (both from 1) of a character offset."""
        starts = self._line_starts()
        line = bisect_right(starts, min(max(offset, 0), len(self.text)))
        return line, offset - starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The text of a line (from 1), without its line end."""
        starts = self._line_starts()
        end = starts[number] - 1 if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end].rstrip("\r")

    def line_start(self, number: int) -> int:
        """The offset of the first character of a line (from 1)."""
        return self._line_starts()[number - 1]

    def span(self, start: int = 0, end: int | None = None) -> Span:
        """The piece from `start` to `end` (exclusive; the whole rest by default)."""
        return Span(self, start, len(self.text) if end is None else end)

    def __repr__(self) -> str:
        return f"Source({self.name!r}, {len(self.text)} characters)"


class Span:
    """A piece of a source, from `start` to `end` (exclusive). Prints as its text.

    Never changed once it is made.
    """

    __slots__ = ("end", "source", "start")

    def __init__(self, source: Source, start: int, end: int) -> None:
        self.source = source
        self.start = start
        self.end = end

    @property
    def text(self) -> str:
        """The characters of the piece."""
        return self.source.text[self.start : self.end]

    @property
    def line(self) -> int:
        """The line (from 1) on which it starts."""
        return self.source.position(self.start)[0]

    @property
    def column(self) -> int:
        """The column (from 1) at which it starts."""
        return self.source.position(self.start)[1]

    @property
    def place(self) -> str:
        """`file:line:column`, the way editors and terminals link it; or the name alone."""
        if not self.source.has_lines:
            return self.source.name
        line, column = self.source.position(self.start)
        return f"{self.source.name}:{line}:{column}"

    def to(self, other: Span) -> Span:
        """From the start of this piece to the end of the other; both of one source."""
        return Span(self.source, self.start, max(self.end, other.end))

    def __repr__(self) -> str:
        return f"<{self.place} {self.text[:40]!r}>"
