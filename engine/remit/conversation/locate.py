"""Finds where in a JSON text a value, a doubled key or a bad number stands.

The decoder of the standard library says where a syntax error is, and nothing about values. This
walk is slow and runs only once something is known to be wrong. It checks nothing itself, and it
must survive text that is not valid JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field

Path = tuple[str | int, ...]
Extent = tuple[int, int]  # start and end (exclusive), in characters

_TOKEN = re.compile(
    r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'  # a string
    r"|[\[\]{},:]"
    r'|[^\s\[\]{},:"]++',  # a number or a bare word
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Token:
    """A key, a scalar or an opening bracket: `path` leads to the value it is or opens."""

    path: Path
    start: int
    end: int
    text: str
    is_key: bool


@dataclass(slots=True)
class _Walk:
    """`path` leads to the value that comes next; `opened` holds the brackets around it."""

    path: list[str | int] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)
    at_key: bool = False

    def step(self, text: str) -> bool:
        """Take one token; true if it is a key, a scalar or an opening bracket."""
        if text in "]}":
            if self.opened:
                self.opened.pop()
                self.path.pop()
            self.at_key = False
        elif text == ",":
            self._next()
        elif text == ":":
            self.at_key = False
        else:
            return True
        return False

    def _next(self) -> None:
        self.at_key = bool(self.opened) and self.opened[-1] == "{"
        if self.opened and not self.at_key:
            last = self.path[-1]
            self.path[-1] = last + 1 if isinstance(last, int) else 0

    def enter(self, text: str) -> None:
        if text in "[{":
            self.opened.append(text)
            self.path.append(0 if text == "[" else "")
            self.at_key = text == "{"


def tokens(text: str) -> Iterator[Token]:
    """Keys, scalars and opening brackets in the order of the text."""
    walk = _Walk()
    for match in _TOKEN.finditer(text):
        word = match.group()
        if not walk.step(word):
            continue
        is_key = walk.at_key and word.startswith('"')
        if is_key:
            walk.path[-1] = _unquoted(word)
        yield Token(tuple(walk.path), match.start(), match.end(), word, is_key)
        if not is_key:
            walk.enter(word)


def _unquoted(word: str) -> str:
    if "\\" not in word:
        return word[1:-1]
    try:
        return str(json.loads(word))
    except ValueError:
        return word


def find_paths(text: str, paths: Collection[Path]) -> dict[Path, Extent]:
    """Where the values at `paths` stand; of a list or object only its bracket. One pass."""
    wanted = set(paths)
    found: dict[Path, Extent] = {}
    for token in tokens(text):
        if not token.is_key and token.path in wanted:
            found[token.path] = (token.start, token.end)
            wanted.discard(token.path)
            if not wanted:
                break
    return found


def find_items(text: str) -> list[Extent]:
    """The extent of each item of a JSON text that is a list."""
    starts = [token.start for token in tokens(text) if len(token.path) == 1 and not token.is_key]
    last = text.rfind("]")
    ends = [*starts[1:], last if last > 0 else len(text)]
    return list(zip(starts, ends, strict=True))


def find_doubled_key(text: str) -> tuple[Extent, Extent] | None:
    """The first key that stands twice in one object: where it stands again, and where first."""
    # A path holds the index of every list around it, so a path that is seen twice as a key is a
    # doubled key.
    seen: dict[Path, Extent] = {}
    for token in tokens(text):
        if token.is_key:
            if token.path in seen:
                return (token.start, token.end), seen[token.path]
            seen[token.path] = (token.start, token.end)
    return None


def find_scalar(text: str, wanted: Callable[[str], bool]) -> Extent | None:
    """The first bare word or number that `wanted` accepts."""
    for token in tokens(text):
        if token.text[0] not in '"[{' and wanted(token.text):
            return token.start, token.end
    return None


def find_depth(text: str, limit: int) -> Extent | None:
    """The first bracket that has `limit` others around it."""
    for token in tokens(text):
        if token.text in "[{" and len(token.path) >= limit:
            return token.start, token.end
    return None
