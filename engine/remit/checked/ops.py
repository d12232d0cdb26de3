"""The operations of conditions: what each costs and what the built-in functions take and give.

Costs are rough: the number of simple machine-independent steps (a field look-up is 1, a scan of a
text 20, one run of a shell parser 200). What an operation does at run time is in
`remit.program.values`; a test holds the two tables together.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from remit.checked.types import ANY, COLLECTIONS, NUMBER, TEXT, Type, list_of

if TYPE_CHECKING:
    from remit.checked.norm import Term

COSTS: dict[str, int] = {
    "const": 0, "field": 1, "arg": 1, "context": 1, "var": 1,
    "and": 1, "or": 1, "not": 1,
    "=": 2, "<": 2, "<=": 2, "in": 5, "contains": 20, "starts with": 5, "ends with": 5,
    "matches": 30, "has": 40, "missing": 1, "empty": 1,
    "any": 2, "all": 2, "+": 1, "-": 1, "*": 1, "negative": 1, "list": 1, "record": 1,
    "member": 1, "effects": 2, "setting": 5, "void": 10, "asked": 1, "judged": 2000, "confirmed": 5,
    "past": 10, "overdue": 10, "quotes": 100, "came from": 100,
}  # fmt: skip
ITEMS = 8  # how many items a collection is taken to have when a cost is estimated


class Function(NamedTuple):
    """A built-in function: whether it takes a type, what it gives for it, what it costs."""

    takes: Callable[[Type], bool]
    gives: Callable[[Type], Type]
    cost: int
    help: str


def _text(kind: Type) -> bool:
    return kind.kind in ("text", "one_of", "any")


def _many(kind: Type) -> bool:
    return kind.kind in (*COLLECTIONS, "any")


def _record(kind: Type) -> bool:
    return kind.kind in ("record", "any")


def _numbers(kind: Type) -> bool:
    return _many(kind) and (kind.item is None or kind.item.kind in ("number", "any"))


def _sized(kind: Type) -> bool:
    return _text(kind) or _many(kind)


def _line(kind: Type) -> bool:
    return _text(kind) or kind == list_of(TEXT)


def _always(result: Type) -> Callable[[Type], Type]:
    return lambda _: result


def _item(kind: Type) -> Type:
    return kind.item or ANY


FUNCTIONS: dict[str, Function] = {
    "length": Function(_sized, _always(NUMBER), 2, "the characters of a text, the items of a list"),
    "count": Function(_many, _always(NUMBER), 2, "how many items a list has"),
    "lower": Function(_text, _always(TEXT), 5, "the text in lower case"),
    "trimmed": Function(_text, _always(TEXT), 3, "the text without blanks at its ends"),
    "domain": Function(_text, _always(TEXT), 5, "the domain of an e-mail address, in lower case"),
    "host": Function(_text, _always(TEXT), 10, "the host of a URL, in lower case"),
    "number": Function(_text, _always(NUMBER), 10, "the number that a text says"),
    "words": Function(_text, _always(list_of(TEXT)), 20, "the words of a text"),
    "lines": Function(_text, _always(list_of(TEXT)), 10, "the lines of a text"),
    "emails": Function(_text, _always(list_of(TEXT)), 40, "the e-mail addresses in a text"),
    "urls": Function(_text, _always(list_of(TEXT)), 40, "the URLs in a text"),
    "commands": Function(_line, _always(list_of(TEXT)), 200, "what a shell command line would run"),
    "program": Function(_text, _always(TEXT), 20, "the program that a command runs"),
    "options": Function(_text, _always(list_of(TEXT)), 20, "the options of a command"),
    "operands": Function(_text, _always(list_of(TEXT)), 20, "what a command names besides options"),
    "writes": Function(_text, _always(list_of(TEXT)), 30, "the paths that a command changes"),
    "paths": Function(_text, _always(list_of(TEXT)), 200, "the paths a command line names"),
    "path": Function(_text, _always(TEXT), 10, "a path in normal form, `..` and `//` resolved"),
    "values": Function(_record, _always(list_of(ANY)), 2, "the values of a record"),
    "given": Function(_many, lambda kind: kind, 1, "the items of a list that are not missing"),
    "first": Function(_many, _item, 1, "the first item of a list"),
    "last": Function(_many, _item, 1, "the last item of a list"),
    "sum": Function(_numbers, _always(NUMBER), 5, "the numbers of a list added up"),
    "smallest": Function(_numbers, _always(NUMBER), 5, "the smallest number of a list"),
    "largest": Function(_numbers, _always(NUMBER), 5, "the largest number of a list"),
}


_OWN_WAY = frozenset({"call", "any", "all"})  # all others cost what they are, and their arguments


def cost(op: str, value: object, args: list[int]) -> int:
    """What a term costs, given the costs of its arguments."""
    if op == "call":
        return FUNCTIONS[str(value)].cost + sum(args)
    if op in ("any", "all"):
        collection, body = args
        return collection + ITEMS * (COSTS[op] + body)
    return COSTS[op] + sum(args)


def term_cost(term: Term | None) -> int:
    """The estimated cost of a term; 0 for no term."""
    total, todo = 0, [] if term is None else [term]
    while todo:
        one = todo.pop()
        if one.op in _OWN_WAY:
            total += cost(one.op, one.value, [term_cost(arg) for arg in one.args])
        else:
            total += COSTS[one.op]
            todo += one.args
    return total
