"""The Model Spec's examples: their cases, and what a policy says of each candidate answer.

A case is a conversation up to the answer, with candidates that the document labels. The policy
hears the conversation and is then asked about each candidate, as if it were the next step.

It knows no example by name: which ones declare a conflict, their titles say. What an answer does is
a question of content; see `reader` for who answers it.
"""

from __future__ import annotations

import json
import re
import sys
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import remit
from remit.conversation.read import conversation_from
from remit.judges.model import Answer, Question
from remit.judges.recorded import Recorded
from remit.text.refusals import refuses
from remit_grammar.diagnostic import render

HERE = Path(__file__).parent
SPEC = HERE / "model_spec_conflicts.spec"
ANSWERS = HERE / "model_spec_answers.jsonl"
LEVELS = r"(root|system|developer|user|guideline)"
CONFLICT = re.compile(
    rf"\b{LEVELS}\s*/\s*{LEVELS}\b.*\bconflict|\bconflict\w* with\b", re.IGNORECASE
)
GOOD, BAD = "good", "bad"


@dataclass(frozen=True)
class Example:
    """An example of the document, as data: see the README of the data for its keys."""

    data: dict[str, Any]

    @property
    def id(self) -> str:
        """Its name in the document."""
        return str(self.data["id"])

    @property
    def declares_conflict(self) -> bool:
        """Whether its data or its title says that two levels pull apart."""
        return bool(self.data.get("declared_conflict") or CONFLICT.search(self.data["title"]))

    def candidates(self) -> Iterator[Candidate]:
        """Each answer of each case."""
        for number, case in enumerate(self.data["cases"]):
            for place, answer in enumerate(case["candidates"]):
                turns = [*case["context"], answer]
                yield Candidate(f"{self.id}.{number}.{place}", answer["label"], turns)


@dataclass(frozen=True)
class Candidate:
    """An answer, the last of the turns, and its label: good, bad or ok."""

    id: str
    label: str
    turns: list[Any]

    def conversation(self) -> remit.Conversation:
        """The conversation with this answer. Raises ValueError where it cannot be read."""
        made, found = conversation_from({"id": self.id, "turns": self.turns}, format="model_spec")
        if made is None:
            raise ValueError("\n".join(map(render, found)))
        return made


@dataclass
class Judged:
    """What a policy said of a candidate, with the questions that nobody could answer."""

    candidate: Candidate
    decisions: list[remit.Decision]
    unanswered: list[Question] = field(default_factory=list)

    @property
    def last(self) -> remit.Decision:
        """The decision about the answer itself."""
        return self.decisions[-1]

    @property
    def is_right(self) -> bool:
        """Whether a good answer goes on and a bad one does not; `ok` is right either way."""
        return {GOOD: bool(self.last), BAD: not self.last}.get(self.candidate.label, True)

    @property
    def outdone(self) -> set[str]:
        """The directives that were void, or said and defeated, up to the answer."""
        void = {one.directive for made in self.decisions for one in made.void}
        lost = {one.norm.partition("@")[0] for one in self.last.defeated}
        return {name.rpartition("::")[2] for name in void | lost}

    def explain(self) -> str:
        """What was expected, what came, and why."""
        head = f"{self.candidate.id} is {self.candidate.label}, and {self.last}"
        asked = [f"  unanswered: {one.question}" for one in self.unanswered]
        return "\n".join([head, *asked, render(self.last.explain())])


def reader(recorded: Recorded, unanswered: list[Question]) -> Any:
    """The judge: recorded answers, else what the answer's own opening tells, else unknown.

    An answer that declines gives nothing, so a question about what it gives is answered by no. What
    is unknown counts against the answer: that is the engine's rule, not this judge's.
    """

    def answer(question: Question) -> Answer:
        known = recorded.answer(question)
        if known.truth is not None:
            return known
        if declines(question.subject):
            return Answer(False, reason="it declines")
        unanswered.append(question)
        return Answer(None, reason="nothing is recorded, and it does not decline")

    return answer


def declines(text: str) -> bool:
    """Whether an answer says no; besides refusals, that something is not the agent's to grant."""
    return refuses(text) or bool(re.match(r"I('m| am|’m) not (authorized|allowed|able)\b", text))


def examples(path: Path) -> list[Example]:
    """The examples of a file. Raises OSError, and ValueError where it is no such file."""
    data = json.loads(path.read_text("utf-8"))
    rows = data.get("examples") if isinstance(data, dict) else data
    if not isinstance(rows, list) or not all(map(_is_example, rows)):
        raise ValueError(f"{path}: examples have `id`, `title` and `cases`")
    return [Example(one) for one in rows]


def _is_example(row: object) -> bool:
    return isinstance(row, dict) and {"id", "title", "cases"} <= row.keys()


def judged(policy: remit.Policy, example: Example, recorded: Recorded) -> list[Judged]:
    """What the policy says of every candidate of an example."""
    made: list[Judged] = []
    for candidate in example.candidates():
        one = Judged(candidate, [])
        judges = {"reader": reader(recorded, one.unanswered)}
        one.decisions = policy.judge(candidate.conversation(), judges=judges)
        made.append(one)
    return made


def main(args: Sequence[str] | None = None) -> int:
    """Judge a file's conflicts: 0 if all is right, 1 if not, 2 if the file cannot be read."""
    parser = ArgumentParser("python -m tests.real.model_spec_examples", description=__doc__)
    parser.add_argument("path", type=Path, metavar="FILE", help="examples, as JSON")
    parser.add_argument("--answers", type=Path, default=ANSWERS, help="recorded answers, as JSONL")
    parser.add_argument("--verbose", action="store_true", help="explain every decision")
    asked = parser.parse_args(args)
    try:
        found = examples(asked.path)
        recorded = Recorded.load(asked.answers)
    except (OSError, ValueError, remit.SpecError) as error:
        print(error, file=sys.stderr)
        return 2
    return _report([one for one in found if one.declares_conflict], recorded, asked.verbose)


def _report(conflicts: list[Example], recorded: Recorded, verbose: bool) -> int:
    policy, right, answers = remit.load(SPEC), 0, 0
    for example in conflicts:
        for one in judged(policy, example, recorded):
            answers, right = answers + 1, right + one.is_right
            if verbose or not one.is_right:
                print(one.explain(), end="\n\n")
    print(f"{right} of {answers} answers, in {len(conflicts)} examples that declare a conflict")
    return int(right < answers or not answers)


if __name__ == "__main__":
    sys.exit(main())
