"""The measuring loop: turns alternate, ratios are of the same turn, a failing entrant drops out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

import pytest

from remit.bench.arena.measure import Checked, Local, Samples, each, race, ratio


class Scripted:
    """An entrant that says how long it took."""

    most = 1

    def __init__(self, name: str, seconds: Callable[[int], float], log: list[str]) -> None:
        self.name, self._seconds, self._log, self._turn = name, seconds, log, count()

    def check(self) -> Checked:
        """Nothing to check."""
        return Checked(0, 0)

    def time(self, wanted: int) -> float:
        """As scripted, for each operation."""
        self._log.append(self.name)
        return self._seconds(next(self._turn)) * wanted


def test_turns_alternate_and_who_begins_changes() -> None:
    """Or the first would always meet what the last left behind."""
    log: list[str] = []
    entrants = [Scripted(name, lambda turn: 1.0, log) for name in "abc"]
    race(entrants, rounds=3, seconds=1.0)
    assert "".join(log[3:]) == "abcbcacab"  # the first three are for warming up


def test_a_ratio_is_of_the_same_turn() -> None:
    """Here the machine is three times as slow in every second turn; the ratio does not see it."""
    log: list[str] = []
    slow = (1.0, 3.0)
    one = Scripted("one", lambda turn: 2 * slow[turn % 2], log)
    other = Scripted("other", lambda turn: slow[turn % 2], log)
    found = race([one, other], rounds=7, seconds=1.0)
    assert ratio(found["one"], found["other"]) == 2.0
    assert len(found["one"].seconds) == 7


def test_an_odd_turn_does_not_count() -> None:
    """The median is what is believed."""
    one, other = Samples((1.0, 1.0, 50.0, 1.0, 1.0)), Samples((0.5,) * 5)
    assert (one.median, ratio(one, other)) == (1.0, 2.0)
    assert ratio(Samples((10.0, 2.0, 3.0)), Samples((1.0, 2.0, 3.0))) == 1.0  # 1.5 by medians
    assert ratio(Samples(()), other) is None
    assert Samples(()).median is None


def test_a_slow_one_gets_fewer_turns() -> None:
    """An hour for the slowest peer would help nobody."""
    found = race([Scripted("slow", lambda turn: 14.0, [])], rounds=7, seconds=0.1)
    assert len(found["slow"].seconds) == 2


def test_one_that_fails_drops_out_and_the_race_goes_on() -> None:
    """What it measured before is kept, with the reason why there is no more."""

    def seconds(turn: int) -> float:
        if turn == 3:
            raise MemoryError("too many\nconversations")
        return 1.0

    found = race([Scripted("bad", seconds, []), Scripted("good", lambda turn: 1.0, [])], 5, 1.0)
    assert found["bad"].failed == "MemoryError: too many"
    assert (len(found["bad"].seconds), len(found["good"].seconds)) == (2, 5)


def _ticks() -> Iterator[float]:
    yield from count()


def test_getting_ready_is_outside_the_clock() -> None:
    """The clock here moves by one each time it is read."""
    ticks = _ticks()
    prepared: list[int] = []

    def prepare(wanted: int) -> Callable[[], object]:
        prepared.append(wanted)
        for _ in range(10):
            next(ticks)
        return lambda: next(ticks)

    local = Local("it", prepare, chunk=4, clock=lambda: next(ticks))
    assert local.time(10) == 3 * 2  # three pieces; in each the work takes one tick, reading another
    assert prepared == [4, 4, 2]


@pytest.mark.parametrize("wanted", [1, 3, 7])
def test_each_does_as_many_as_asked(wanted: int) -> None:
    """Over and over the same items."""
    seen: list[int] = []
    each([1, 2, 3], seen.append)(wanted)()
    assert seen == [1, 2, 3, 1, 2, 3, 1][:wanted]
