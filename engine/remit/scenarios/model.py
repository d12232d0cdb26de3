"""What a run of a scenario gives: the decisions, and what was not as expected."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field
from typing import Any

from remit.verdict.model import Decision
from remit_grammar.diagnostic import Diagnostic, render
from remit_grammar.source import Span


@dataclass(frozen=True, slots=True)
class Failure:
    """One finding of a scenario: R1101 with the decision that was not expected, or R1102.

    `again`: an earlier finding is about the same decision, and explains it.
    """

    diagnostic: Diagnostic
    decision: Decision | None = field(default=None, repr=False)
    again: bool = False

    def render(self, *, colour: bool = False) -> str:
        """The finding, and indented below it what happened instead."""
        text = render(self.diagnostic, colour=colour)
        if self.decision is None or self.again:
            return text
        happened = render(self.decision.explain(), colour=colour)
        return f"{text}\n{textwrap.indent(happened, '    ')}"

    def to_json(self) -> dict[str, Any]:
        """The finding as plain data, with the record of the decision."""
        data = self.diagnostic.to_json()
        if self.decision is not None:
            data["decision"] = self.decision.to_json()
        return data


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """How one scenario went.

    `expects` counts its expectations, `seconds` is how long it took, `span` is its head.
    """

    spec: str
    title: str
    span: Span = field(repr=False)
    decisions: tuple[Decision, ...] = field(repr=False)
    expects: int
    failures: tuple[Failure, ...]
    seconds: float

    @property
    def passed(self) -> bool:
        """Whether everything went as expected."""
        return not self.failures

    def to_json(self) -> dict[str, Any]:
        """The result as plain data."""
        return {
            "spec": self.spec,
            "title": self.title,
            "file": self.span.source.name,
            "line": self.span.line,
            "passed": self.passed,
            "steps": len(self.decisions),
            "expects": self.expects,
            "failures": [one.to_json() for one in self.failures],
        }
