"""Findings as a reader should see them: each once, in order, none that only follows.

A name is not reported as unknown where its declaration is there but could not be read, nor where a
file that may declare it is missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from remit_grammar.diagnostic import Diagnostic
from remit_grammar.source import Source, Span

# findings after which names may be unknown for no fault of their own
_MISSING = ("R0001", "R0002", "R0003", "R0004", "R0303", "R0304", "R0803")
_UNKNOWN = ("R0301", "R0305", "R0801", "R0802")
_HEADER = {"R0204": "spec", "R0605": "author"}
_SCENARIO = re.compile(r"^\s*scenario\b", re.MULTILINE)
_LEADERS = "act|clause|except|context|define|detector|tool|setting|remember|directive|role"


def tidy(found: Iterable[Diagnostic], sources: Sequence[Source]) -> list[Diagnostic]:
    """The findings of a set of files, sorted; those that only follow from others are left out."""
    unique = {_identity(one): one for one in reversed(list(found))}
    kept = list(reversed(unique.values()))
    broken = any(one.code in _MISSING for one in kept)
    unread = [one.primary.span for one in kept if one.primary and one.code < "R02"]
    kept = [one for one in kept if not _follows(one, unread, broken=broken)]
    order = {id(source): number for number, source in enumerate(sources)}
    return sorted(kept, key=lambda one: _place(one, order))


def _identity(one: Diagnostic) -> object:
    if one.primary is None:
        return one.code, one.message
    span = one.primary.span
    return one.code, one.message, id(span.source), span.start, span.end


def _place(one: Diagnostic, order: dict[int, int]) -> tuple[int, int]:
    if one.primary is None:
        return -1, 0
    span = one.primary.span
    return order.get(id(span.source), len(order)), span.start


def _follows(one: Diagnostic, mistakes: list[Span], *, broken: bool) -> bool:
    """Whether a finding only follows from text or files that could not be read."""
    if one.primary is None:
        return False
    unread = [span.source for span in mistakes]
    if one.code == "R0306":  # what could not be read may use it
        return bool(unread)
    if one.code == "R1102":
        return broken or _in_scenario(one.primary.span, mistakes)
    if one.code in _HEADER:
        return any(_says(source, _HEADER[one.code], "") for source in unread)
    if one.code not in _UNKNOWN:
        return False
    name = one.primary.span.text.rpartition("::")[2]
    last = name.rpartition(".")[2].strip("`")
    return broken or any(
        _says(source, _LEADERS, name) or _says_exception(source, last) for source in unread
    )


def _in_scenario(span: Span, mistakes: list[Span]) -> bool:
    """Whether something could not be read between the head of a scenario and a place in it."""
    heads = [found.start() for found in _SCENARIO.finditer(span.source.text, 0, span.start)]
    start = heads[-1] if heads else 0
    return any(one.source is span.source and start <= one.start <= span.start for one in mistakes)


def _says_exception(source: Source, last: str) -> bool:
    """Whether the text seems to declare an exception whose name ends so."""
    name = rf"{re.escape(last)}\s*:"
    pattern = rf"^\s*except\s+{'' if re.fullmatch('except[0-9]*', last) else name}"
    return re.search(pattern, source.text, re.MULTILINE) is not None


def _says(source: Source, leaders: str, name: str) -> bool:
    """Whether the text seems to declare a name."""
    pattern = rf"^\s*(?:{leaders})\s+`?{re.escape(name)}"
    return re.search(pattern, source.text, re.MULTILINE) is not None
