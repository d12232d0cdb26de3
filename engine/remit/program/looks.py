"""What the conditions of a policy look for in texts: the finder of each term that is about one."""

from __future__ import annotations

from remit.checked.model import Term
from remit.text.finders import Finder, finder, matcher, piece


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
