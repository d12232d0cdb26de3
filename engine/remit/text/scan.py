"""One scan of a text for all finders of a policy: tells which of them may find something in it.

RE2 works out which pieces of text a pattern cannot do without, and looks for the pieces of all
patterns together, in one pass. A finder none of whose patterns has its pieces there finds nothing;
any other is a candidate, and asked itself. So a scan only ever says no, what is found is always
said by the pattern alone, and a scan that fails leaves every finder a candidate.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import chain
from typing import Any

from remit.text.finders import Finder
from remit.text.patterns import encoded, engine, options, pattern_source

_ALWAYS = b"\0remit\0"  # put behind each text: where even this is not found, the scan has failed


class Scanner:
    """Tells which finders may find something in a text. Threads may share it.

    `finders` is asked for them when the first text is scanned.
    """

    __slots__ = ("_finders", "_known", "_sieves")

    def __init__(self, finders: Callable[[], Iterable[Finder]] = tuple) -> None:
        self._finders = finders
        self._known: frozenset[Finder] | None = None
        self._sieves: tuple[_Sieve, ...] = ()

    def candidates(self, text: str) -> Collection[Finder]:
        """The finders that may find something in the text, of those that `in` tells of."""
        if self._known is None:
            self._build()
        if not self._sieves:
            return self._known or ()
        data = encoded(text) + _ALWAYS
        return frozenset(chain.from_iterable(sieve.left(data) for sieve in self._sieves))

    def __contains__(self, finder: Finder) -> bool:
        """Whether the finder is one that `candidates` names where it may find something."""
        if self._known is None:
            self._build()
        return finder in (self._known or ())

    def _build(self) -> None:
        # Two threads at the first use both build; the results are alike.
        found = list(dict.fromkeys(one for one in self._finders() if one.patterns))
        owners: dict[bytes, list[Finder]] = {}
        for finder in found:
            for pattern in finder.patterns:
                owners.setdefault(pattern_source(pattern).encode("utf-8"), []).append(finder)
        sieves, alone = _sieves(list(owners.items()))
        self._sieves = sieves
        self._known = frozenset(found) - alone


_Owned = tuple[bytes, list[Finder]]


def _sieves(patterns: Sequence[_Owned]) -> tuple[tuple[_Sieve, ...], frozenset[Finder]]:
    """The patterns in as few sieves as the memory of each allows; the finders of what fits none."""
    if not patterns:
        return (), frozenset()
    try:
        return (_Sieve(patterns),), frozenset()
    except engine().error:
        if len(patterns) == 1:
            return (), frozenset(patterns[0][1])
    half = len(patterns) // 2
    (first, lost), (second, more) = _sieves(patterns[:half]), _sieves(patterns[half:])
    return first + second, lost | more


class _Sieve:
    """Some patterns with the finders that they belong to."""

    __slots__ = ("_all", "_filter", "_owners")

    def __init__(self, patterns: Sequence[_Owned]) -> None:
        """Raises RE2's error where the pieces take too much memory."""
        self._filter: Any = engine().Filter()
        self._filter.Add(engine().escape(_ALWAYS), options())
        for source, _ in patterns:
            self._filter.Add(source, options())
        self._filter.Compile()
        self._owners: list[list[Finder]] = [[], *(finders for _, finders in patterns)]
        self._all = range(len(self._owners))

    def left(self, data: bytes) -> Iterable[Finder]:
        """The finders with a pattern whose pieces are in the text, each perhaps several times."""
        found = self._filter.Match(data, potential=True)
        return chain.from_iterable(
            self._owners[one] for one in (found if found and found[0] == 0 else self._all)
        )
