"""W1: one tool call against 10 to 10,000 clauses."""

from __future__ import annotations

from collections.abc import Iterator

from remit.bench.arena.engines import CALLS
from remit.bench.arena.measure import Samples
from remit.bench.counts import count_calls
from remit.bench.goals import at_most, growth
from remit.bench.model import Table
from remit.bench.run import Run
from remit.bench.tables import OURS, by_size

SHARES = {
    "cedarpy": 1 / 50, "regorus": 1 / 50, "durable_rules": 1 / 4, "cel": 1 / 15,
    "agent-control-spec": 1 / 80, "invariant": 1 / 4000,
}  # fmt: skip


def named(run: Run) -> Iterator[Table]:
    """Each clause is about one tool of at most 50."""
    yield from _tables(run, "each clause about one tool", named=True)


def unnamed(run: Run) -> Iterator[Table]:
    """No clause names a tool."""
    yield from _tables(run, "no clause names a tool", named=False)


def _tables(run: Run, title: str, *, named: bool) -> Iterator[Table]:
    races: dict[float, dict[str, Samples]] = {}
    sizes = run.sizes(10, 100, 1_000, 10_000, quick=(10, 100))
    for size in sizes:
        races[size] = run.meets(CALLS, f"{size:,} clauses", clauses=size, named=named)
    yield by_size(f"One tool call, {title}: CPU time of a decision", races, "clauses")
    yield count_calls(sizes, named=named)
    if named:
        _note_goals(run, races)


def _note_goals(run: Run, races: dict[float, dict[str, Samples]]) -> None:
    if 100 in races:
        at_most(run, "W1, 100 clauses", races[100], SHARES)
    for most, bound in ((1_000, 1.5), (10_000, 8.0)):
        if most in races and OURS in races[most] and OURS in races[10]:
            what = f"W1, 10 → {most:,} clauses: growth"
            growth(run, what, races[10][OURS], races[most][OURS], bound)
