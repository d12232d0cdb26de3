"""What a judge gave, as an answer that can be relied on. Anything odd is unknown, with an error.

Only exact types pass: a subclass may compare, print and convert as it likes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from remit.judges.model import MOST_ERROR, Answer, JudgeError
from remit_grammar.diagnostic import visible

_NAME = type.__dict__["__name__"]  # what a metaclass says of its name may be anything


def unknown(error: str) -> Answer:
    """No answer, and why: one line of at most 300 characters, nothing unprintable."""
    line = visible(" ".join(error[: 4 * MOST_ERROR].split()))
    return Answer(error=line if len(line) <= MOST_ERROR else line[: MOST_ERROR - 1] + "…")


def tidy(given: object) -> Answer:
    """The answer for what a judge returned. Never raises."""
    if given is None or given is True or given is False:
        return Answer(given)
    if type(given) is not Answer:
        return unknown(f"the judge gave {kind(given)}, not an answer")
    try:
        return _checked(given)
    except AttributeError:  # made without its fields
        return unknown("the judge gave an answer that lacks fields")


def raised(error: BaseException) -> Answer:
    """The answer where a judge raised: the text only of what is meant to be shown."""
    if type(error) is JudgeError and len(error.args) == 1 and type(error.args[0]) is str:
        return unknown(error.args[0] or "the judge raised an error without a text")
    return unknown(f"the judge raised {kind(error)}")


def kind(value: object) -> str:
    """The name of the value's class in backticks."""
    return f"`{_NAME.__get__(type(value))[:80]}`"


def _checked(given: Answer) -> Answer:
    if any(type(one) is not str for one in (given.reason, given.error)):
        return unknown("the judge gave a reason or an error that is not a text")
    if not any(given.truth is one for one in (True, False, None)):
        return unknown(f"the judge gave {kind(given.truth)} for true, false or unknown")
    if not _is_confidence(given.confidence):
        return unknown("the judge gave a confidence that is not a number from 0 to 1")
    sure = None if given.confidence is None else float(given.confidence)
    reason = _clean(given.reason)
    if given.error:
        return replace(unknown(given.error), confidence=sure, reason=reason)
    return Answer(given.truth, sure, reason)


def _is_confidence(value: Any) -> bool:
    return value is None or (type(value) in (int, float) and 0 <= value <= 1)


def _clean(text: str) -> str:
    """The text without halves of characters, which no file could take."""
    return text.encode("utf-8", "replace").decode() if not text.isascii() else text
