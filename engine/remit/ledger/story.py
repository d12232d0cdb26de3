"""What belongs to one decision of a ledger: the conversation before it, the policy, the answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from remit.ledger.find import Sought
from remit.ledger.from_otlp import lines_of
from remit.ledger.model import ANSWER, DECISION, POLICY, SESSION, Line
from remit.ledger.read import in_order, read
from remit_grammar.diagnostic import Diagnostic


@dataclass(slots=True)
class Story:
    """A decision with what a reader and a replay need.

    `lines` are those of its session, from where that began in this process up to the decision.
    `begin` is the line that tells how it began, None where no file has that. `answers` are people's
    answers to the call, `held` is the decision that asked about it, `policy` the record of the
    policy. `others` counts the decisions that would have fitted too.
    """

    decision: Line
    begin: Line | None = None
    lines: list[Line] = field(default_factory=list)
    answers: list[Line] = field(default_factory=list)
    held: Line | None = None
    policy: dict[str, Any] | None = None
    others: int = 0
    is_corrected: bool = False


def find_story(
    paths: Sequence[str | Path], sought: Sought, *, whole: bool = True
) -> tuple[Story | None, list[Diagnostic]]:
    """The newest decision that fits, with all that belongs to it; and files that are not read.

    The lines of its session, which a replay needs, are kept only for the `whole` story.
    """
    problems: list[Diagnostic] = []
    newest: Line | None = None
    fits: set[str] = set()
    for line in _all(paths, problems):
        if line.kind == DECISION and sought.fits(line):
            newest = line
            fits.add(str(line.record.get("id")))
    if newest is None:
        return None, problems
    return _told(paths, newest, len(fits) - 1, whole), problems


def _told(paths: Sequence[str | Path], decision: Line, others: int, whole: bool) -> Story:
    story = Story(decision, others=others)
    record = decision.record
    session, held = record.get("session"), record.get("held")
    about = [one for one in (record.get("id"), held) if one is not None]
    for line in _all(paths, []):
        own, before = line.record, whole and line.seq <= decision.seq
        if line.kind == POLICY and own.get("digest") == record.get("policy"):
            if story.policy is None or "stored" in own:
                story.policy = own
        elif line.kind == SESSION and own.get("id") == session and before:
            story.begin, story.lines = line, []
        elif line.kind in (DECISION, ANSWER) and own.get("session") == session and before:
            story.lines.append(line)
        if line.kind == ANSWER and own.get("held") in about:
            story.answers.append(line)
        elif line.kind == DECISION and held is not None and own.get("id") == held:
            story.held = line
        elif line.kind == DECISION and own.get("corrects") == record.get("id"):
            story.is_corrected = True
            story.lines.append(line)
    return story


def _all(paths: Sequence[str | Path], problems: list[Diagnostic]) -> Iterator[Line]:
    for path in in_order(paths):
        for reading in read(path):
            if reading.problem is not None:
                problems.append(reading.problem)
            elif reading.line is not None:
                yield reading.line
            else:
                yield from lines_of(reading.data)
