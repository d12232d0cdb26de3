"""Counts that are read when metrics are collected: counting costs a decision next to nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from threading import Lock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opentelemetry.metrics import CallbackOptions, Observation

MOST = 20_000  # different things that are counted apart
OTHER = "other"


class Tally:
    """Counts by the values of some attributes, in the order in which `names` names them."""

    def __init__(self, *names: str) -> None:
        self._names = names
        self._counts: Counter[tuple[str, ...]] = Counter()
        self._lock = Lock()

    def add(self, *values: str, count: int = 1) -> None:
        """Count something."""
        self.add_each([values], count)

    def add_each(self, every: Iterable[tuple[str, ...]], count: int = 1) -> None:
        """Count several things."""
        with self._lock:
            for values in every:
                if values not in self._counts and len(self._counts) >= MOST:
                    values = (OTHER,) * len(self._names)
                self._counts[values] += count

    def observe(self, options: CallbackOptions) -> Iterator[Observation]:
        """Every count, for a metric reader."""
        from opentelemetry.metrics import Observation

        with self._lock:
            counts = list(self._counts.items())
        for values, count in counts:
            attributes: dict[str, Any] = dict(zip(self._names, values, strict=True))
            yield Observation(count, attributes)
