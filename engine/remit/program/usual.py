"""Values as a generated function reads them (`quick.py`): as usual, or what stands for them.

Where a value is absent, what stands for it makes every comparison false; where it is of another
type, or unknown, it makes the function give up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from remit.program.values import is_number, is_text

if TYPE_CHECKING:
    from remit.program.view import View
    from remit.text.finders import Finder


class Doubt(AttributeError):
    """A condition is neither true nor false.

    An `AttributeError`, for `Odd` raises it where tools only ask whether it has an attribute.
    """


def doubt(*_: object) -> Any:
    """Give up."""
    raise Doubt


class Odd:
    """What stands for a value that has not the type it is read as: who looks at it gives up."""

    __slots__ = ()
    __eq__ = __lt__ = __le__ = __gt__ = __ge__ = __contains__ = __getattr__ = doubt
    __hash__ = doubt  # a look-up gives up too


class Absent:
    """What stands for a text or flag that is not there: it is like none, and holds nothing."""

    __slots__ = ()

    def __contains__(self, piece: str) -> bool:
        return False

    def startswith(self, piece: str) -> bool:
        """It begins with no piece, and ends with none."""
        return False

    endswith = startswith


NAN = float("nan")  # an absent number: every comparison with it is false
ODD, ABSENT = Odd(), Absent()
NONE: frozenset[Finder] = frozenset()
_TEXTS = frozenset([str])


def as_number(value: Any) -> Any:
    """A number, or what stands for it."""
    if is_number(value):
        return value
    return NAN if value is None else ODD


def as_text(value: Any) -> Any:
    """A text, or what stands for it."""
    if type(value) is str:
        return value
    return ABSENT if value is None else ODD


def as_one_of(value: Any, choices: frozenset[str]) -> Any:
    """A text that is one of the choices, or what stands for it."""
    return ODD if type(value) is str and value not in choices else as_text(value)


def as_folded(value: Any) -> Any:
    """A text, its case folded, or what stands for it; also of what `as_one_of` gave."""
    if is_text(value):
        return value.casefold()
    return ODD if type(value) is str else value if value is ABSENT else as_text(value)


def as_flag(value: Any) -> Any:
    """A flag, or what stands for it."""
    if type(value) is bool:
        return value
    return ABSENT if value is None else ODD


def as_texts(value: Any) -> Any:
    """A list of texts, or what stands for it."""
    if type(value) is list and _TEXTS.issuperset(map(type, value)):
        return value
    return NONE if value is None else ODD


def left(view: View) -> frozenset[Finder]:
    """The finders that may find something in the step's text, of those that the scan knows."""
    return left_in(view, view.text)


def left_in(view: View, text: Any) -> frozenset[Finder]:
    """The same of a text in the step."""
    if not is_text(text):
        raise Doubt
    return view.reading.left(text) or NONE
