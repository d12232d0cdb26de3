"""Finds patterns in texts in linear time, by google-re2, and refuses all other patterns.

A literal is found whatever its case: RE2 folds one character to one character, so `STRASSE` is
found in `strasse` and not in `straße`. A regular expression minds its case without the flag `i`.
What the built-in detectors look for is in `detectors.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from remit.text.detectors import BUILT_IN, VALIDATORS

if TYPE_CHECKING:
    from remit.text.model import Pattern

__all__ = ["BUILT_IN", "VALIDATORS", "Matcher", "check_regex", "group_names"]

MEMORY = 8 << 20  # bytes that a compiled pattern may take
LONGEST = 20_000  # characters of a pattern
MOST_WORK = 16 << 20  # bytes that searches for all matches in a text may have looked at
AHEAD = 8 << 10  # bytes within which the next match is looked for after that
REPEATED = 1000  # the largest count of a repetition; RE2's own limit
FLAGS = "ims"
_CLASS = r"\[\^?\]?(?:\\.|\[:\w+:\]|[^\]\\])*+\]"
_TOKEN = re.compile(
    rf"\\Q.*?(?:\\E|\Z)|\\.|{_CLASS}|\(\?<(?=[^=!])|\(\?P?[=!<>(&R]?[=!]?", re.DOTALL
)
_HINTS = (
    (r"\(\?<[=!]", "lookbehind", "match the text before it too"),
    (r"\(\?[=!]", "lookahead", "match the text after it too, or write a condition with `and`"),
    (r"\(\?>", "an atomic group", "write `(?:` for `(?>`"),
    (r"\(\?\(", "a conditional group", "write two patterns"),
    (r"\(\?P=|\\k[<{']|\\[1-9]|\\g", "a backreference", "repeat the pattern itself"),
    (r"\(\?(?:R|&|\d)", "recursion", "write out how deep it may nest"),
    (r"[*+?}]\+", "a possessive repetition", "drop the `+` at its end"),
)


def check_regex(pattern: str, flags: str) -> str | None:
    """Why the pattern cannot be used, in plain words with what to write instead; None if it can."""
    if stray := set(flags) - set(FLAGS):
        return f"the flag `{min(stray)}` is not known; the flags are `i`, `m` and `s`"
    if len(pattern) > LONGEST:
        return f"the pattern is longer than {LONGEST:,} characters"
    if not _encodable(pattern):
        return "the pattern holds half of a character (a lone surrogate)"
    try:
        _compiled(_with_flags(_translated(pattern), flags))
    except engine().error as error:
        return _reason(pattern, str(error))
    return None


def group_names(pattern: Pattern) -> tuple[str, ...]:
    """The names of the groups of a pattern that passed `check_regex`, from left to right."""
    groups = _regex(pattern).groupindex
    return tuple(_decoded(name) or "" for name in sorted(groups, key=lambda name: groups[name]))


def _reason(pattern: str, said: str) -> str:
    if match := re.search(r"\{(\d+)(?:,(\d*))?\}", pattern):
        most = max(int(number[:9]) for number in match.groups() if number)
        if most > REPEATED:
            return f"a repetition of more than {REPEATED:,}; use `length` for long texts"
    bare = _without_classes(pattern)
    for mark, name, hint in _HINTS:
        if re.search(mark, bare):
            return f"{name} takes more than linear time; {hint}"
    if re.search(r"\\[GZ]", bare):
        return r"an anchor that is not known; write `\z` for the end of the text"
    if "bad repetition" in said:
        return "two repetitions follow each other; put the first one into `(?:...)`"
    if "too large" in said or "repetition size" in said:
        return "its repetitions multiply to too large a pattern; use smaller counts"
    return _plain(said)


def _without_classes(pattern: str) -> str:
    """The pattern without character classes and escaped signs, which only look like operators."""
    return re.sub(rf"{_CLASS}|\\\W", "_", pattern, flags=re.DOTALL)


_SAID = {
    "missing ]": "a `[` is not closed",
    "missing )": "a `(` is not closed",
    "unexpected )": "a `)` has no `(`",
    "missing argument to repetition": "nothing stands before a `*`, `+` or `?`",
    "no argument for repetition": "nothing stands before a `*`, `+` or `?`",
    "invalid escape": "an escape that is not known",
    "trailing \\": "it ends with a backslash",
    "invalid character class range": "a range in `[...]` runs backwards",
    "invalid character range": "a range in `[...]` or `\\p{...}` is not known",
    "invalid named capture": "a group's name is not a word",
    "invalid perl operator": "an operator behind `(?` is not known",
    "invalid UTF-8": "it is not text",
}


def _plain(said: str) -> str:
    said = said.removeprefix("b'").removesuffix("'")
    for mark, words in _SAID.items():
        if mark in said:
            return words
    return f"the pattern cannot be read: {said[:80]}"


# ---- compiling


def engine() -> Any:
    """The library that finds patterns, loaded when a pattern is first used."""
    import re2

    return re2


@lru_cache(maxsize=1)
def options() -> Any:
    """What the library is told about every pattern."""
    made = engine().Options()
    made.log_errors = False
    made.max_mem = MEMORY
    return made


@lru_cache(maxsize=2048)
def _compiled(pattern: str) -> Any:
    return engine().compile(pattern.encode("utf-8"), options())


def _translated(pattern: str) -> str:
    """The pattern with `(?P<name>` for every `(?<name>`, whatever version of RE2 reads it."""

    def replace(match: re.Match[str]) -> str:
        return "(?P<" if match.group() == "(?<" else match.group()

    return _TOKEN.sub(replace, pattern)


def _with_flags(pattern: str, flags: str) -> str:
    kept = "".join(flag for flag in FLAGS if flag in flags)
    return f"(?{kept}:{pattern})" if kept else pattern


def pattern_source(pattern: Pattern) -> str:
    """A pattern in the library's own syntax."""
    if pattern.is_regex:
        return _with_flags(_translated(pattern.text), pattern.flags)
    return f"(?i:{engine().escape(_tidy(pattern.text))})"


def _encodable(text: str) -> bool:
    return text.isascii() or _tidy(text) == text


def encoded(text: str) -> bytes:
    """The text in UTF-8, with U+FFFD for lone surrogates."""
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        return _tidy(text).encode("utf-8")


def _tidy(text: str) -> str:
    """The text with U+FFFD for lone surrogates, which have no encoding; the length stays."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


_SURROGATE = re.compile("[\ud800-\udfff]")


class Matcher:
    """Finds any of several patterns. Immutable; threads may share it.

    `only` says which to look for, by their places; the caller knows that the others are not found.
    The patterns must have passed `check_regex`; `ValueError` at the first use if one has not.
    """

    __slots__ = ("_regexes", "patterns")

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        # An empty literal stands everywhere and means nothing.
        self.patterns = tuple(one for one in patterns if one.text)
        self._regexes: list[Any] = [None] * len(self.patterns)

    def found(self, text: str, only: Sequence[int] | None = None) -> bool:
        """Whether one of them is found in the text, an empty match included."""
        data = encoded(text)
        for place in range(len(self.patterns)) if only is None else only:  # no generator: it is hot
            if (self._regexes[place] or self._regex(place)).search(data) is not None:
                return True
        return False

    def spans(self, text: str, only: Sequence[int] | None = None) -> list[tuple[int, int]]:
        """Where they are found: start and end in characters, from left to right.

        Each pattern is found leftmost first, matches do not overlap, and empty ones are left out.
        What different patterns find is merged where it overlaps.
        """
        data = encoded(text)
        found = [span for regex in self._compiled(only) for span in _spans(regex, data)]
        merged = _merged(found)
        return merged if len(data) == len(text) else _in_characters(data, merged)

    def sayings(
        self, text: str, most: int, only: Sequence[int] | None = None
    ) -> list[tuple[int, int, dict[str, str | None]]]:
        """Each different saying: where it stands last, from and to, and what its groups took.

        From left to right, and no more than the first `most` different ones.
        """
        data = encoded(text)
        last: dict[tuple[tuple[str, str | None], ...], tuple[int, int]] = {}
        for regex in self._compiled(only):
            groups = [(_decoded(name) or "", at) for name, at in regex.groupindex.items()]
            for match in _matches(regex, data):
                taken = tuple((name, _decoded(match.group(at))) for name, at in groups)
                if taken in last or len(last) < most:
                    last[taken] = max(match.span(), last.get(taken, (0, 0)))
        found = sorted(((span, taken) for taken, span in last.items()), key=_place)
        spans = [span for span, _ in found]
        places = spans if len(data) == len(text) else _in_characters(data, spans)
        return [(*span, dict(taken)) for span, (_, taken) in zip(places, found, strict=True)]

    def replace(self, text: str, replacement: str) -> str:
        """The text with every span replaced, literally."""
        made, last = [], 0
        for start, end in self.spans(text):
            made += [text[last:start], replacement]
            last = end
        return "".join([*made, text[last:]])

    def _compiled(self, only: Sequence[int] | None = None) -> Iterator[Any]:
        for place in range(len(self.patterns)) if only is None else only:
            yield self._regexes[place] or self._regex(place)

    def _regex(self, place: int) -> Any:
        # Two threads at the first use both compile; the results are alike.
        regex = self._regexes[place] = _regex(self.patterns[place])
        return regex


def _regex(pattern: Pattern) -> Any:
    try:
        return _compiled(pattern_source(pattern))
    except engine().error as error:
        raise ValueError(f"not a linear-time pattern: {pattern.text[:80]}") from error


def _spans(regex: Any, data: bytes) -> Iterator[tuple[int, int]]:
    return (match.span() for match in _matches(regex, data) if match.start() < match.end())


def _matches(regex: Any, data: bytes) -> Iterator[Any]:
    """All matches from left to right, in time that is linear in the length of the text.

    Each may have looked at all that follows it (`a.*z|a` does). Where that comes to much work, the
    next ones are looked for within `AHEAD` bytes.
    """
    at = work = 0
    while at <= len(data):
        match = _next(regex, data, at, AHEAD if work > MOST_WORK else len(data))
        if match is None:
            return
        yield match
        work += len(data) - at
        at = match.end() if match.end() > at else at + 1


def _next(regex: Any, data: bytes, at: int, ahead: int) -> Any:
    """The next match, looked for in ever longer pieces while it may go on behind their end."""
    while at + ahead < len(data):
        match = regex.search(data, at, at + ahead)
        if match is not None and match.end() < at + ahead:
            return match
        ahead *= 2
    return regex.search(data, at)


def _place(
    saying: tuple[tuple[int, int], tuple[tuple[str, str | None], ...]],
) -> tuple[tuple[int, int], list[tuple[bool, str]]]:
    """Where a saying stands; at one place, those whose groups took less come first."""
    span, taken = saying
    return span, [(text is not None, text or "") for _, text in taken]


def _decoded(data: bytes | None) -> str | None:
    return None if data is None else data.decode("utf-8", "replace")


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _in_characters(data: bytes, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same spans counted in characters, where they are counted in bytes of UTF-8."""
    places: dict[int, int] = {}
    last = count = 0
    for place in sorted({place for span in spans for place in span}):
        at = place
        while at < len(data) and data[at] & 0xC0 == 0x80:  # `\C` may end inside a character
            at -= 1
        count += len(data[last:at].decode("utf-8"))
        last, places[place] = at, count
    return [(places[start], places[end]) for start, end in spans]
