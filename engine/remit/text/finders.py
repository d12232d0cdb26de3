"""Finders: what detectors and patterns find in a text, and where."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from remit.text.model import Pattern
from remit.text.patterns import BUILT_IN, VALIDATORS, Matcher

MOST_TRIES = 64  # characters into a refused piece at which another may begin


class Finder:
    """Finds pieces of a text by patterns, keeping those that a validator accepts."""

    __slots__ = ("_matcher", "_valid")

    def __init__(
        self, patterns: tuple[Pattern, ...], valid: Callable[[str], bool] | None = None
    ) -> None:
        self._matcher = Matcher(patterns)
        self._valid = valid

    def found(self, text: str) -> bool:
        """Whether there is such a piece."""
        if self._valid is None:
            return self._matcher.found(text)
        return bool(self.spans(text))

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where the pieces are: start and end, in characters, from left to right."""
        spans = self._matcher.spans(text)
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

    def texts(self, text: str) -> list[str]:
        """The pieces themselves, each once, in the order in which they first stand."""
        return list(dict.fromkeys(text[start:end] for start, end in self.spans(text)))


@lru_cache(maxsize=1024)
def matcher(patterns: tuple[Pattern, ...]) -> Finder:
    """A finder for patterns."""
    return Finder(patterns)


@lru_cache(maxsize=1024)
def finder(name: str, patterns: tuple[Pattern, ...]) -> Finder:
    """The finder of a detector: a spec's own patterns, or a built-in one where there are none."""
    if patterns:
        return Finder(patterns)
    return Finder(BUILT_IN[name], VALIDATORS.get(name))
