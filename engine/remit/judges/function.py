"""A Python function as a judge. It says what a bare function cannot: timeout, cost, concurrency."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from remit.judges.limits import CONCURRENCY, COST, TIMEOUT
from remit.judges.model import Answer, Question


class FunctionJudge:
    """Asks `fn(question text, subject text)`, which gives an `Answer`, True, False or None.

    The function may be a coroutine function. `timeout` is in seconds.
    """

    def __init__(
        self,
        fn: Callable[[str, str], Any],
        *,
        timeout: float = TIMEOUT,
        cost: int = COST,
        concurrency: int = CONCURRENCY,
    ) -> None:
        self._fn = fn
        self.timeout = timeout
        self.cost = cost
        self.concurrency = concurrency

    def answer(self, question: Question, /) -> Answer:
        """What the function gives, whatever it is: `ask` sees to it."""
        given: Answer = self._fn(question.question, question.subject)
        return given
