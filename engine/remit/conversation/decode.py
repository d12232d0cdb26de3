"""JSON text to a value that is safe to keep, or the reason why not.

Stricter than `json.loads`: no NaN or Infinity, no number that overflows, no key twice in one
object, no deep nesting. Lone surrogates cannot be encoded later, so U+FFFD stands in for them.
Knows nothing of conversations.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from itertools import accumulate
from typing import Any

from remit.conversation.locate import (
    Extent,
    find_depth,
    find_doubled_key,
    find_scalar,
)

DEPTH = 200  # lists and objects within each other
DIGITS = 4300  # of a whole number; Python's own limit for turning one into text
_TOO_LARGE = 10**DIGITS
_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_NO_BRACKET = re.compile(r"[^\[\]{}]++")
_DELTA = {"[": 1, "{": 1, "]": -1, "}": -1}


class Broken(Exception):
    """Why a text or value cannot be used: a code, a sentence, and where (offsets) if known."""

    def __init__(self, code: str, message: str, at: Extent | None = None, remark: str = "") -> None:
        super().__init__(message)
        self.code, self.message, self.at, self.remark = code, message, at, remark
        self.first: Extent | None = None  # of a doubled key: where it stands first
        self.help: str | None = None


class _Doubled(Exception):
    pass


class _BadNumber(Exception):
    pass


def decode(text: str, limit: int = DEPTH) -> tuple[Any, bool]:
    """The value of a JSON text, and whether a lone surrogate in it was replaced.

    Raises `Broken`; no other exception, whatever the text.
    """
    if "\0" in text:
        at = text.index("\0")
        raise Broken("R0003", "a NUL character in the text", (at, at + 1))
    if _depth(text, limit) > limit:
        raise _too_deep(text, limit)
    value = _parse(text, limit)
    if _ESCAPED_SURROGATE.search(text):
        return clean(value)
    return value, False


def _depth(text: str, enough: int) -> int:
    """How deep the text nests, or at least an upper bound; recursion-free and fast."""
    opened = text.count("[") + text.count("{")
    if opened <= enough:
        return opened
    bare = "".join(text.replace("\\\\", "").replace('\\"', "").split('"')[::2])
    brackets = _NO_BRACKET.sub("", bare)
    return max(accumulate(map(_DELTA.__getitem__, brackets)), default=0)


def _too_deep(text: str, limit: int) -> Broken:
    message = f"nested more than {limit} levels deep"
    return Broken("R0906", message, find_depth(text, limit), "one level too many")


def _parse(text: str, limit: int) -> Any:
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise _syntax(text, error) from None
    except _Doubled as error:
        raise _doubled(text, str(error)) from None
    except _BadNumber as error:
        raise Broken("R0901", str(error), find_scalar(text, _is_bad_number)) from None
    except RecursionError:  # the caller's own stack is nearly full, or brackets hide in bad text
        raise _too_deep(text, limit) from None


def _syntax(text: str, error: json.JSONDecodeError) -> Broken:
    remark = error.msg.removesuffix(" at").removesuffix(" starting")
    cut = error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated")
    message = "the JSON text ends too early" if cut else "this is not valid JSON"
    broken = Broken("R0901", message, (error.pos, error.pos + 1), remark[:1].lower() + remark[1:])
    if cut:
        broken.help = "look whether the file was cut"
    elif text[error.pos : error.pos + 1] == "'":
        broken.help = "put text in double quotes; JSON has no others"
    return broken


def _doubled(text: str, key: str) -> Broken:
    broken = Broken("R0903", f"the key `{key[:80]}` stands twice in one object")
    where = find_doubled_key(text)
    if where:
        broken.at, broken.first = where
        broken.remark = "a second time"
    return broken


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        for key, _ in pairs:
            if key not in made:
                raise _Doubled(key)
            del made[key]
    return made


def _whole(digits: str) -> int:
    if len(digits.lstrip("-")) > DIGITS:
        raise _BadNumber(f"a number with more than {DIGITS} digits")
    return int(digits)


def _finite(digits: str) -> float:
    value = float(digits)
    if math.isinf(value):
        raise _BadNumber("a number too large for a computer's numbers")
    return value


def _constant(word: str) -> float:
    raise _BadNumber(f"`{word}` is not a number that JSON has")


def _is_bad_number(word: str) -> bool:
    if word.lstrip("-").isdigit():
        return len(word.lstrip("-")) > DIGITS
    try:
        return not math.isfinite(float(word))
    except ValueError:
        return False


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique, parse_int=_whole, parse_float=_finite, parse_constant=_constant
)


def clean(value: object) -> tuple[Any, bool]:
    """A value from Python code, checked as `decode` checks text; and whether text was replaced.

    Gives plain dicts and lists. Raises `Broken` for anything that JSON cannot hold.
    """
    cleaner = _Cleaner()
    try:
        return cleaner.value(value, 0), cleaner.replaced
    except RecursionError:
        raise Broken("R0906", f"nested more than {DEPTH} levels deep") from None


class _Cleaner:
    def __init__(self) -> None:
        self.replaced = False

    def value(self, value: object, depth: int) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, (int, float)):
            return _number(value)
        if depth >= DEPTH:
            raise Broken("R0906", f"nested more than {DEPTH} levels deep")
        if isinstance(value, Mapping):
            return self.object(value, depth + 1)
        if isinstance(value, (list, tuple)):
            return [self.value(item, depth + 1) for item in value]
        raise Broken("R0903", f"a value of type `{type(value).__name__}`, which JSON cannot hold")

    def text(self, value: str) -> str:
        if value.isascii() or not _SURROGATE.search(value):
            return value
        self.replaced = True
        return _SURROGATE.sub("\ufffd", value)

    def object(self, value: Mapping[Any, Any], depth: int) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key, item in value.items():
            if not isinstance(key, str):
                kind = type(key).__name__
                raise Broken("R0903", f"a key of type `{kind}`, where JSON has only text")
            name = self.text(key)
            if name in made:
                raise Broken("R0903", f"two keys of one object both read `{name[:80]}`")
            made[name] = self.value(item, depth)
        return made


def _number(value: float) -> int | float:
    if isinstance(value, int):
        if not -_TOO_LARGE < value < _TOO_LARGE:
            raise Broken("R0901", f"a number with more than {DIGITS} digits")
    elif not math.isfinite(value):
        raise Broken("R0901", f"`{value}` is not a number that JSON has")
    return value
