"""What the operations do with values, in three-valued logic (semantics 7).

A truth is True, False or UNKNOWN. A value may be UNKNOWN too (missing, malformed, too large), and
then every test of it is unknown; or None, which means that it is known to be absent, and then every
test of it is false. Values whose types do not fit are unknown, never false: a call that passes
`"250"` for a number must not slip through `amount > 200`. Types are compared exactly, so an object
that only pretends to be a text is unknown too.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from enum import Enum
from math import isnan
from typing import TYPE_CHECKING, Any, Final, TypeGuard

if TYPE_CHECKING:
    from remit.checked.types import Type

MOST_PAIRS = 1_000_000  # items of two lists that are compared with each other
LONGEST = 16 << 20  # characters; a longer text is not scanned, so what it contains is unknown


class Unknown:
    """The third truth value. There is one, `UNKNOWN`; it has no truth of its own."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "unknown"

    def __bool__(self) -> bool:
        raise TypeError("unknown is neither true nor false")


UNKNOWN: Final[Unknown] = Unknown()


class Every(Enum):
    """The type of `EVERY`."""

    EVERY = "every"

    def __contains__(self, item: object) -> bool:
        return True

    def __repr__(self) -> str:
        return "every"


EVERY: Final = Every.EVERY  # the set of all items: `default every tool`
Truth = bool | Unknown


class Partly(list[Any]):
    """A list of which more may be true: what it holds is sure, what it lacks is unknown."""


def keyed(value: Any) -> Any:
    """A value as a key by which an equal one is found; UNKNOWN where it cannot be one."""
    if value is None or type(value) is str:
        return value
    if type(value) is bool:
        return ("flag", value)
    return value if is_number(value) else UNKNOWN


def is_number(value: object) -> TypeGuard[float]:
    """Whether it is a number of the language: no flag, no NaN."""
    return type(value) is int or (type(value) is float and not isnan(value))


def as_truth(value: object) -> Truth:
    """The truth that a value stands for: flags are themselves, absence is false."""
    if value is True or value is False:
        return bool(value)
    return False if value is None else UNKNOWN


def is_text(value: object) -> TypeGuard[str]:
    """Whether it is a text short enough to be scanned."""
    return type(value) is str and len(value) <= LONGEST


def equal(left: object, right: object) -> Truth:
    """`=`: texts by their characters, numbers by value, lists item by item."""
    if left is UNKNOWN or right is UNKNOWN:
        return UNKNOWN
    if left is None or right is None:
        return False
    if is_number(left) and is_number(right):
        return bool(left == right)
    if type(left) is list and type(right) is list:
        return len(left) == len(right) and every(map(equal, left, right))
    if type(left) is dict and type(right) is dict:
        return left.keys() == right.keys() and every(equal(left[key], right[key]) for key in left)
    if type(left) is type(right) and type(left) in (str, bool):
        return bool(left == right)
    return UNKNOWN


def typed(value: Any, kind: Type) -> Any:
    """The value, with unknown in place of it, or of parts of it, that is not of the type.

    A record's missing field is unknown too where its type needs one. Absence has every type.
    """
    if value is None or value is UNKNOWN:
        return value
    if kind.kind in ("list", "set"):
        return _typed_list(value, kind)
    if kind.kind == "record":
        return _typed_record(value, kind) if type(value) is dict else UNKNOWN
    if kind.kind == "one_of":
        return value if type(value) is str and value in kind.choices else UNKNOWN
    if kind.kind == "number":
        return value if is_number(value) else UNKNOWN
    wanted = {"text": str, "flag": bool}.get(kind.kind)
    return value if wanted is None or type(value) is wanted else UNKNOWN


def _typed_list(value: Any, kind: Type) -> Any:
    if type(value) is not list:
        return UNKNOWN
    item = kind.item
    if item is None or item.kind == "any":
        return value
    if item.kind == "text" and set(map(type, value)) <= {str}:
        return value
    return [typed(one, item) for one in value]


def _typed_record(value: dict[Any, Any], kind: Type) -> dict[Any, Any]:
    made = dict(value)
    for name, param in kind.fields:
        if made.get(name) is not None:
            made[name] = typed(made[name], param.type)
        elif param.required or (name in made and param.default is not None):
            made[name] = UNKNOWN  # null where there is a default: the tool may use either
        elif name not in made and param.default is not None:
            made[name] = param.default
    return made


def less(left: object, right: object) -> Truth:
    """`<`: numbers, or texts in the order of their characters (dates written year first)."""
    return _ordered(left, right, operator.lt)


def at_most(left: object, right: object) -> Truth:
    """`<=`, like `less`."""
    return _ordered(left, right, operator.le)


def _ordered(left: object, right: object, test: Callable[[Any, Any], bool]) -> Truth:
    if left is UNKNOWN or right is UNKNOWN:
        return UNKNOWN
    if left is None or right is None:
        return False
    if is_number(left) and is_number(right):
        return test(left, right)
    if type(left) is str and type(right) is str:
        return test(left, right)
    return UNKNOWN


def member_of(item: object, whole: object) -> Truth:
    """`in`: an item of a list; a list is in another where all its items are."""
    if item is UNKNOWN or whole is UNKNOWN:
        return UNKNOWN
    if item is None or whole is None:
        return False
    if whole is EVERY:
        return True
    if type(whole) is Partly:
        found = member_of(item, list(whole))
        return UNKNOWN if found is False else found
    if type(whole) is not list:
        return UNKNOWN
    if type(item) is str and set(map(type, whole)) <= {str}:
        return item in whole  # the usual case, without asking each
    if type(item) is Partly:
        return every([*(member_of(one, whole) for one in item), UNKNOWN])
    if type(item) is list:
        if set(map(type, item)) <= {str} and set(map(type, whole)) <= {str}:
            return set(item) <= set(whole)  # the usual case, without asking each of each
        if len(item) * len(whole) > MOST_PAIRS:
            return UNKNOWN
        return every(member_of(one, whole) for one in item)
    return some(equal(item, one) for one in whole)


def contains(whole: object, part: object) -> Truth:
    """`contains`: a text in a text, whatever the case; or an item in a list."""
    if whole is UNKNOWN or part is UNKNOWN:
        return UNKNOWN
    if whole is None or part is None:
        return False
    if type(whole) in (list, Partly):
        return member_of(part, whole)
    if is_text(whole) and is_text(part):
        return part.casefold() in whole.casefold()
    return UNKNOWN


def starts(whole: object, part: object) -> Truth:
    """`starts with`, whatever the case."""
    return _edge(whole, part, str.startswith)


def ends(whole: object, part: object) -> Truth:
    """`ends with`, whatever the case."""
    return _edge(whole, part, str.endswith)


def _edge(whole: object, part: object, test: Callable[[str, str], bool]) -> Truth:
    if whole is UNKNOWN or part is UNKNOWN:
        return UNKNOWN
    if whole is None or part is None:
        return False
    if is_text(whole) and is_text(part):
        return test(whole.casefold(), part.casefold())
    return UNKNOWN


def missing(value: object) -> Truth:
    """`is missing`: known to be absent. A malformed value is not known to be anything."""
    return UNKNOWN if value is UNKNOWN else value is None


def empty(value: object) -> Truth:
    """`is empty`: no characters or items, or absent."""
    if value is UNKNOWN:
        return UNKNOWN
    if value is None:
        return True
    if type(value) is Partly and not value:
        return UNKNOWN
    return len(value) == 0 if isinstance(value, (str, list, dict)) else UNKNOWN


def negation(truth: Truth) -> Truth:
    """Kleene's not."""
    return UNKNOWN if truth is UNKNOWN else not truth


def every(truths: Iterable[Truth]) -> Truth:
    """Kleene's and; true of nothing."""
    result: Truth = True
    for truth in truths:
        if truth is False:
            return False
        if truth is UNKNOWN:
            result = UNKNOWN
    return result


def some(truths: Iterable[Truth]) -> Truth:
    """Kleene's or; false of nothing."""
    result: Truth = False
    for truth in truths:
        if truth is True:
            return True
        if truth is UNKNOWN:
            result = UNKNOWN
    return result


def arithmetic(operate: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """An operation on two numbers that is unknown on anything else, and absent on absence."""

    def result(left: Any, right: Any) -> Any:
        if left is None or right is None:
            return None
        if not (is_number(left) and is_number(right)):
            return UNKNOWN
        value = operate(left, right)
        return value if is_number(value) and abs(value) < 1e300 else UNKNOWN

    return result


def part(record: Any, name: str) -> Any:
    """A field of a record: absent where the record lacks it, unknown where it is no record."""
    if record is UNKNOWN or record is None:
        return record
    return record.get(name) if type(record) is dict else UNKNOWN
