"""What was read in the texts of one decision: each text is scanned once, and read once.

All clauses share it. It is a memory and no more: without it every answer is the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from remit.program import functions
from remit.program.lazy import Fresh
from remit.text.scan import Closer, Hits, Scanner

if TYPE_CHECKING:
    from remit.text.finders import Finder

MOST = 1024  # texts, and results of a function, that are remembered at a time
_ABSENT = object()


class Reading:
    """Answers what is in texts, and remembers it."""

    _lacking: dict[tuple[Closer, str], frozenset[int]] = Fresh()  # type: ignore[assignment]
    _found: dict[tuple[Finder, str], bool] = Fresh()  # type: ignore[assignment]
    _made: dict[str, dict[str, Any]] = Fresh()  # type: ignore[assignment]

    def __init__(self, scanner: Scanner | None = None) -> None:
        self.scanner = Scanner() if scanner is None else scanner
        self._hits: dict[str, Hits] = {}

    def left(self, text: str) -> frozenset[Finder] | None:
        """The finders that may find something in the text; None where none is scanned for."""
        left = self._scanned(text).finders
        if not left and not self.scanner.numbers:
            return None
        return left if text.isascii() else left | self._scanned(text.casefold()).finders

    def found(self, finder: Finder, text: str) -> bool:
        """Whether the finder finds something in the text."""
        key = (finder, text)
        answer = self._found.get(key)
        return _kept(self._found, key, self._look(finder, text)) if answer is None else answer

    def _look(self, finder: Finder, text: str) -> bool:
        if self.scanner.idle:
            return finder.found(text)
        hits = self._hits_of(finder, text)
        if finder not in hits.finders and finder in self.scanner.numbers:
            return False
        looks = hits.looks
        look = looks[finder] if finder in looks else self.scanner.look(finder, hits)
        if look is not None and look[1] <= self._lacks(look[0], text):
            return False
        places = self.scanner.places(finder, hits)
        if places and not finder.folds:
            numbers = self.scanner.numbers[finder]
            places = [at for at in places if self._may_be(numbers[at], text)]
        return places != [] and finder.found(text, places)

    def _may_be(self, number: int, text: str) -> bool:
        """Whether a pattern that the scan left may be found after all."""
        closer = self.scanner.closer.get(number)
        return closer is None or number not in self._lacks(closer, text)

    def _lacks(self, closer: Closer, text: str) -> frozenset[int]:
        """What a closer look does not find."""
        lacking = self._lacking.get((closer, text))
        if lacking is None:
            lacking = _kept(self._lacking, (closer, text), closer.lacking(text))
        return lacking

    def spans(self, finder: Finder, text: str) -> list[tuple[int, int]]:
        """What `Finder.spans` gives."""
        return finder.spans(text, self.scanner.places(finder, self._hits_of(finder, text)))

    def sayings(
        self, finder: Finder, text: str, most: int
    ) -> list[tuple[int, int, dict[str, str | None]]]:
        """What `Finder.sayings` gives."""
        return finder.sayings(text, most, self.scanner.places(finder, self._hits_of(finder, text)))

    def made(self, name: str, value: Any) -> Any:
        """The result of a function of the language."""
        if type(value) is not str:
            return functions.call(name, value)
        if name not in functions.COSTLY:
            return functions.call(name, value)
        made = self._made.setdefault(name, {})
        result = made.get(value, _ABSENT)
        return _kept(made, value, functions.call(name, value)) if result is _ABSENT else result

    def _hits_of(self, finder: Finder, text: str) -> Hits:
        """What may be found in the text as the finder reads it."""
        return self._scanned(text.casefold() if finder.folds and not text.isascii() else text)

    def _scanned(self, text: str) -> Hits:
        hits = self._hits.get(text)
        if hits is None:
            if len(self._hits) >= MOST:
                self._hits.clear()
            hits = self._hits[text] = self.scanner.hits(text)
        return hits


def _kept(memory: dict[Any, Any], key: object, value: Any) -> Any:
    """Remember a value, and forget all others where they become too many."""
    if len(memory) >= MOST:
        memory.clear()
    memory[key] = value
    return value
