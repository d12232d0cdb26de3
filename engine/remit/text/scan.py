"""One scan of a text for all patterns of a policy: tells which of them may be found in it.

RE2 works out which pieces of text a pattern cannot do without, and looks for the pieces of all
patterns together, in one pass. A pattern that lacks its pieces is not found; any other may be, and
is asked itself. So a scan only ever says no, what is found is always said by the pattern alone, and
a scan that fails says no to nothing. Patterns that need no piece of two characters are always left.
Where one of those is asked for, a closer look tells of a few of them at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from remit.text.finders import Finder
from remit.text.model import Pattern
from remit.text.patterns import encoded, engine, options, pattern_source

FEW = 3  # patterns up to which asking each is as quick as a scan
CLOSER = (
    8  # patterns of a closer look; with more its automaton grows, and few of them are asked for
)
CLOSER_MEMORY = 1 << 20  # bytes of that automaton
MOST = 256  # different results of a scan that are kept ready
_ALWAYS = b"\0remit\0"  # put behind each text; its number is 0. Where it is missing the scan failed


class Hits(NamedTuple):
    """What a scan leaves: patterns by their numbers, and the finders that they belong to.

    Of the finders that were asked about, `places` has those of the patterns that are left, and
    `looks` what `Scanner.look` gives.
    """

    numbers: frozenset[int]
    finders: frozenset[Finder]
    places: dict[Finder, list[int]]
    looks: dict[Finder, tuple[Closer, frozenset[int]] | None]


class Scanner:
    """Tells which patterns of finders may be found in a text. Threads may share it.

    `finders` is asked for them when the first text is scanned. From then on `numbers` are those of
    the patterns of each finder, in their order. `closer` has the looks at those that
    a scan always leaves.
    """

    __slots__ = ("_finders", "_only", "_ready", "_seen", "_sieves", "closer", "numbers")

    def __init__(self, finders: Callable[[], Iterable[Finder]] = tuple) -> None:
        self._finders = finders
        self.numbers: dict[Finder, tuple[int, ...]] = {}
        self._ready = False
        self._seen: dict[tuple[int, ...], Hits] = {}
        self._sieves: tuple[_Sieve, ...] = ()
        self._only: Callable[[bytes], Sequence[int]] | None = None  # what the one sieve there does
        self.closer: dict[int, Closer] = {}

    @property
    def idle(self) -> bool:
        """Whether there is so little to look for that each finder is asked alone."""
        if not self._ready:
            self._build()
        return not self._sieves

    def hits(self, text: str) -> Hits:
        """What may be found in the text."""
        if self._only is not None:
            key = tuple(self._only(encoded(text) + _ALWAYS))
        else:
            if not self._ready:
                self._build()
            data = encoded(text) + _ALWAYS if self._sieves else b""
            key = tuple(number for sieve in self._sieves for number in sieve.hits(data))
        found = self._seen.get(key)
        return self._grouped(key) if found is None else found

    def places(self, finder: Finder, hits: Hits) -> list[int] | None:
        """Which of the finder's patterns may be found, by their places; None for a stranger."""
        found = hits.places.get(finder)
        if found is None and (numbers := self.numbers.get(finder)) is not None:
            found = [at for at, number in enumerate(numbers) if number in hits.numbers]
            hits.places[finder] = found
        return found

    def look(self, finder: Finder, hits: Hits) -> tuple[Closer, frozenset[int]] | None:
        """The closer look at all that is left of the finder, and their numbers; None without one.

        Where that finds none of them, neither does the finder.
        """
        left = hits.numbers.intersection(self.numbers.get(finder, ()))
        closers = {self.closer.get(one) for one in left}
        closer = closers.pop() if len(closers) == 1 and not finder.folds else None
        made = hits.looks[finder] = None if closer is None else (closer, left)
        return made

    def _grouped(self, key: tuple[int, ...]) -> Hits:
        """The hits with these numbers; texts differ, and most of them hit the same."""
        numbers = frozenset((0, *key))
        left = [one for one, own in self.numbers.items() if not numbers.isdisjoint(own)]
        if len(self._seen) >= MOST:
            self._seen.clear()
        made = self._seen[key] = Hits(numbers, frozenset(left), {}, {})
        return made

    def _build(self) -> None:
        # Two threads at the first use both build; the results are alike.
        finders = dict.fromkeys(one for one in self._finders() if one.patterns)
        patterns = list(dict.fromkeys(pattern for one in finders for pattern in one.patterns))
        self._sieves = tuple(_sieves(patterns, 1)) if len(patterns) > FEW else ()
        numbers = dict.fromkeys(patterns, 0)  # of one in no sieve: always left
        for sieve in self._sieves:
            numbers.update(zip(sieve.patterns, sieve.numbers[1:], strict=True))
        self.numbers = {one: tuple(numbers[own] for own in one.patterns) for one in finders}
        always = {number for sieve in self._sieves for number in sieve.hits(_ALWAYS)} - {0}
        self.closer = _closer([(at, one) for one, at in numbers.items() if at in always])
        if len(self._sieves) == 1:
            self._only = self._sieves[0].hits
        self._ready = True


def _closer(loose: Sequence[tuple[int, Pattern]]) -> dict[int, Closer]:
    """The looks at patterns by their numbers; those that stand together are asked for together."""
    found: dict[int, Closer] = {}
    for at in range(0, len(loose), CLOSER):
        some = dict(loose[at : at + CLOSER])
        try:
            found.update(dict.fromkeys(some, Closer(some)))
        except engine().error:
            continue
    return found


class Closer:
    """Some patterns by their numbers, looked for in one pass.

    The automaton remembers which of them have begun, so it is quick only where they are few; at its
    worst it begins anew all the time, and takes some times what they take one by one. Where it
    fails it says nothing, not even that the empty pattern is found.
    """

    __slots__ = ("_numbers", "_set")

    def __init__(self, loose: Mapping[int, Pattern]) -> None:
        """Raises RE2's error where they take too much memory."""
        made = engine().Options()
        made.log_errors, made.max_mem = False, CLOSER_MEMORY
        self._numbers = tuple(loose)
        self._set: Any = engine().Set.SearchSet(made)
        for pattern in loose.values():
            self._set.Add(pattern_source(pattern).encode("utf-8"))
        self._set.Add(b"")
        self._set.Compile()

    def lacking(self, text: str) -> frozenset[int]:
        """Those that are not found in the text, as far as that is known."""
        found = self._set.Match(encoded(text)) or ()
        if len(self._numbers) not in found:
            return frozenset()
        return frozenset(one for at, one in enumerate(self._numbers) if at not in found)


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

    __slots__ = ("_match", "numbers", "patterns")

    def __init__(self, patterns: Sequence[Pattern], first: int) -> None:
        """Raises RE2's error where the pieces take too much memory."""
        self.patterns = patterns
        self.numbers = (0, *range(first, first + len(patterns)))
        made: Any = engine().Filter()
        made.Add(engine().escape(_ALWAYS), options())
        for pattern in patterns:
            made.Add(pattern_source(pattern).encode("utf-8"), options())
        made.Compile()
        self._match: Callable[[bytes, bool], Sequence[int] | None] = made.Match

    def hits(self, data: bytes) -> Sequence[int]:
        """The numbers of the patterns whose pieces are in the text."""
        found = self._match(data, True)
        if not found or found[0] != 0:
            return self.numbers
        return found if self.numbers[1] == 1 else [self.numbers[one] for one in found]
