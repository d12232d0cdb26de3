"""The one measuring loop: entrants take turns, and ratios are taken within a turn.

What is counted is CPU time of the process that does the work. Entrants alternate, so that a slow
spell of the machine meets them all; a ratio is the median over the turns of the quotient of two
times of the same turn. Everything that is alive when a race begins is kept from the garbage
collector (`gc.freeze`), so that nobody pays for walking the objects of another; the collector
itself runs, for each pays for its own garbage.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from time import process_time
from typing import Protocol, TypeVar

ROUNDS = 7  # turns of a race; the least that the house believes
SECONDS = 0.15  # of CPU for an entrant and turn
PATIENCE = 30.0  # seconds of CPU for an entrant in a whole race; the slowest get fewer turns

T = TypeVar("T")
Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Checked:
    """How many answers were held against the oracle, and how many were wrong."""

    checked: int
    wrong: int
    example: str = ""  # the first wrong one: what was asked, wanted and given


class Entrant(Protocol):
    """An engine set up for a task, here or in another process."""

    name: str
    most: int  # operations that it can do in one turn

    def check(self) -> Checked:
        """Its answers, held against the oracle."""

    def time(self, count: int) -> float:
        """Seconds of CPU for `count` operations; getting ready for them is not counted."""


@dataclass(slots=True)
class Local:
    """An entrant in this process. `prepare` makes ready for some operations, outside the clock.

    No more than `chunk` operations are made ready for at once.
    """

    name: str
    prepare: Callable[[int], Work]
    examine: Callable[[], Checked] = lambda: Checked(0, 0)
    most: int = 1_000_000
    chunk: int = 1_000_000
    clock: Callable[[], float] = process_time

    def check(self) -> Checked:
        """Its answers, held against the oracle."""
        return self.examine()

    def time(self, count: int) -> float:
        """Seconds of CPU for `count` operations."""
        clock, took = self.clock, 0.0
        for done in range(0, count, self.chunk):
            work = self.prepare(min(self.chunk, count - done))
            start = clock()
            work()
            took += clock() - start
        return took


@dataclass(frozen=True, slots=True)
class Samples:
    """Seconds for one operation, of each turn; `count` operations were timed together.

    `failed` says why there are none, or no more.
    """

    seconds: tuple[float, ...]
    count: int = 1
    failed: str = ""

    @property
    def median(self) -> float | None:
        """The median over the turns."""
        return median(self.seconds) if self.seconds else None


def ratio(one: Samples, other: Samples) -> float | None:
    """How many times as long the first takes: the median over the turns that both had."""
    pairs = [a / b for a, b in zip(one.seconds, other.seconds, strict=False) if b > 0]
    return median(pairs) if pairs else None


def told(error: Exception) -> str:
    """What went wrong, in a line."""
    lines = str(error).strip().splitlines() or [""]
    return f"{type(error).__name__}: {lines[0][:200]}"


@dataclass(slots=True)
class _Racer:
    entrant: Entrant
    count: int = 1
    turns: int = ROUNDS
    seconds: list[float] = field(default_factory=list)
    failed: str = ""

    def attempt(self, action: Callable[[], None]) -> None:
        """Do something with the entrant; where it fails, it takes part no longer."""
        try:
            action()
        except Exception as error:  # noqa: BLE001 - a peer may raise anything; the race goes on
            self.failed, self.turns = told(error), 0

    def warm_up(self, rounds: int, seconds: float) -> None:
        """Settle how many operations make a turn, and how many turns there is time for."""
        took, most = self.entrant.time(1), self.entrant.most
        while took < seconds / 4 and self.count < most:
            self.count = min(most, self.count * 4)
            took = self.entrant.time(self.count)
        each = took / self.count
        if each > 0:
            self.count = max(1, min(most, round(seconds / each)))
        self.turns = max(1, min(rounds, int(PATIENCE / max(each * self.count, 1e-9))))

    def turn(self) -> None:
        """One timed turn."""
        self.seconds.append(self.entrant.time(self.count) / self.count)


def race(
    entrants: Sequence[Entrant], rounds: int = ROUNDS, seconds: float = SECONDS,
    tell: Callable[[str], None] = lambda name: None,
) -> Mapping[str, Samples]:  # fmt: skip
    """The times of all entrants, by name. `tell` hears who is at work."""
    racers = [_Racer(one) for one in entrants]
    for racer in racers:
        tell(racer.entrant.name)
        racer.attempt(lambda racer=racer: racer.warm_up(rounds, seconds))  # type: ignore[misc]
    gc.collect()
    gc.freeze()
    try:
        for number in range(rounds):
            start = number % max(1, len(racers))
            for racer in racers[start:] + racers[:start]:
                if number < racer.turns:
                    tell(racer.entrant.name)
                    racer.attempt(racer.turn)
    finally:
        gc.unfreeze()
    return {one.entrant.name: Samples(tuple(one.seconds), one.count, one.failed) for one in racers}


def each(items: Sequence[T], act: Callable[[T], object]) -> Callable[[int], Work]:
    """What `Local.prepare` needs: `act` on as many items as are asked for, over and over."""

    def prepare(count: int) -> Work:
        row = [items[number % len(items)] for number in range(count)]

        def work() -> None:
            for item in row:
                act(item)

        return work

    return prepare
