"""What a session holds, as JSON text and back, nothing lost: the kinds of number, tuples, unknown.

Plain data is written as it is. What JSON has no word for is an object with the key `$`. Knows
nothing of sessions.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any

from remit.conversation.decode import Broken
from remit.conversation.decode import decode as decode_json
from remit.program.values import EVERY, UNKNOWN, Partly

MOST_DEEP = 250  # lists and objects within each other
_TAG, _OF = "$", "of"
_LONG = 10_000  # bits; a longer whole number is written in hexadecimal


def to_text(value: Any) -> str:
    """The value as JSON text. Raises `ValueError` for what is no plain data, or nests too deep."""
    return json.dumps(to_plain(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def from_text(text: str) -> Any:
    """The value that `to_text` wrote. Raises `ValueError` for any other text."""
    try:
        return from_plain(decode_json(text, MOST_DEEP)[0])
    except Broken as broken:
        raise ValueError(broken.message) from None


def to_plain(value: Any) -> Any:
    """The value as data that JSON has words for. Raises `ValueError` as `to_text` does."""
    try:
        return _encode(value, 0)
    except RecursionError:
        raise _too_deep() from None


def from_plain(data: Any) -> Any:
    """The value that `to_plain` gave the data of. Raises `ValueError` for data of no value."""
    try:
        return _decode(data)
    except (TypeError, AttributeError) as error:
        raise ValueError(str(error)) from None
    except RecursionError:
        raise _too_deep() from None


def _too_deep() -> ValueError:
    return ValueError(f"nested more than {MOST_DEEP} levels deep")


def _encode(value: Any, depth: int) -> Any:
    if value is None or value is True or value is False:
        return value
    encode = _ENCODERS.get(type(value))
    if encode is None:
        kind = type(value).__name__
        raise ValueError(f"a value of type `{kind}` cannot be saved: a session keeps plain data")
    if depth > MOST_DEEP:
        raise _too_deep()
    return encode(value, depth + 1)


def _text(value: str, depth: int) -> Any:
    if value.isascii():
        return value
    try:
        value.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return {_TAG: "text", _OF: value.encode("utf-8", "surrogatepass").hex()}
    return value


def _whole(value: int, depth: int) -> Any:
    return value if value.bit_length() < _LONG else {_TAG: "whole", _OF: hex(value)}


def _real(value: float, depth: int) -> Any:
    return value if isfinite(value) else {_TAG: "real", _OF: repr(value)}


def _items(value: list[Any], depth: int) -> list[Any]:
    return [_encode(one, depth) for one in value]


def _object(value: dict[Any, Any], depth: int) -> Any:
    if all(type(name) is str and name != _TAG and _text(name, 0) is name for name in value):
        return {name: _encode(one, depth) for name, one in value.items()}
    pairs = [[_encode(name, depth + 2), _encode(one, depth + 2)] for name, one in value.items()]
    return {_TAG: "map", _OF: pairs}


_ENCODERS: Mapping[type, Callable[[Any, int], Any]] = {
    str: _text, int: _whole, float: _real, list: _items, dict: _object,
    tuple: lambda value, depth: {_TAG: "tuple", _OF: _items(value, depth + 1)},
    Partly: lambda value, depth: {_TAG: "partly", _OF: _items(value, depth + 1)},
    type(UNKNOWN): lambda value, depth: {_TAG: "unknown"},
    type(EVERY): lambda value, depth: {_TAG: "every"},
}  # fmt: skip


def _decode(value: Any) -> Any:
    if type(value) is list:
        return list(map(_decode, value))
    if type(value) is not dict:
        return value
    if _TAG not in value:
        return dict(zip(value, map(_decode, value.values()), strict=True))
    make = _MAKERS.get(str(value[_TAG]))
    if make is None or value.keys() - {_TAG, _OF}:
        raise ValueError("it holds a kind of value that no session has")
    return make(value.get(_OF))


def _pairs(value: Any) -> dict[Any, Any]:
    return {_decode(name): _decode(one) for name, one in value}


_MAKERS: Mapping[str, Callable[[Any], Any]] = {
    "text": lambda of: bytes.fromhex(of).decode("utf-8", "surrogatepass"),
    "whole": lambda of: int(of, 16),
    "real": float,
    "map": _pairs,
    "tuple": lambda of: tuple(map(_decode, of)),
    "partly": lambda of: Partly(map(_decode, of)),
    "unknown": lambda of: UNKNOWN,
    "every": lambda of: EVERY,
}
