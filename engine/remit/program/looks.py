"""What a policy looks for in texts: finders of the terms that are about one, and of redactions.

A look is plain data, so that a policy can tell all its looks before any norm is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from remit.text.finders import Finder, finder, matcher, piece
from remit.text.model import Pattern

if TYPE_CHECKING:
    from remit.checked.norm import Norm, Term
    from remit.program.outline import Look


def look_of(term: Term) -> Look | None:
    """What a condition looks for in a text; None where that is nothing fixed."""
    if term.op in ("matches", "has"):
        return term.op, term.value
    if term.op == "contains" and term.args[1].op == "const" and type(term.args[1].value) is str:
        return term.op, term.args[1].value
    return None


def finder_for(look: Look) -> Finder:
    """The finder of a look."""
    op, what = look
    if op == "matches":
        return matcher(what)
    return finder(*what) if op == "has" else piece(what)


def finder_of(term: Term) -> Finder | None:
    """The finder of what a condition looks for in a text; None where that is nothing fixed."""
    look = look_of(term)
    return None if look is None else finder_for(look)


def looks_needed(term: Term) -> frozenset[Finder] | None:
    """Finders of which one must find something in the step's text for a condition to hold.

    None where no such finders are known.
    """
    if term.op == "or":
        each = [looks_needed(arg) for arg in term.args]
        known = [one for one in each if one is not None]
        return frozenset[Finder]().union(*known) if len(known) == len(each) else None
    if term.op == "and":
        return next((found for arg in term.args if (found := looks_needed(arg))), None)
    looks = finder_of(term)
    if looks is None or not looks.patterns:
        return None
    subject = term.args[0]
    is_text = subject.op == "field" and subject.value == "text"
    return frozenset((looks,)) if is_text else None


def redacting(norm: Norm) -> Iterator[Look]:
    """What a redaction takes out: what the remedy names, or what the condition looks for."""
    remedy = norm.remedy
    if remedy.what is not None:
        yield "has", (remedy.what, remedy.patterns)
    elif remedy.patterns:
        yield "matches", remedy.patterns
    else:
        for term in (norm.act.where, norm.where):
            yield from _looked_for(term) if term is not None else ()


def _looked_for(term: Term) -> Iterator[Look]:
    """What a condition finds in a text where it is true; nothing below a `not`."""
    if term.op in ("and", "or"):
        for arg in term.args:
            yield from _looked_for(arg)
    elif term.op in ("has", "matches"):
        yield term.op, term.value
    elif term.op == "contains" and term.args[1].op == "const":
        yield "matches", (Pattern(str(term.args[1].value), is_regex=False),)
