"""Values and bounds of settings in words, for people. Nothing here reads back as a value."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

MOST = 10  # items that are listed; of the others there is the count
LONGEST = 60  # characters of a text
LONG = 10**15  # numbers from here on are shown with their first digits only
UNITS = (("w", 604800), ("d", 86400), ("h", 3600), ("m", 60))
PHRASES = {"low": ("more than", "at least"), "high": ("less than", "at most")}
TIME_PHRASES = {"low": ("after", "not before"), "high": ("before", "not after")}

Edge = tuple[float, bool]  # a bound, and whether it is attained


def alternatives(values: Sequence[object], kind: str) -> str:
    """One of several values, in the order given: `exactly 3`, `"a", "b" or "c"`."""
    names = _names(values, kind)
    return f"{', '.join(names[:-1])} or {names[-1]}" if len(names) > 1 else f"exactly {names[0]}"


def listed(values: Sequence[object], kind: str) -> str:
    """Several values together, in the order given: `"a", "b"`."""
    return ", ".join(_names(values, kind))


def between(low: Edge | None, high: Edge | None, kind: str) -> str:
    """What lies between two bounds: `more than 0 and at most 100`, `any number`."""
    phrases = TIME_PHRASES if kind == "time" else PHRASES
    edges = [
        f"{phrases[side][edge[1]]} {named(edge[0], kind)}"
        for side, edge in (("low", low), ("high", high))
        if edge is not None
    ]
    return " and ".join(edges) or f"any {kind}"


def named(value: object, kind: str) -> str:
    """A value of a type: a text in quotes, a duration with its unit, a time in UTC."""
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, bool):
        return str(value).lower()
    assert isinstance(value, (int, float)), "the other types of settings are numbers"
    if kind == "time":
        return _time(value)
    return _duration(value) if kind == "duration" else _number(value)


def shown(value: object) -> str:
    """Anything, short enough for a message."""
    if isinstance(value, (str, int, float)):
        return f"`{named(value, 'number')}`"
    if isinstance(value, dict):
        return "a record"
    return "a list" if isinstance(value, (list, tuple)) else "that"


def _names(values: Sequence[object], kind: str) -> list[str]:
    names = [named(one, kind) for one in values[:MOST]]
    more = len(values) - len(names)
    return [*names, f"{more:,} more"] if more else names


def _quoted(text: str) -> str:
    cut = text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
    return '"' + "".join(map(_character, cut)) + '"'


def _character(one: str) -> str:
    if one in '"\\':
        return "\\" + one
    return one if one.isprintable() else f"\\u{{{ord(one):X}}}"


def _number(value: float) -> str:
    if isinstance(value, float) or abs(value) < LONG:
        return str(value)
    try:
        return f"{value:.6g}"
    except OverflowError:
        return f"a{' negative' if value < 0 else ''} number of more than 300 digits"


def _duration(seconds: float) -> str:
    for unit, size in UNITS:
        if seconds and seconds % size == 0 and abs(seconds) < LONG:
            return f"{_number(seconds // size)}{unit}"
    return f"{_number(seconds)}s"


def _time(seconds: float) -> str:
    try:
        moment = datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):  # not a year from 1 to 9999
        return f"{_number(seconds)}s after 1970"
    return moment.isoformat().replace("+00:00", "Z")
