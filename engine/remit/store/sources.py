"""The texts that spans are pieces of, by number. A text is unpacked when somebody reads it."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from typing import Any

from remit.seal import inflated
from remit_grammar.source import Source

MOST_TEXT = 64 << 20  # bytes of one text


class StoredSource(Source):
    """A source whose text is read when it is first looked at."""

    __slots__ = ("_read",)

    def __init__(self, name: str, has_lines: bool, read: Callable[[], str]) -> None:
        super().__init__(name, "", has_lines)
        del self.text  # until somebody looks for it
        self._read = read

    def __getattr__(self, name: str) -> Any:
        """The text, at its first use; whatever else is asked for is not there."""
        if name != "text":
            raise AttributeError(name)
        self.text = self._read()
        return self.text


class Sources:
    """Sources by number: known from a store, or numbered as they turn up."""

    def __init__(self, known: Sequence[Source] = ()) -> None:
        self.all = list(known)
        self._numbers = {id(one): number for number, one in enumerate(known)}

    def at(self, number: int) -> Source:
        """The source of a number. Raises `ValueError` where there is none."""
        if number >= len(self.all):
            raise ValueError(f"there is no source {number}")
        return self.all[number]

    def number(self, source: Source) -> int:
        """The number of a source, a new one if it was not seen before."""
        number = self._numbers.setdefault(id(source), len(self.all))
        if number == len(self.all):
            self.all.append(source)
        return number


def packed(source: Source) -> bytes:
    """The text of a source as it is kept."""
    return zlib.compress(source.text.encode("utf-8", "surrogatepass"), 6)


def unpacked(data: memoryview) -> str:
    """A text that was kept. Raises `ValueError`."""
    return inflated(data, MOST_TEXT).decode("utf-8", "surrogatepass")
