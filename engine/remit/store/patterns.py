"""The shape of patterns. Each is checked when it is read: a store may say what no compiler said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from remit.store.shapes import FLAG, TEXT, Shape, record
from remit.text.model import Pattern
from remit.text.patterns import check_regex

if TYPE_CHECKING:
    from remit.store.sources import Sources

_WRITTEN = record(Pattern, text=TEXT, is_regex=FLAG, flags=TEXT)


def _read(data: Any, sources: Sources) -> Pattern:
    pattern: Pattern = _WRITTEN.read(data, sources)
    problem = check_regex(pattern.text, pattern.flags) if pattern.is_regex else None
    if problem is not None:
        raise ValueError(f"a pattern that cannot be used: {problem}")
    return pattern


PATTERN = Shape(_WRITTEN.write, _read)
