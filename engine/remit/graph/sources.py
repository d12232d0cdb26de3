"""The source text of norms: the whole clause that each stands in, read from its file again."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from textwrap import dedent

from remit.checked.model import Norm
from remit_grammar.source import Source


def clause_texts(norms: Sequence[Norm]) -> list[str]:
    """For each norm the text of its clause; empty where it came from no file."""
    blocks = cache(_blocks)
    return [_text(norm, blocks) for norm in norms]


def _text(norm: Norm, blocks: object) -> str:
    span = norm.head or norm.span
    if span is None:
        return ""
    assert callable(blocks), "a function of a source"
    for start, end in blocks(span.source):
        if start <= span.start < end:
            return _lines(span.source, start, end)
    return span.text


def _blocks(source: Source) -> list[tuple[int, int]]:
    """Where each statement with what belongs to it begins and ends."""
    from remit_grammar.parse import parse

    return [(block.span.start, block.span.end) for block in parse(source)[0].blocks]


def _lines(source: Source, start: int, end: int) -> str:
    """The piece with the margin of its first line taken off all of them."""
    first = source.text.rfind("\n", 0, start) + 1
    margin = source.text[first:start]
    whole = source.text[first:end] if not margin.strip() else source.text[start:end]
    return dedent(whole)
