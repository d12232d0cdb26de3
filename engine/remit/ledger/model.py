"""The form of a ledger: what stands on a line, and how lines hold together. Opens no file.

A line is a JSON object in the canonical form of RFC 8785, with the six names of `Line`. Its `hash`
is the SHA-256 (hex) of the canonical form of the line without `hash`; `prev` is the hash of the
line before, and `seq` counts the lines, over all files of a ledger. Since `hash` sorts first, the
bytes that it is of are those of the line behind it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

FORMAT = 1  # grows when a reader of older ledgers would misread newer ones
START = "0" * 64  # what the first line of a ledger has as `prev`
MOST_LINE = 256 << 20  # bytes of a line that is read

OPENED, CLOSED, ROTATED, GAP = "opened", "closed", "rotated", "gap"
POLICY, SESSION, DECISION, ANSWER = "policy", "session", "decision", "answer"
KINDS = (OPENED, CLOSED, ROTATED, GAP, POLICY, SESSION, DECISION, ANSWER)

_FORM = re.compile(
    rb'\{"hash":"([0-9a-f]{64})",("kind":"([a-z]+)","prev":"([0-9a-f]{64})","record":(\{.*\}),'
    rb'"seq":(0|[1-9][0-9]{0,17}),"time":"([0-9TZ:.-]{20,30})"\})\n?',
    re.DOTALL,
)
_encode = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, check_circular=False, allow_nan=False
).encode


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it was read. `holds`: whether `hash` is that of the line."""

    kind: str
    seq: int
    time: str
    prev: str
    hash: str
    record: dict[str, Any]
    holds: bool


def encoded(record: Any) -> bytes:
    """A record in canonical form. Its values are texts, flags, and what `to_common` gives."""
    return _encode(record).encode()


def line(kind: str, seq: int, time: str, prev: str, record: bytes) -> tuple[bytes, str]:
    """The bytes of a line with its end, and its hash. `record` is as `encoded` gives it."""
    rest = b'"kind":"%b","prev":"%b","record":%b,"seq":%d,"time":"%b"}' % (
        kind.encode(), prev.encode(), record, seq, time.encode()
    )  # fmt: skip
    found = sha256(b"{" + rest).hexdigest()
    return b'{"hash":"%b",%b\n' % (found.encode(), rest), found


def parsed(data: bytes) -> Line | None:
    """The line that the bytes are; None where they are none."""
    found = _FORM.fullmatch(data)
    if found is None:
        return None
    stated, rest, kind, prev, record, seq, time = found.groups()
    try:
        content = json.loads(record)
    except (ValueError, RecursionError):
        return None
    if type(content) is not dict or kind.decode() not in KINDS:
        return None
    holds = sha256(b"{" + rest).hexdigest().encode() == stated
    return Line(
        kind.decode(), int(seq), time.decode(), prev.decode(), stated.decode(), content, holds
    )
