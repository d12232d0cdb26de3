"""Cases counted by group and measure, and the misses among them in words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import remit
from remit.bench.field.judge import Judged
from remit.bench.model import Column, Row, Table
from remit_grammar.diagnostic import render

ALL = "all"
LONGEST = 300  # characters of a call that is shown
COLUMNS = (
    Column("cases", "count"), Column("ask = allow", "percent"), Column("ask = deny", "percent"),
    Column("asks per 100 calls", "count"),
)  # fmt: skip


@dataclass(slots=True)
class Tally:
    """One measure of one group: how many cases are as they should be, in the two readings.

    `calls` and `asks` are those of cases that are to be kept.
    """

    cases: int = 0
    lenient: int = 0
    strict: int = 0
    calls: int = 0
    asks: int = 0

    def add(self, *, lenient: bool, strict: bool, calls: int = 0, asks: int = 0) -> None:
        """Count a case."""
        self.cases += 1
        self.lenient += lenient
        self.strict += strict
        self.calls += calls
        self.asks += asks

    def values(self) -> tuple[float | None, ...]:
        """A row of a table."""
        if not self.cases:
            return (0, None, None, None)
        asks = 100 * self.asks / self.calls if self.calls else None
        return (self.cases, self.share(agrees=True), self.share(agrees=False), asks)

    def share(self, *, agrees: bool) -> float:
        """How many of a hundred are as they should be, if who is asked agrees, or if not."""
        return 100 * (self.lenient if agrees else self.strict) / max(self.cases, 1)


@dataclass(slots=True)
class Count:
    """Tallies by group and measure, with so many misses of each (`most`) in words."""

    most: int = 0
    tallies: dict[tuple[str, str], Tally] = field(default_factory=dict)
    misses: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def add(
        self, group: str, measure: str, *, lenient: bool, strict: bool, calls: int = 0,
        asks: int = 0,
    ) -> bool:  # fmt: skip
        """Count a case; whether it is a miss that is still to be told."""
        for name in (group, ALL):
            tally = self.tallies.setdefault((name, measure), Tally())
            tally.add(lenient=lenient, strict=strict, calls=calls, asks=asks)
        told = self.misses.setdefault((group, measure), [])
        return not (lenient and strict) and len(told) < self.most

    def take(self, judged: Judged) -> None:
        """Count a recorded case."""
        case = judged.case
        calls = 0 if case.stop else len(judged.asked)
        asks = 0 if case.stop else sum(one.verdict == "ask" for one in judged.asked)
        if self.add(
            case.group, case.measure, lenient=judged.lenient, strict=judged.strict, calls=calls,
            asks=asks,
        ):  # fmt: skip
            self.tell(case.group, case.measure, told(judged))

    def tell(self, group: str, measure: str, words: str) -> None:
        """Keep a miss in words."""
        self.misses[group, measure].append(words)

    def of(self, measure: str, group: str = ALL) -> Tally:
        """One tally; an empty one where there was no case."""
        return self.tallies.get((group, measure), Tally())

    def table(self, title: str, measures: Sequence[str], notes: Sequence[str] = ()) -> Table:
        """A row for each group and measure, all groups together last."""
        groups = [one for one in dict.fromkeys(group for group, _ in self.tallies) if one != ALL]
        rows = [
            Row(f"{group}: {measure}", self.of(measure, group).values())
            for group in ([*groups, ALL] if len(groups) > 1 else groups)
            for measure in measures
            if self.of(measure, group).cases
        ]
        return Table(title, "", COLUMNS, tuple(rows), notes=tuple(notes))

    def told(self) -> Iterator[str]:
        """The misses in words."""
        for words in self.misses.values():
            yield from words


def told(judged: Judged) -> str:
    """A case that is not as it should be: what was held back and why, or what was let pass."""
    case = judged.case
    head = f"{case.conversation.id}: {case.measure}, " + ("not stopped" if case.stop else "held")
    if case.stop:
        return "\n".join([head, *(passed(one) for one in judged.matter(judged.refused))])
    return "\n".join([head, *held(judged.asked)])


def held(decisions: Sequence[remit.Decision]) -> list[str]:
    """Why calls were held back."""
    return [render(one.explain()) for one in decisions if not one]


def passed(decision: remit.Decision) -> str:
    """A call in one line, cut where it is long, and what was said to it."""
    step = decision.step
    args = json.dumps(dict(getattr(step, "args", {})), ensure_ascii=False, default=str)
    text = f"{getattr(step, 'tool', '')}({args[1:-1]})"
    text = text if len(text) <= LONGEST else f"{text[:LONGEST]} ..."
    return f"  {text}\n    {decision}"
