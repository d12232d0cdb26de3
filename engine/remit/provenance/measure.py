"""What the index costs: time and operations for each add and ask, and memory, by messages.

`python -m remit.provenance.measure` prints a table. Times are of this machine and of one run.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import process_time

from remit.provenance.index import Index
from remit.provenance.model import Caps

SIZES = (10, 100, 1_000, 10_000, 100_000)
ASKED = 200  # questions of each kind that are timed
_WORDS = (
    *("account", "address", "agree", "amount", "bank", "book", "check", "city", "confirm"),
    *("customer", "date", "deliver", "email", "file", "flight", "help", "hotel", "invoice", "item"),
    *("message", "money", "need", "number", "order", "pay", "please", "price", "refund", "report"),
    *("room", "send", "thanks", "ticket", "time", "today", "transfer", "update", "user", "week"),
)


@dataclass(frozen=True, slots=True)
class Cost:
    """Microseconds and operations for each, at a number of messages; `size` is the index's own."""

    messages: int
    add: float
    known: float
    unknown: float
    common: float
    quote: float
    work: float
    size: int
    is_cut: bool


def message(number: int) -> str:
    """The text of a message: some 25 words that repeat, and four values that are its own."""
    state, words = number * 2654435761 % 2**32, []
    for _ in range(25):
        state = (state * 1664525 + 1013904223) % 2**32
        words.append(_WORDS[(state >> 16) % len(_WORDS)])
    own = f"ID-{number:06d} person{number}@host{number % 97}.example {number}.50"
    return f"{' '.join(words)} {own} USD"


def measure(sizes: tuple[int, ...] = SIZES, caps: Caps | None = None) -> Iterator[Cost]:
    """The cost at each size, for one conversation that grows from one size to the next."""
    index, at = Index(caps), 0
    for size in sizes:
        spent, first = 0.0, at
        while at < size:
            text = message(at)
            start = process_time()
            index.add(at, text, at % 3)
            spent += process_time() - start
            at += 1
        yield _cost(index, size, spent / (size - first) * 1e6)


def _cost(index: Index, size: int, add: float) -> Cost:
    before = index.work
    recent = [size - 1 - one % min(size, 1000) for one in range(ASKED)]
    known = _timed(lambda one: index.origins_of(f"person{one}@host{one % 97}.example"), recent)
    work = (index.work - before) / ASKED
    return Cost(
        size, add, known,
        _timed(lambda one: index.origins_of(f"nobody{one}@elsewhere.example"), recent),
        _timed(lambda one: index.origins_of("USD"), recent[:20]),
        _timed(lambda one: index.quotes(message(one + 10_000_000)), recent),
        work, index.size, index.is_cut,
    )  # fmt: skip


def _timed(ask: Callable[[int], object], numbers: list[int]) -> float:
    start = process_time()
    for number in numbers:
        ask(number)
    return (process_time() - start) / len(numbers) * 1e6


def table(costs: Iterator[Cost]) -> Iterator[str]:
    """The costs as lines of a table, in microseconds."""
    yield "messages    add  known  absent  common  quotes  ops/ask  index kB  cut"
    for one in costs:
        yield (
            f"{one.messages:8,} {one.add:6.1f} {one.known:6.1f} {one.unknown:7.1f} "
            f"{one.common:7.1f} {one.quote:7.1f} {one.work:8.1f} {one.size // 1024:9,}  "
            f"{'yes' if one.is_cut else 'no'}"
        )


if __name__ == "__main__":
    for row in table(measure()):
        sys.stdout.write(row + "\n")
