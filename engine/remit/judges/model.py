"""A question for a judge, its answer, and what a judge is. Calls no judge: `ask.py` does."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

MOST_REASON = 2_000  # characters of a reason that are kept
MOST_ERROR = 300  # characters of an error that are kept


class JudgeError(Exception):
    """Raised by a judge that knows why it cannot answer.

    Its text is shown to people, so it must hold no secret. Of any other exception only the name
    of its class is shown.
    """


@dataclass(frozen=True, slots=True)
class Question:
    """One question for one judge: its name in the spec, the question, the text it is about."""

    judge: str
    question: str
    subject: str

    @property
    def key(self) -> str:
        """SHA-256 of the three texts, in hexadecimal: equal for equal questions only."""
        joined = json.dumps([self.judge, self.question, self.subject])
        return hashlib.sha256(joined.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a judge said.

    `truth` is None where it is unknown. `confidence` is from 0 to 1, None where the judge gives
    none. `reason` is for people, cut to 2,000 characters. `error` says in a line why there is no
    answer; an answer with an error is unknown.
    """

    truth: bool | None = None
    confidence: float | None = None
    reason: str = ""
    error: str = ""

    def __post_init__(self) -> None:
        reason: object = self.reason  # a judge may give anything
        if isinstance(reason, str) and len(reason) > MOST_REASON:
            object.__setattr__(self, "reason", reason[: MOST_REASON - 1] + "…")


@runtime_checkable
class Judge(Protocol):
    """Whatever answers questions. A plain function of a `Question` is a judge, too.

    A judge may have more attributes. `timeout`: the seconds a call may take (30). `cost`: a whole
    number, relative to that of other judges; cheaper ones are asked first (1000). `concurrency`:
    how many calls may run at a time (4). `immediate`: True where it answers from memory, so that
    it needs no thread and no timeout. `answer_async(question)`: a coroutine for event loops.
    """

    def answer(self, question: Question, /) -> Answer:
        """The answer. It may raise and may take too long: then the answer is unknown."""
        ...


# A function may give less than an answer. What comes is checked, so its type is no promise.
AnyJudge = Judge | Callable[[Question], Any]
