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
