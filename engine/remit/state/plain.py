"""What a session holds, as JSON text and back, nothing lost: the kinds of number, tuples, unknown.

Plain data is written as it is. What JSON has no word for is an object with the key `$`. Knows
nothing of sessions.

`to_common` has fewer words: those that every reader of JSON takes alike (RFC 7493), written as RFC
8785 has it. `from_plain` reads both.
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
_SAFE = 1 << 53  # from here on a reader may take a whole number for its neighbour


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
        return _encode(value, 0, _ENCODERS)
    except RecursionError:
        raise _too_deep() from None


def to_common(value: Any) -> Any:
    """The value as data that every reader takes alike; it can be anything, and nothing raises.

    What is no plain data stands as `{"$": "odd", "of": why}`: it cannot be read back. Of what this
    gives, Python's `json` with sorted names writes the canonical form of RFC 8785.
    """
    try:
        return value if is_common(value) else _encode(value, 0, _COMMON)
    except Exception as error:  # noqa: BLE001 - it may raise when it is looked at
        return odd(type(error).__name__)


def is_common(value: Any, depth: int = 0) -> bool:
    """Whether the value is what `to_common` would give; false where that takes more to tell."""
    kind = type(value)
    if kind is str:
        return bool(value.isascii())
    if kind is dict:
        for name, one in value.items():
            if type(name) is not str or name == _TAG or not name.isascii():
                return False
            if type(one) is str:
                if not one.isascii():
                    return False
            elif not is_common(one, depth + 1):
                return False
        return depth < MOST_DEEP
    if kind is int:
        return bool(-_SAFE < value < _SAFE)
    if kind is list:
        return depth < MOST_DEEP and all(is_common(one, depth + 1) for one in value)
    return value is None or kind is bool


def odd(why: str) -> dict[str, str]:
    """What stands for a value that could not be written."""
    return {_TAG: "odd", _OF: why.encode("ascii", "replace").decode()[:80]}


def from_plain(data: Any) -> Any:
    """The value that `to_plain` or `to_common` gave the data of. Raises `ValueError` for others."""
    try:
        return _decode(data)
    except (TypeError, AttributeError) as error:
        raise ValueError(str(error)) from None
    except RecursionError:
        raise _too_deep() from None


def _too_deep() -> ValueError:
    return ValueError(f"nested more than {MOST_DEEP} levels deep")


def _encode(value: Any, depth: int, encoders: Encoders) -> Any:
    if value is None or value is True or value is False:
        return value
    encode = encoders.get(type(value))
    if encode is None:
        return encoders[object](value, depth, encoders)
    if depth > MOST_DEEP:
        raise _too_deep()
    return encode(value, depth + 1, encoders)


def _other(value: object, depth: int, encoders: Encoders) -> Any:
    kind = type(value).__name__
    raise ValueError(f"a value of type `{kind}` cannot be saved: a session keeps plain data")


def _text(value: str, depth: int, encoders: Encoders) -> Any:
    if value.isascii():
        return value
    try:
        value.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return {_TAG: "text", _OF: value.encode("utf-8", "surrogatepass").hex()}
    return value


def _whole(value: int, depth: int, encoders: Encoders) -> Any:
    return value if value.bit_length() < _LONG else {_TAG: "whole", _OF: hex(value)}


def _common_whole(value: int, depth: int, encoders: Encoders) -> Any:
    return value if -_SAFE < value < _SAFE else {_TAG: "whole", _OF: hex(value)}


def _real(value: float, depth: int, encoders: Encoders) -> Any:
    return value if isfinite(value) else {_TAG: "real", _OF: repr(value)}


def _common_real(value: float, depth: int, encoders: Encoders) -> Any:
    """Python and RFC 8785 write a number alike where it has a fraction and no exponent."""
    text = repr(value)
    plain = "e" not in text and isfinite(value) and not value.is_integer()
    return value if plain else {_TAG: "real", _OF: text}


def _items(value: list[Any], depth: int, encoders: Encoders) -> list[Any]:
    return [_encode(one, depth, encoders) for one in value]


def _object(value: dict[Any, Any], depth: int, encoders: Encoders) -> Any:
    for name in value:
        if type(name) is not str or name == _TAG or not (name.isascii() or _is_low(name)):
            break
    else:
        return {name: _encode(one, depth, encoders) for name, one in value.items()}
    pairs = [[_encode(name, depth + 2, encoders), _encode(one, depth + 2, encoders)]
             for name, one in value.items()]  # fmt: skip
    return {_TAG: "map", _OF: pairs}


def _is_low(name: str) -> bool:
    """Whether it has no half of a surrogate pair, and nothing beyond U+FFFF.

    With such characters Python and RFC 8785 may sort names otherwise.
    """
    return not any(char > "\uffff" or "\ud800" <= char <= "\udfff" for char in name)


def _tagged(tag: str) -> Encoder:
    return lambda value, depth, encoders: {_TAG: tag, _OF: _items(value, depth + 1, encoders)}


Encoder = Callable[[Any, int, Mapping[type, Any]], Any]
Encoders = Mapping[type, Encoder]
_ENCODERS: Encoders = {
    str: _text, int: _whole, float: _real, list: _items, dict: _object,
    tuple: _tagged("tuple"), Partly: _tagged("partly"),
    type(UNKNOWN): lambda value, depth, encoders: {_TAG: "unknown"},
    type(EVERY): lambda value, depth, encoders: {_TAG: "every"},
    object: _other,
}  # fmt: skip
_COMMON: Encoders = {
    **_ENCODERS, int: _common_whole, float: _common_real,
    object: lambda value, depth, encoders: odd(type(value).__name__),
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
