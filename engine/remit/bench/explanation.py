"""What it costs to read a decision: explanations are made when they are read, not before."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import remit
from remit.bench.arena import by_remit, calls
from remit.bench.arena.measure import Local, each
from remit.bench.model import Table
from remit.bench.run import Run
from remit.bench.tables import in_one
from remit_grammar.diagnostic import render

BARE = "decide"
READINGS: dict[str, Callable[[remit.Decision], object]] = {
    BARE: lambda decision: decision,
    "decide, its fields read": lambda decision: (
        decision.decided_by, decision.defeated, decision.unknown, decision.advice,
    ),
    "decide, one line of text": str,
    "decide, the record": lambda decision: decision.to_json(),
    "decide, explained in full": lambda decision: render(decision.explain()),
}  # fmt: skip


def tables(run: Run) -> Iterator[Table]:
    """Under the clauses of W1, on steps that are denied by a clause."""
    size = 10 if run.quick else 100
    work = calls.workload(size)
    decide = remit.load(by_remit.calls_spec(work)).session().decide
    denied = [one for one in work.requests if calls.oracle(work, one) == "deny"]
    steps = [by_remit.call_of(one) for one in denied]
    entrants = [
        Local(name, each(steps, lambda step, read=read: read(decide(step))))  # type: ignore[misc]
        for name, read in READINGS.items()
    ]
    run.check(calls.entrant("remit", work, by_remit.calls(work)), "explanation")
    race = run.race(entrants, "explanation")
    yield in_one(f"{size} clauses, a call that one of them denies: CPU time", race, BARE)
