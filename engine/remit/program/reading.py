"""What was read in the texts of one decision: each text is scanned once, and read once.

All clauses share it. It is a memory and no more: without it every answer is the same.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from remit.program import functions
from remit.text.scan import Scanner

if TYPE_CHECKING:
    from remit.text.finders import Finder

MOST = 1024  # texts, and results of functions, that are remembered at a time
_ABSENT = object()


class Reading:
    """Answers what is in texts, and remembers it."""

    __slots__ = ("_found", "_left", "_made", "_scanner")

    def __init__(self, scanner: Scanner | None = None) -> None:
        self._scanner = Scanner() if scanner is None else scanner
        self._left: dict[str, Collection[Finder]] = {}
        self._found: dict[tuple[Finder, str], bool] = {}
        self._made: dict[tuple[str, str], Any] = {}

    def possible(self, finder: Finder, text: str) -> bool:
        """Whether the finder may find something in the text; false is sure."""
        if finder.folds and not text.isascii():
            text = text.casefold()
        left = self._left.get(text)
        if left is None:
            left = _kept(self._left, text, self._scanner.candidates(text))
        return finder in left or finder not in self._scanner

    def found(self, finder: Finder, text: str) -> bool:
        """Whether the finder finds something in the text."""
        if not self.possible(finder, text):
            return False
        key = (finder, text)
        answer = self._found.get(key)
        return _kept(self._found, key, finder.found(text)) if answer is None else answer

    def made(self, name: str, value: Any) -> Any:
        """The result of a function of the language."""
        if type(value) is not str or name not in functions.COSTLY:
            return functions.call(name, value)
        key = (name, value)
        result = self._made.get(key, _ABSENT)
        return _kept(self._made, key, functions.call(name, value)) if result is _ABSENT else result


def _kept(memory: dict[Any, Any], key: object, value: Any) -> Any:
    """Remember a value, and forget all others where they become too many."""
    if len(memory) >= MOST:
        memory.clear()
    memory[key] = value
    return value
