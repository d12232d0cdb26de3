"""One and two threads, and an event loop: wall time of a decision, by the clock on the wall.

Python runs one thread of it at a time, so that two threads can at best be as fast as one. What
shows here is what taking turns costs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from time import perf_counter

import remit
from remit.bench.arena import by_remit, calls
from remit.bench.arena.measure import Checked, Local, Work
from remit.bench.model import Table
from remit.bench.run import Run
from remit.bench.tables import in_one
from remit.conversation.model import Step

ONE = "one thread"
Decide = Callable[[Step], object]


def tables(run: Run) -> Iterator[Table]:
    """Under the clauses of W1."""
    size = 10 if run.quick else 100
    work = calls.workload(size)
    policy = remit.load(by_remit.calls_spec(work))
    steps = [by_remit.call_of(one) for one in work.requests]
    shared = policy.session().decide
    with ThreadPoolExecutor(2) as pool, asyncio.Runner() as loop:
        loop.run(asyncio.sleep(0))
        preparations = {
            ONE: _one(policy.session().decide, steps),
            "two threads, a session each": in_parts(
                pool, [policy.session().decide, policy.session().decide], steps
            ),
            "two threads, one session": in_parts(pool, [shared, shared], steps),
            "an event loop, one after the other": _loop(loop, [policy.session()], steps),
            "an event loop, ten sessions at once": _loop(
                loop, [policy.session() for _ in range(10)], steps
            ),
        }
        entrants = [_entrant(name, one) for name, one in preparations.items()]
        run.hold("remit", "two threads", partial(_check, policy, work, pool))
        race = run.race(entrants, "threads")
    yield in_one(f"{size} clauses: wall time of a decision", race, ONE)


def _entrant(name: str, prepare: Callable[[int], Work]) -> Local:
    return Local(name, prepare, clock=perf_counter)


def _row(steps: Sequence[Step], count: int) -> list[Step]:
    return [steps[number % len(steps)] for number in range(count)]


def _all(decide: Decide, steps: Sequence[Step]) -> None:
    for step in steps:
        decide(step)


def _one(decide: Decide, steps: Sequence[Step]) -> Callable[[int], Work]:
    def prepare(count: int) -> Work:
        row = _row(steps, count)
        return lambda: _all(decide, row)

    return prepare


def in_parts(
    pool: ThreadPoolExecutor, decides: Sequence[Decide], steps: Sequence[Step]
) -> Callable[[int], Work]:
    """What `Local.prepare` needs: some steps, a part of them for each of those who decide."""

    def prepare(count: int) -> Work:
        row = _row(steps, count)
        halves = [row[number :: len(decides)] for number in range(len(decides))]
        return lambda: list(pool.map(_all, decides, halves))

    return prepare


def _loop(
    loop: asyncio.Runner, sessions: Sequence[remit.Session], steps: Sequence[Step]
) -> Callable[[int], Work]:
    async def one(session: remit.Session, row: Sequence[Step]) -> None:
        for step in row:
            await session.adecide(step)

    async def all_of(row: Sequence[Step]) -> None:
        parts = [row[number :: len(sessions)] for number in range(len(sessions))]
        await asyncio.gather(*map(one, sessions, parts))

    def prepare(count: int) -> Work:
        row = _row(steps, count)
        return lambda: loop.run(all_of(row))

    return prepare


def _check(policy: remit.Policy, work: calls.Calls, pool: ThreadPoolExecutor) -> Checked:
    """Answers of two threads that share a session, held against the oracle."""
    decide = policy.session().decide
    given = pool.map(lambda one: by_remit.answer(decide(by_remit.call_of(one))), work.requests)
    pairs = zip(work.requests, given, strict=True)
    wrong = [str(one) for one, answer in pairs if answer != calls.oracle(work, one)]
    return Checked(len(work.requests), len(wrong), wrong[0] if wrong else "")
