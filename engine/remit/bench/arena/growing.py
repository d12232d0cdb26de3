"""Conversations of a given length, each measured over a few steps more.

Short conversations are grown afresh for every few operations, outside the clock. One is at most a
tenth longer after its operations than before.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from .measure import Checked, Local, Work

T_contra = TypeVar("T_contra", contravariant=True)
S = TypeVar("S")
LARGE = 10_000  # from so many messages on, one conversation goes on from turn to turn
FEW = 20  # operations that are timed together where conversations are short


class Monitor(Protocol[T_contra]):
    """One conversation under an engine."""

    def observe(self, event: T_contra, /) -> object:
        """A step that happened."""

    def decide(self, event: T_contra, /) -> bool:
        """Whether a step must not happen. Where it may, it has happened."""


def entrant(
    name: str, messages: int, start: Callable[[], Monitor[S]], happens: Callable[[int], S],
    probe: Callable[[int], S], examine: Callable[[], Checked], conversations: int = 1_000_000,
) -> Local:  # fmt: skip
    """An operation is one more message and a probe behind it.

    `happens` and `probe` give the messages and probes by number. `conversations` is how many the
    engine can hold in a turn.
    """
    block = max(1, messages // 10)
    grown = _grower(messages, start, happens)
    kept: list[Monitor[S]] = []

    def prepare(count: int) -> Work:
        if messages < LARGE:
            kept.clear()
        while len(kept) * block < count:
            kept.append(grown())
        steps = [(happens(messages + one), probe(one)) for one in range(min(block, count))]
        return _work([(one, *step) for one in kept for step in steps][:count])

    most = block * conversations if messages < LARGE else block // 10
    chunk = max(FEW, block)
    return Local(name, prepare, examine, max(1, most), chunk=chunk)


def _grower(
    messages: int, start: Callable[[], Monitor[S]], happens: Callable[[int], S]
) -> Callable[[], Monitor[S]]:
    def grown() -> Monitor[S]:
        monitor = start()
        for number in range(messages):
            monitor.observe(happens(number))
        return monitor

    return grown


def _work(jobs: list[tuple[Monitor[S], S, S]]) -> Work:
    def work() -> None:
        for monitor, more, asked in jobs:
            monitor.observe(more)
            monitor.decide(asked)

    return work
