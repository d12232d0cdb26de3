"""What is counted, not timed: the same on every machine, and free of noise.

A short replay, after the times were taken and on a policy of its own, so that counting costs no
decision anything. Clauses tried are the norms whose condition is asked; characters scanned are
what regular expressions are run over; instructions are the interpreter's own.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

import remit
from remit.bench.arena import by_remit, calls, texts
from remit.bench.model import Table
from remit.bench.tables import plain
from remit.conversation.model import Step
from remit.program.view import View

REPLAYED = 50  # decisions
WARM = 4  # times that each step was seen before it counts: code is made when it pays


@dataclass(frozen=True, slots=True)
class Counts:
    """Sums over the decisions of a replay."""

    clauses: int
    instructions: int


def replay(policy: remit.Policy, steps: Sequence[Step]) -> Counts:
    """What the decisions of one conversation do, once all that is made lazily was made."""
    session = policy.session()
    for step in (*steps,) * WARM:
        session.decide(step)
    return Counts(
        sum(_tried(policy, step) for step in steps),
        sum(instructions(session.decide, step) for step in steps),
    )


def scanned(load: Callable[[], remit.Policy], steps: Sequence[Step]) -> int:
    """How many characters regular expressions are run over for some decisions."""
    with _counting_scans() as counts:
        session = load().session()
        for step in steps:
            session.decide(step)
        counts.clear()
        for step in steps:
            session.decide(step)
        return sum(counts)


def _tried(policy: remit.Policy, step: Step) -> int:
    program = policy.ground.program
    view = View(step, program.known, {})
    return len(program.bucket(view).narrowed(view).rules)


@contextmanager
def _counting_scans() -> Iterator[list[int]]:
    """Within it, what is compiled by re2 notes how much it scans."""
    import re2

    from remit.text import finders, patterns

    counts: list[int] = []
    caches = [one for module in (finders, patterns) for one in vars(module).values()
              if hasattr(one, "cache_clear")]  # fmt: skip
    before = {name: getattr(re2, name) for name in _MAKERS if hasattr(re2, name)}
    for cache in caches:
        cache.cache_clear()
    finders.forget()
    for name, maker in before.items():
        setattr(re2, name, _Making(maker, counts))
    try:
        yield counts
    finally:
        for name, maker in before.items():
            setattr(re2, name, maker)
        for cache in caches:
            cache.cache_clear()
        finders.forget()


_MAKERS = ("compile", "Set", "Filter")  # of patterns, sets and filters
_SCANS = ("search", "match", "fullmatch", "finditer", "findall", "Match")


class _Making:
    """What makes something of re2, itself or by a method; the scans of what it makes count."""

    def __init__(self, inner: Any, counts: list[int]) -> None:
        self._inner, self._counts = inner, counts

    def __call__(self, *given: Any) -> Any:
        return _Counting(self._inner(*given), self._counts)

    def __getattr__(self, name: str) -> Any:
        return _Making(getattr(self._inner, name), self._counts)


class _Counting:
    """Something compiled, whose scans are counted."""

    def __init__(self, inner: Any, counts: list[int]) -> None:
        self._inner, self._counts = inner, counts

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if name not in _SCANS:
            return found

        def scan(text: Any, *more: Any, **named: Any) -> Any:
            self._counts.append(len(text))
            return found(text, *more, **named)

        return scan


def instructions(decide: Callable[[Step], object], step: Step) -> int:
    """How many instructions of Python a decision takes."""
    seen = 0

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal seen
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        seen += event == "opcode"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        decide(step)
    finally:
        sys.settrace(before)
    return seen


def count_calls(sizes: Sequence[int], *, named: bool) -> Table:
    """W1: what Remit does for a decision."""
    rows = {}
    for size in sizes:
        work = calls.workload(size, named, REPLAYED)
        steps = [by_remit.call_of(one) for one in work.requests]
        found = replay(by_remit.loaded(by_remit.calls_spec(work)), steps)
        rows[f"{size:,}"] = (found.clauses / REPLAYED, found.instructions / REPLAYED)
    columns = ("clauses tried", "instructions")
    return plain("What a decision of Remit does", "clauses", columns, rows)


def count_texts(sizes: Sequence[int], characters: int) -> Table:
    """W3: what Remit does for a decision on a text of that length."""
    rows = {}
    for size in sizes:
        work = texts.workload(size, characters)
        spec, step = by_remit.texts_spec(work), remit.Message("assistant", work.text)
        found = replay(by_remit.loaded(spec), [step])
        scans = scanned(lambda spec=spec: remit.load(spec), [step])  # type: ignore[misc]
        rows[f"{size:,}"] = (found.clauses, scans, found.instructions)
    columns = ("clauses tried", "characters scanned", "instructions")
    title = f"What a decision of Remit does, {characters:,} characters"
    return plain(title, "patterns", columns, rows)
