"""What is inside a value: leaves of lists and records, JSON in texts, and simple encodings.

Decoded are base64 (standard and URL-safe, with or without padding), percent-encoding and hex, where
the outcome is printable text; JSON where a text is a list, a record or a quoted text. Nothing is
decompressed, so nothing that is decoded is longer than its source; all that is decoded of a text
together is no longer than the cap `value`. The other limits are the constants below.
"""

from __future__ import annotations

import binascii
import json
import re
from base64 import b64decode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from remit.program.values import UNKNOWN
from remit.provenance.model import Caps, Leaf

CAPS = Caps()
LAYERS = 3  # encodings around each other that are taken off; what lies deeper is not looked for
LONGEST_JSON = 1 << 20  # characters of a JSON text that is read
SHORTEST_WHOLE, SHORTEST_TOKEN = 8, 16  # characters that are tried: a whole text, a piece of one

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]+={0,2}")
_TOKENS = re.compile(r"[A-Za-z0-9+/_-]{16,}+={0,2}+")
_ENCODED = re.compile(r"[A-Za-z0-9+/_=\t\n\r -]*+")
_HEX = re.compile(r"(?:0[xX])?((?:[0-9a-fA-F]{2})++)")
_PERCENT = re.compile(r"(?:%[0-9a-fA-F]{2})++")
_PLAIN_KEY = re.compile(r"[A-Za-z_][\w-]*", re.ASCII)
_BLANKS = re.compile(r"[\t\n\r ]+")
_NO_BLANKS = dict.fromkeys(map(ord, "\t\n\r "))


_MARKED = bytes(97 if re.match(rb"[A-Za-z0-9+/_-]", bytes([one])) else 32 for one in range(256))


def has_long_token(text: str) -> bool:
    """Whether a piece of a text is long enough to be decoded; many times faster than to search."""
    marked = text.encode("utf-8", "surrogatepass").translate(_MARKED)
    return b"a" * SHORTEST_TOKEN in marked


def may_hold(text: str) -> bool:
    """Whether anything can be encoded in a text, as it looks at first glance."""
    if "%" in text or text.rstrip()[-1:] in ("}", "]", '"'):
        return True
    return len(text) >= SHORTEST_WHOLE and (
        has_long_token(text) or _ENCODED.fullmatch(text) is not None
    )


def leaves(value: object, caps: Caps | None = None) -> Iterator[Leaf]:
    """The values inside an argument with their paths, in order.

    A key of a record is a value too where it is no plain name. What lies beyond the caps, and what
    is no value of the language, is a leaf whose value is UNKNOWN.
    """
    limits = caps or CAPS
    stack: list[tuple[str, object, int]] = [("", value, 0)]
    left = limits.leaves
    while stack:
        path, one, depth = stack.pop()
        left -= 1
        if left < 0 or depth > limits.depth:
            yield Leaf(path, UNKNOWN)
            if left < 0:
                return
        elif isinstance(one, Mapping) or type(one) in (list, tuple):
            inside = list(_inside(path, one, depth + 1, left))
            stack += reversed(inside)
        else:
            plain = one is None or type(one) in (str, int, float, bool)
            yield Leaf(path, one if plain else UNKNOWN)


def _inside(path: str, value: Any, depth: int, most: int) -> Iterator[tuple[str, object, int]]:
    """What is directly inside; one more than `most` at the most, since that many are too many."""
    if not isinstance(value, Mapping):
        for at in range(min(len(value), most + 1)):
            yield f"{path}[{at}]", value[at], depth
        return
    for key, one in value.items():
        if most < 0:
            return
        most -= 1
        name = key if type(key) is str else repr(key)
        if not (type(key) is str and _PLAIN_KEY.fullmatch(key)):
            yield f"{path}{{{name[:80]}}}", key, depth
        yield f"{path}.{name[:80]}" if path else name[:80], one, depth


@dataclass(slots=True)
class Unwrapping:
    """Takes texts apart under caps. `whole` turns false when something was left out."""

    caps: Caps
    whole: bool = True
    work: int = field(default=0)

    def layers(self, text: str) -> Iterator[tuple[str, object]]:
        """The text itself, then what is encoded in it: how (`""`, `base64`, ...), and the value."""
        yield "", text
        pending = [("", text, 0)] if may_hold(text) else []
        while pending:
            how, outer, depth = pending.pop()
            if depth == LAYERS:
                continue
            for name, inner in self._once(outer):
                self.work += len(inner) if type(inner) is str else 1
                if self.work > self.caps.value:
                    self.whole = False
                    return
                label = f"{how}{name}: "
                yield label.removesuffix(": "), inner
                if type(inner) is str:
                    pending.append((label, inner, depth + 1))

    def _once(self, text: str) -> Iterator[tuple[str, object]]:
        if "%" in text and _PERCENT.search(text):
            yield "percent", _PERCENT.sub(_unquoted, text)
        bare = ""
        if len(text) >= SHORTEST_WHOLE and _ENCODED.fullmatch(text):
            bare = text.translate(_NO_BLANKS)  # a substitution takes ten times its size
            if len(bare) >= SHORTEST_WHOLE and (decoded := _decoded(bare)):
                yield decoded
        if has_long_token(text):
            for found in _TOKENS.finditer(text):
                if len(found[0]) != len(bare) and (decoded := _decoded(found[0])):
                    yield decoded
        yield from self._json(text)

    def _json(self, text: str) -> Iterator[tuple[str, object]]:
        bare = text.strip()
        if bare[:1] + bare[-1:] not in ("{}", "[]", '""') or len(bare) < 2:
            return
        if len(bare) > LONGEST_JSON:
            self.whole = False
            return
        try:
            read = json.loads(bare, object_pairs_hook=_Pairs, parse_int=str, parse_float=str,
                              parse_constant=str)  # fmt: skip
        except (ValueError, RecursionError):
            return
        for leaf in self.leaves(read):
            yield "json", leaf

    def leaves(self, value: object) -> Iterator[object]:
        """The values inside a value, keys that are no plain names included."""
        for leaf in leaves(value, self.caps):
            if leaf.value is UNKNOWN:
                self.whole = False
            else:
                yield leaf.value


class _Pairs(Mapping[str, Any]):
    """A JSON record that keeps every field, also where a name stands twice."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        self._pairs = pairs

    def __getitem__(self, name: str) -> Any:
        return dict(self._pairs)[name]

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self._pairs)

    def __len__(self) -> int:
        return len(self._pairs)

    def items(self) -> Any:
        """All fields in order."""
        return self._pairs


def _unquoted(found: re.Match[str]) -> str:
    """A run of percent codes; `urllib` takes sixty times its size."""
    return bytes.fromhex(found[0].replace("%", "")).decode("utf-8", "replace")


def _decoded(text: str) -> tuple[str, str] | None:
    """A text that is one piece of hex or base64, decoded; None where it is neither."""
    found = _HEX.fullmatch(text)
    if found and (len(found[1]) >= SHORTEST_TOKEN or not found[1].isdigit()):
        decoded = _printable(binascii.unhexlify(found[1]))
        return None if decoded is None else ("hex", decoded)
    if not _BASE64.fullmatch(text):
        return None
    bare = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        decoded = _printable(b64decode(bare + "=" * (-len(bare) % 4), validate=True))
    except binascii.Error:
        return None
    return None if decoded is None else ("base64", decoded)


def _printable(data: bytes) -> str | None:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return text if _BLANKS.sub("", text).isprintable() else None
