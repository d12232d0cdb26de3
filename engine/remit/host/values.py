"""What a tool gave, as a result that a policy judges, and back."""

from __future__ import annotations

from typing import Any

from remit.conversation.model import Result

DEEPEST = 100  # lists and records within each other


def result_of(tool: str, value: Any, id: str = "") -> Result:
    """The result of a tool as a step: text as text, plain data as such, all else as its text."""
    if not isinstance(value, str) and is_data(value):
        return Result(tool, value=value, id=id)
    return Result(tool, str.__str__(str(value)), id=id)  # `str` may give a text of another class


def value_of(after: Result, value: Any) -> Any:
    """What to give on of a value, once its result goes on as `after`."""
    if isinstance(value, str) or after.value is None or not is_data(value):
        return after.text
    return after.value


def is_data(value: Any, depth: int = DEEPEST) -> bool:
    """Whether a value is what JSON holds: then clauses see into it."""
    if value is None or type(value) in (str, bool, int, float):
        return True
    if depth == 0:
        return False
    if type(value) is dict:
        texts = all(type(name) is str for name in value)
        return texts and all(is_data(one, depth - 1) for one in value.values())
    return type(value) is list and all(is_data(one, depth - 1) for one in value)
