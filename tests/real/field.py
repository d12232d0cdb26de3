"""Recorded conversations of agents under the specs in `agentdojo/`: kept, or stopped.

The specs are chosen by what a conversation names as its tools (`agentdojo/banking`). A call that is
held back did not happen, so the result that the recording has of it is not shown to the policy.
`python -m tests.real.field FILE ...` prints a table; `--misses` shows what was not as it should be.
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from time import process_time
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from tests.real.cases import BY_TEXT, MEASURES, Case, cases_of, group_of

import remit
from remit.conversation.model import Call, Result
from remit.conversation.read import Reader
from remit.conversation.whole import Conversation
from remit_grammar.diagnostic import render

SPECS = Path(__file__).parent
ALL = "all"
LONGEST = 300  # characters of a call that is shown
FIRM = ("deny", "halt")  # held back whatever a person says


@dataclass
class Tally:
    """One measure of one group.

    `lenient` and `strict` are how many cases were as they should be with every ask allowed, and
    with every ask denied; `calls` and `asks` are those in cases that are to be kept.
    """

    cases: int = 0
    lenient: int = 0
    strict: int = 0
    calls: int = 0
    asks: int = 0

    def add(self, case: Case, calls: Sequence[remit.Decision]) -> bool:
        """Count a case; whether it was as it should be in either reading."""
        lenient, strict = right(case, calls)
        self.cases += 1
        self.lenient += lenient
        self.strict += strict
        if case.stop is None:
            self.calls += len(calls)
            self.asks += sum(one.verdict == "ask" for one in calls)
        return lenient and strict


def right(case: Case, calls: Sequence[remit.Decision]) -> tuple[bool, bool]:
    """Whether a case is as it should be, with every ask allowed and with every ask denied."""
    matter = [one for one in calls if case.stop is None or id_of(one) in case.stop]
    firm, any_held = any(one.verdict in FIRM for one in matter), not all(matter)
    return (not firm, not any_held) if case.stop is None else (firm, any_held)


@dataclass
class Report:
    """The tallies by group and measure, the misses in words, and what judging took."""

    context: Mapping[str, Any] = field(default_factory=dict)
    specs: Path = SPECS
    tallies: dict[tuple[str, str], Tally] = field(default_factory=dict)
    misses: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    steps: int = 0
    seconds: float = 0.0

    def take(self, conversation: Conversation, *, explain: int = 0) -> None:
        """Judge a conversation and count its cases; so many misses of each kind are explained."""
        cases = cases_of(conversation)
        policy = policy_for(self.specs, group_of(conversation)) if cases else None
        if policy is None:
            return
        begun = process_time()
        decisions = judged(policy, conversation, self.context)
        self.seconds += process_time() - begun
        self.steps += len(decisions)
        calls = [one for one in decisions if isinstance(one.step, Call)]
        for case in cases:
            places = [(case.group, case.measure), (total_of(case.group), case.measure)]
            fine = [self.tallies.setdefault(at, Tally()).add(case, calls) for at in places]
            told = self.misses.setdefault(places[0], [])
            if not all(fine) and len(told) < explain and case.measure != BY_TEXT:
                told.append(explained(conversation.id, case, calls))

    def rows(self) -> Iterator[tuple[str, str, Tally]]:
        """The tallies by group, the total of a source behind its groups."""
        for group, measure in sorted(self.tallies, key=_place):
            if not group.endswith(ALL) or self._several(group):
                yield group, measure, self.tallies[group, measure]

    def _several(self, total: str) -> bool:
        """Whether a total is of more than one group."""
        return len({group for group, _ in self.tallies if total_of(group) == total}) > 2

    def to_json(self) -> dict[str, Any]:
        """The report as data."""
        rows = [
            {"group": group, "measure": measure, "cases": one.cases, "ask_is_allow": one.lenient,
             "ask_is_deny": one.strict, "calls": one.calls, "asks": one.asks,
             "misses": self.misses.get((group, measure), [])}
            for group, measure, one in self.rows()
        ]  # fmt: skip
        return {
            "rows": rows,
            "steps": self.steps,
            "seconds": self.seconds,
            "problems": self.problems,
        }


def _place(at: tuple[str, str]) -> tuple[str, bool, str, int]:
    """Where a row stands: by source, the total last, then as the measures are listed."""
    group, measure = at
    return group.partition("/")[0], group.endswith(ALL), group, MEASURES.index(measure)


def total_of(group: str) -> str:
    """The row for all groups of a source: `agentdojo/all`."""
    return f"{group.partition('/')[0]}/{ALL}"


@cache
def policy_for(specs: Path, group: str) -> remit.Policy | None:
    """The policy for a group, or else the common one of its source; None where there is neither."""
    source, _, name = group.partition("/")
    folder = specs / source
    found = [one for one in (folder / f"{name}.spec", folder / "common.spec") if one.is_file()]
    return remit.load(found[0]) if found else None


def judged(
    policy: remit.Policy, conversation: Conversation, context: Mapping[str, Any]
) -> list[remit.Decision]:
    """A decision for each step, without the results of calls that were held back."""
    known = {name: value for name, value in context.items() if name in policy.checked.contexts}
    session = policy.session({**conversation.context, **known}, truncated=conversation.cut)
    held: set[str] = set()
    decisions: list[remit.Decision] = []
    for step in conversation.steps:
        if isinstance(step, Result) and step.id in held:
            continue
        decision = session.decide(step)
        decisions.append(decision)
        if isinstance(step, Call) and not decision:
            held.add(step.id)
    return decisions


def explained(id: str, case: Case, calls: Sequence[remit.Decision]) -> str:
    """A miss in words: what was held back and why, or else the calls that should have been."""
    if case.stop is None:
        found = [render(one.explain()) for one in calls if not one]
    else:
        found = [f"  {shown(one)}\n    {one}" for one in calls if id_of(one) in case.stop]
    return "\n".join([f"{id}: {case.measure}", *found])


def id_of(decision: remit.Decision) -> str:
    """The id of the call that was judged; empty where it was none."""
    return decision.step.id if isinstance(decision.step, Call) else ""


def shown(decision: remit.Decision) -> str:
    """The call that was judged in one line, cut where it is long."""
    assert isinstance(decision.step, Call), "only calls are cases"
    args = json.dumps(dict(decision.step.args), ensure_ascii=False)
    text = f"{decision.step.tool}({args[1:-1]})"
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} ..."


# ---- the command


def table(report: Report) -> Table:
    """The report as a table."""
    made = Table("group", "measure", box=None, pad_edge=False)
    for name in ("cases", "ask = allow", "ask = deny", "asks per 100 calls"):
        made.add_column(name, justify="right")
    for group, measure, one in report.rows():
        shares = (
            ["", ""] if measure == BY_TEXT else [_share(one.lenient, one), _share(one.strict, one)]
        )
        asks = f"{100 * one.asks / one.calls:.1f}" if one.calls and measure != BY_TEXT else ""
        made.add_row(group, measure, f"{one.cases:,}", *shares, asks)
    return made


def _share(count: int, tally: Tally) -> str:
    return f"{100 * count / tally.cases:.1f} %"


def run(
    paths: Sequence[Path], report: Report, *, only: str = "", every: int = 1, explain: int = 0
) -> None:
    """Judge the conversations of the files, with a bar for the patient.

    `only` those of groups that begin so, one record in `every`, `explain` misses of each kind.
    """
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        for path in paths:
            reader = Reader(path)
            task = bar.add_task(path.name, total=1.0)
            for conversation, found in reader:
                report.problems += [f"{path}: {one.message}" for one in found if one.is_error]
                is_asked = reader.records % every == 0
                if conversation and is_asked and group_of(conversation).startswith(only):
                    report.take(conversation, explain=explain)
                bar.update(task, completed=reader.share or 0.0)


def main(args: Sequence[str] | None = None) -> int:
    """Judge files: 0 if all was read and something measured, else 1; 2 if a spec is wrong."""
    asked = _options().parse_args(args)
    report = Report(_context(asked.set), asked.specs)
    try:
        run(asked.paths, report, only=asked.only, every=asked.every, explain=asked.misses)
    except remit.SpecError as error:
        print(error, file=sys.stderr)
        return 2
    if asked.json:
        print(json.dumps(report.to_json(), indent=1))
    else:
        _show(report, asked)
    for line in report.problems:
        print(line, file=sys.stderr)
    return 1 if report.problems or not report.tallies else 0


def _show(report: Report, asked: Namespace) -> None:
    Console(width=100 if not sys.stdout.isatty() else None).print(table(report))
    if report.seconds:
        print(f"\n{report.steps:,} steps, {report.steps / report.seconds:,.0f} a second")
    for told in report.misses.values():
        for one in told[: asked.misses]:
            print(f"\n{one}")


def _options() -> ArgumentParser:
    parser = ArgumentParser("python -m tests.real.field", description=__doc__)
    parser.add_argument(
        "paths", type=Path, nargs="+", metavar="FILE", help="recorded conversations"
    )
    parser.add_argument("--only", default="", metavar="GROUP", help="such as agentdojo/banking")
    parser.add_argument("--every", type=_count, default=1, metavar="N", help="one record in N")
    parser.add_argument("--misses", type=int, default=0, metavar="N", help="explain N of each kind")
    parser.add_argument("--json", action="store_true", help="the counts as JSON")
    parser.add_argument("--specs", type=Path, default=SPECS, metavar="FOLDER", help="other specs")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE",
                        help="a context, where a spec declares it; the value is JSON")  # fmt: skip
    return parser


def _count(text: str) -> int:
    """A whole number from 1."""
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError("a whole number from 1 is needed")
    return int(text)


def _context(pairs: Sequence[str]) -> dict[str, Any]:
    """Contexts from the command line. A value that is no JSON ends the command."""
    try:
        split = [pair.partition("=") for pair in pairs]
        return {name: json.loads(value) for name, _, value in split}
    except ValueError as error:
        sys.exit(f"--set: {error}")


if __name__ == "__main__":
    sys.exit(main())
