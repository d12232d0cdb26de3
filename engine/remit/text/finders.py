"""Finders: what detectors and patterns find in a text, and where."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from threading import Lock
from weakref import WeakValueDictionary

from remit.text.model import Pattern
from remit.text.patterns import BUILT_IN, VALIDATORS, Matcher

MOST_TRIES = 64  # characters into a refused piece at which another may begin


class Finder:
    """Finds pieces of a text by patterns, keeping those that a validator accepts.

    `patterns` are those it may not find anything without; `folds`: they are asked of the text as
    `str.casefold` leaves it.
    """

    __slots__ = ("__weakref__", "_matcher", "_valid", "patterns")
    folds = False

    def __init__(
        self, patterns: tuple[Pattern, ...], valid: Callable[[str], bool] | None = None
    ) -> None:
        self._matcher = Matcher(patterns)
        self._valid = valid
        self.patterns = self._matcher.patterns

    def found(self, text: str, only: Sequence[int] | None = None) -> bool:
        """Whether there is such a piece; `only` as `Matcher` says."""
        there = self._matcher.found(text, only)
        return there if self._valid is None or not there else bool(self.spans(text, only))

    def spans(self, text: str, only: Sequence[int] | None = None) -> list[tuple[int, int]]:
        """Where the pieces are: start and end, in characters, from left to right."""
        spans = self._matcher.spans(text, only)
        if self._valid is None:
            return spans
        return [found for start, end in spans for found in self._accepted(text, start, end)]

    def _accepted(self, text: str, start: int, end: int) -> list[tuple[int, int]]:
        """The piece if the validator accepts it, else what it accepts further inside.

        A number in front must not hide a card number: `2222 4111 1111 1111 1111`.
        """
        assert self._valid is not None, "asked only where there is a validator"
        if self._valid(text[start:end]):
            return [(start, end)]
        for at in range(start + 1, min(end, start + MOST_TRIES)):
            if text[at - 1].isalnum():
                continue  # a piece begins where a word does
            for low, high in self._matcher.spans(text[at : end + MOST_TRIES]):
                if self._valid(text[at + low : at + high]):
                    return [(at + low, at + high)]
        return []

    def sayings(
        self, text: str, most: int, only: Sequence[int] | None = None
    ) -> list[tuple[int, int, dict[str, str | None]]]:
        """Where its patterns stand and what their groups took, as `Matcher.sayings` says."""
        return self._matcher.sayings(text, most, only)

    def texts(self, text: str) -> list[str]:
        """The pieces themselves, each once, in the order in which they first stand."""
        return list(dict.fromkeys(text[start:end] for start, end in self.spans(text)))


class Piece(Finder):
    """Finds whether a text contains another, whatever the case, as `str.casefold` sees it."""

    __slots__ = ("_part",)
    folds = True

    def __init__(self, part: str) -> None:
        self._part = part.casefold()
        super().__init__((Pattern(self._part, is_regex=False),))

    def found(self, text: str, only: Sequence[int] | None = None) -> bool:
        """Whether the text contains it."""
        return self._part in text.casefold()


_used: WeakValueDictionary[object, Finder] = WeakValueDictionary()  # each finder exists once
_lock = Lock()


@lru_cache(maxsize=1024)
def piece(part: str) -> Finder:
    """A finder for `contains`."""
    return _only(part, lambda: Piece(part))


@lru_cache(maxsize=1024)
def matcher(patterns: tuple[Pattern, ...]) -> Finder:
    """A finder for patterns."""
    return _only(patterns, lambda: Finder(patterns))


@lru_cache(maxsize=1024)
def finder(name: str, patterns: tuple[Pattern, ...]) -> Finder:
    """The finder of a detector: a spec's own patterns, or a built-in one where there are none."""
    if patterns:
        return matcher(patterns)
    return _only((name,), lambda: Finder(BUILT_IN[name], VALIDATORS.get(name)))


def forget() -> None:
    """Make each finder anew when it is next wanted; those that are in use stay as they are."""
    _used.clear()


def _only(key: object, make: Callable[[], Finder]) -> Finder:
    """The finder of a key that is in use, or a new one: what is the same is scanned for once."""
    with _lock:
        found = _used.get(key)
        if found is None:
            found = _used[key] = make()
        return found
