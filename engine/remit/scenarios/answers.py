"""The judges of a scenario: each answers what the scenario says, and nothing else is known."""

from __future__ import annotations

from collections.abc import Iterable

from remit.judges.model import Answer, Question
from remit_grammar import tree as t

TRUTHS = {"true": True, "false": False, "unknown": None}


class Script:
    """A judge whose answers are written down; `say` adds one, from there on."""

    immediate = True  # so that it needs no thread

    def __init__(self) -> None:
        self.answers: dict[str | None, bool | None] = {}  # under None: every other question

    def say(self, node: t.Answers) -> None:
        """Answer from here on as a statement says."""
        self.answers[node.question] = TRUTHS[node.answer]

    def answer(self, question: Question) -> Answer:
        """What the scenario says about the question itself, else about every other one."""
        for key in (question.question, None):
            if key in self.answers:
                return Answer(self.answers[key])
        return Answer(error="the scenario gives no answer")


def judges_of(statements: Iterable[t.Statement]) -> dict[str, Script]:
    """A judge for each name that a scenario lets answer."""
    return {one.judge.text: Script() for one in statements if isinstance(one, t.Answers)}
