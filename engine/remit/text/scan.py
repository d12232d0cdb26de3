"""One scan of a text for all patterns of a policy: tells which of them may be found in it.

RE2 works out which pieces of text a pattern cannot do without, and looks for the pieces of all
patterns together, in one pass. A pattern that lacks its pieces is not found; any other may be, and
is asked itself. So a scan only ever says no, what is found is always said by the pattern alone, and
a scan that fails says no to nothing. Patterns that need no piece of two characters are always left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from remit.text.finders import Finder
from remit.text.model import Pattern
from remit.text.patterns import encoded, engine, options, pattern_source

_ALWAYS = b"\0remit\0"  # put behind each text; its number is 0. Where it is missing the scan failed


class Scanner:
    """Tells which patterns of finders may be found in a text. Threads may share it.

    `finders` is asked for them when the first text is scanned.
    """

    __slots__ = ("_finders", "_numbers", "_sieves")

    def __init__(self, finders: Callable[[], Iterable[Finder]] = tuple) -> None:
        self._finders = finders
        self._numbers: dict[Finder, tuple[int, ...]] | None = None
        self._sieves: tuple[_Sieve, ...] = ()

    def hits(self, text: str) -> frozenset[int]:
        """The numbers of the patterns that may be found in the text."""
        if self._numbers is None:
            self._build()
        if not self._sieves:
            return frozenset((0,))
        data = encoded(text) + _ALWAYS
        if len(self._sieves) == 1:
            return frozenset(self._sieves[0].hits(data))
        return frozenset().union(*(sieve.hits(data) for sieve in self._sieves))

    def left(self, finder: Finder, hits: frozenset[int]) -> Sequence[int] | None:
        """Which of the finder's patterns may be found, by their places, where `hits` were hit.

        None where it is no finder of this scanner, so that nothing is known.
        """
        numbers = self._numbers.get(finder) if self._numbers is not None else None
        if numbers is None:
            return None
        if hits.isdisjoint(numbers):
            return ()
        return [place for place, number in enumerate(numbers) if number in hits]

    def _build(self) -> None:
        # Two threads at the first use both build; the results are alike.
        finders = dict.fromkeys(one for one in self._finders() if one.patterns)
        patterns = list(dict.fromkeys(pattern for one in finders for pattern in one.patterns))
        self._sieves = tuple(_sieves(patterns, 1))
        numbers = dict.fromkeys(patterns, 0)  # of one in no sieve: always left
        for sieve in self._sieves:
            numbers.update(zip(sieve.patterns, sieve.numbers[1:], strict=True))
        self._numbers = {one: tuple(map(numbers.__getitem__, one.patterns)) for one in finders}


def _sieves(patterns: Sequence[Pattern], first: int) -> Iterable[_Sieve]:
    """As few sieves as their memory allows; a pattern that fits none is in none."""
    if not patterns:
        return
    try:
        yield _Sieve(patterns, first)
    except engine().error:
        half = len(patterns) // 2
        if half:
            yield from _sieves(patterns[:half], first)
            yield from _sieves(patterns[half:], first + half)


class _Sieve:
    """Some patterns, numbered from `first`."""

    __slots__ = ("_filter", "numbers", "patterns")

    def __init__(self, patterns: Sequence[Pattern], first: int) -> None:
        """Raises RE2's error where the pieces take too much memory."""
        self.patterns = patterns
        self.numbers = (0, *range(first, first + len(patterns)))
        self._filter: Any = engine().Filter()
        self._filter.Add(engine().escape(_ALWAYS), options())
        for pattern in patterns:
            self._filter.Add(pattern_source(pattern).encode("utf-8"), options())
        self._filter.Compile()

    def hits(self, data: bytes) -> Sequence[int]:
        """The numbers of the patterns whose pieces are in the text."""
        found = self._filter.Match(data, potential=True)
        if not found or found[0] != 0:
            return self.numbers
        return found if self.numbers[1] == 1 else [self.numbers[one] for one in found]
