"""The formatter: a source in, its text in the one layout out. Never writes files."""

from __future__ import annotations

from remit_grammar.diagnostic import Diagnostic
from remit_grammar.parse import parse
from remit_grammar.source import Source
from remit_grammar.unparse import unparse

# Findings of statements that stand where they may not; the tree does not hold those statements.
_LOST = ("R0201", "R0205")


def format_text(source: Source) -> tuple[str | None, list[Diagnostic]]:
    """The formatted text and all findings; None where the tree does not hold the whole text.

    Line ends are written as line feeds, whatever the source has.
    """
    spec, found = parse(source)
    if any(one.code.startswith("R01") or one.code in _LOST for one in found):
        return None, found
    return unparse(spec), found
