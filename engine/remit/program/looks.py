"""What a policy looks for in texts: finders of the terms that are about one, and of redactions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from remit.text.finders import Finder, finder, matcher, piece
from remit.text.model import Pattern

if TYPE_CHECKING:
    from remit.checked.norm import Norm, Term


def finder_of(term: Term) -> Finder | None:
    """What a condition looks for in a text; None where that is nothing fixed."""
    if term.op == "matches":
        return matcher(term.value)
    if term.op == "has":
        return finder(*term.value)
    if term.op == "contains" and term.args[1].op == "const" and type(term.args[1].value) is str:
        return piece(term.args[1].value)
    return None


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


def redacts(norm: Norm) -> tuple[Finder, ...]:
    """What a redaction takes out: what the remedy names, or what the condition looks for."""
    remedy = norm.remedy
    if remedy.what is not None:
        return (finder(remedy.what, remedy.patterns),)
    if remedy.patterns:
        return (matcher(remedy.patterns),)
    terms = (norm.act.where, norm.where)
    return tuple(found for term in terms if term is not None for found in looked_for(term))


def looked_for(term: Term) -> Iterator[Finder]:
    """Finders for what a condition finds in a text where it is true; nothing below a `not`."""
    if term.op in ("and", "or"):
        for arg in term.args:
            yield from looked_for(arg)
    elif term.op == "has":
        yield finder(*term.value)
    elif term.op == "matches":
        yield matcher(term.value)
    elif term.op == "contains" and term.args[1].op == "const":
        yield matcher((Pattern(str(term.args[1].value), is_regex=False),))
