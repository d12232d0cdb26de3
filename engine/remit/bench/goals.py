"""The goals of the suite as ratios; a benchmark notes those that it can speak of."""

from __future__ import annotations

from collections.abc import Mapping

from remit.bench.arena.measure import Samples, ratio
from remit.bench.model import Goal
from remit.bench.run import Run
from remit.bench.tables import OURS


def at_most(run: Run, where: str, race: Mapping[str, Samples], shares: Mapping[str, float]) -> None:
    """Remit's time as a share of a peer's: `{"cedarpy": 1 / 50}`."""
    for peer, share in shares.items():
        if peer in race and OURS in race:
            value = ratio(race[OURS], race[peer])
            if value is not None:
                run.goals.append(Goal(f"{where}: remit over {peer}", value, share))


def growth(run: Run, what: str, least: Samples, most: Samples, bound: float) -> None:
    """How many times the time at the smaller size is needed at the larger one."""
    value = ratio(most, least)
    if value is not None:
        run.goals.append(Goal(what, value, bound))
