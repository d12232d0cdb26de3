"""Loading: from the text of the rules, and from a stored policy, to what decides."""

from __future__ import annotations

from collections.abc import Iterator

from remit.bench.arena.engines import LOADS
from remit.bench.arena.measure import Samples, ratio
from remit.bench.model import Goal, Table
from remit.bench.run import Run
from remit.bench.tables import OURS, by_size

STORED = "remit, from the store"


def tables(run: Run) -> Iterator[Table]:
    """The rules of W1."""
    races: dict[float, dict[str, Samples]] = {}
    for size in run.sizes(100, 1_000, 10_000, quick=(10, 100)):
        races[size] = run.meets(LOADS, f"loading {size:,} clauses", clauses=size)
    yield by_size("From the text of the rules to what decides: CPU time", races, "clauses")
    race = races.get(1_000, {})
    for ours, bound in ((OURS, 8.0), (STORED, 1 / 20)):
        if ours in race and "cedarpy" in race:
            share = ratio(race[ours], race["cedarpy"])
            if share is not None:
                run.goals.append(Goal(f"1,000 clauses: {ours} over cedarpy's text", share, bound))
