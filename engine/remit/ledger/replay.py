"""Decides the steps of a session anew, as they stand in its ledger, and compares.

The policy must be the same one. Judges are not asked: they say again what they said. So are the
answers of people, and decisions that did not count because they could not be told.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from remit.hooks import hookimpl
from remit.hooks.manager import manager
from remit.hooks.tell import Teller
from remit.judges.entries import digest
from remit.judges.model import Answer, Question
from remit.ledger import record as form
from remit.ledger.masks import Masks
from remit.ledger.model import ANSWER, DECISION, Line
from remit.ledger.said import rows_of, step_of
from remit.session import Session
from remit.state.plain import from_plain
from remit_grammar.diagnostic import SpecError

if TYPE_CHECKING:
    from remit.hooks.model import Told
    from remit.ledger.story import Story
    from remit.policy import Policy
    from remit.verdict.model import Decision

# What must come out again. What takes time or names the one decision does not.
COMPARED = ("verdict", "decided_by", "in_force", "violated", "defeated", "unknown", "ask", "agreed",
            "changes", "note")  # fmt: skip
ENGINE_ERROR = "engine_error"


class CannotReplay(Exception):
    """Why a session, or what comes after a step of it, cannot be decided anew."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What came out otherwise at a record: the name of a field, what it was, and what it is now."""

    line: Line
    name: str
    was: Any
    now: Any


@dataclass(slots=True)
class Replayed:
    """How far it went. `decision` is the one that was asked about, None where it was not reached.

    `hidden` are the steps that are kept only as they went on, so their verdicts were not compared.
    """

    compared: int = 0
    differences: list[Difference] = field(default_factory=list)
    hidden: list[Line] = field(default_factory=list)
    decision: Decision | None = None
    stopped: str = ""

    @property
    def is_same(self) -> bool:
        """Whether the decision came out again, and all before it."""
        return not self.stopped and not self.differences


def replay(story: Story, policy: Policy) -> Replayed:
    """The session decided anew up to the decision of the story. Never raises."""
    made = Replayed()
    try:
        _Again(story, policy, made).run()
    except CannotReplay as reason:
        made.stopped = str(reason)
    return made


class _Again:
    def __init__(self, story: Story, policy: Policy, made: Replayed) -> None:
        self.story, self.made = story, made
        self.now: dict[str, Any] = {}  # the record that is decided anew
        self.told: Told | None = None
        self.norms = form.Norms()
        self.corrected = {
            str(line.record["corrects"]) for line in story.lines if line.record.get("corrects")
        }
        judges = {str(row.get("judge")) for line in story.lines
                  for row in rows_of(line.record, "judged")}  # fmt: skip
        self.session = self._begin(policy, dict.fromkeys(judges, _Says(self)))

    def run(self) -> None:
        """Go through the lines."""
        for line in self.story.lines:
            if line.kind == ANSWER:
                self._answer(line)
            elif line.kind == DECISION and not line.record.get("corrects"):
                self._decide(line)
        if self.made.decision is None and not self.made.stopped:
            raise CannotReplay("its own step is not kept whole")

    def _begin(self, policy: Policy, judges: Mapping[str, Any]) -> Session:
        if self.story.begin is None:
            raise CannotReplay("how its session began is in a file that was not given")
        record = self.story.begin.record
        teller = Teller(manager([self]), "replay")
        try:
            if record.get("index"):
                saved = record.get("saved")
                if not isinstance(saved, str):
                    raise CannotReplay("the past that its session began with is not kept")
                return policy.restore(b64decode(saved, validate=True), judges, teller)
            context = from_plain(record.get("context"))
            cut = record.get("cut") is True
            return Session(policy.ground, context, judges, truncated=cut, tell=teller).begun()
        except (ValueError, TypeError, SpecError) as error:
            raise CannotReplay(f"its session cannot begin: {str(error)[:200]}") from None

    @hookimpl
    def remit_decided(self, told: Told) -> None:
        """Keep what is told; fail where telling failed then."""
        if told.corrects:
            return
        self.told = told
        if str(self.now.get("id")) in self.corrected:
            raise CannotReplay("as it was")

    # ---- lines

    def _decide(self, line: Line) -> None:
        self.now = line.record
        index = line.record.get("index")
        if index != self.session.index:
            raise CannotReplay(f"step {self.session.index + 1} is not in the ledger")
        if any(row.get("norm") == ENGINE_ERROR for row in rows_of(line.record, "errors")):
            self.session.decide({})  # no step at all, or one that failed: nothing came of it
            return
        step = step_of(line.record.get("step"))
        if step is not None:
            self.session.decide(step)
            self._compare(line)
            return
        after = step_of(line.record.get("after"))
        if after is None:
            raise CannotReplay(f"step {self.session.index + 1} is not kept whole")
        self.made.hidden.append(line)
        self.session.decide(after)

    def _compare(self, line: Line) -> None:
        assert self.told is not None, "each decision is told"
        now = form.of_decision(self.told, Masks(redacted=False), self.norms)
        self.made.compared += 1
        for name in COMPARED:
            was, again = line.record.get(name), now.get(name)
            if was != again:
                self.made.differences.append(Difference(line, name, was, again))
        if line is self.story.decision or line.seq == self.story.decision.seq:
            self.made.decision = self.told.decision

    def _answer(self, line: Line) -> None:
        call = step_of(line.record.get("call"))
        if call is None:
            raise CannotReplay(f"the call that record {line.seq} answers is not kept whole")
        answer = self.session.approve if line.record.get("yes") is True else self.session.refuse
        try:
            answer(call, str(line.record.get("by")))  # type: ignore[arg-type] # refused if no call
        except ValueError as error:
            was = line.record.get("yes")
            self.made.differences.append(Difference(line, "yes", was, str(error)))


class _Says:
    """A judge that says what was said when the record was made."""

    immediate, cost = True, 0

    def __init__(self, again: _Again) -> None:
        self._again = again

    def answer(self, question: Question, /) -> Answer:
        """What the record has for it."""
        asked = (question.judge, question.question, digest(question.subject))
        for row in rows_of(self._again.now, "judged"):
            if (row.get("judge"), row.get("question"), row.get("text_sha256")) == asked:
                truth = {"true": True, "false": False}.get(str(row.get("answer")))
                return Answer(truth, error="" if truth is not None else "unknown, as it was")
        return Answer(error="nothing is recorded for this question")
