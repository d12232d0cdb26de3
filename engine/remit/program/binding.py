"""What makes two calls the same call: the tool and all arguments, whatever the order of names.

Numbers count by their value; nothing else is read as something else, so a `"5"` is no 5, and an
argument that is left out is not one that is null.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from remit.conversation.model import CALL
from remit.program.values import UNKNOWN, Unknown
from remit.program.view import View, size_of

MOST = 16_384  # units of work (some 64 characters) of arguments: a million characters
DEEPEST = 100  # lists and records within each other


def bound(view: View) -> str | Unknown:
    """The SHA-256 (hex) of the call that a step is; unknown where its arguments are."""
    step: Any = view.step
    if view.kind != CALL or not view.tool or not view.readable or step.bad_args is not None:
        return UNKNOWN
    return digest(view.tool, view.args)


def digest(tool: str, args: Mapping[str, Any]) -> str | Unknown:
    """The SHA-256 (hex) of a call; unknown where arguments are no plain data, or too large."""
    if size_of(args) > MOST:
        return UNKNOWN
    try:
        plain = [tool, _plain(dict(args), 0)]
        text = json.dumps(plain, sort_keys=True, separators=(",", ":"), allow_nan=False)
    except (ValueError, TypeError, RecursionError):
        return UNKNOWN
    return sha256(text.encode()).hexdigest()


def _plain(value: Any, depth: int) -> Any:
    """The value with whole numbers as such. Raises `TypeError` for what is no plain data."""
    if depth > DEEPEST:
        raise TypeError("nested too deeply")
    if type(value) is dict:
        if not all(type(name) is str for name in value):
            raise TypeError("a name that is no text")
        return {name: _plain(one, depth + 1) for name, one in value.items()}
    if type(value) is list:
        return [_plain(one, depth + 1) for one in value]
    if type(value) is float and value.is_integer():
        return int(value)
    if value is None or type(value) in (str, bool, int, float):
        return value
    raise TypeError("no plain data")
