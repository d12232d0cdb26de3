"""The shape of patterns. Each is checked when it is read: a store may say what no compiler said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from remit.store.shapes import FLAG, TEXT, Shape, many, record, row
from remit.text.model import Pattern
from remit.text.patterns import check_regex

if TYPE_CHECKING:
    from remit.program.outline import Look
    from remit.store.sources import Sources

_WRITTEN = record(Pattern, text=TEXT, is_regex=FLAG, flags=TEXT)


def _read(data: Any, sources: Sources) -> Pattern:
    pattern: Pattern = _WRITTEN.read(data, sources)
    problem = check_regex(pattern.text, pattern.flags) if pattern.is_regex else None
    if problem is not None:
        raise ValueError(f"a pattern that cannot be used: {problem}")
    return pattern


PATTERN = Shape(_WRITTEN.write, _read)
_WHAT = {"matches": many(PATTERN), "has": row(TEXT, many(PATTERN)), "contains": TEXT}


def _read_look(data: Any, sources: Sources) -> Look:
    op, what = data
    return op, _WHAT[op].read(what, sources)


LOOK = Shape(lambda look, sources: [look[0], _WHAT[look[0]].write(look[1], sources)], _read_look)
