"""A decision with its record in a ledger: each way to have it on the disk, threads, and a span.

The files are in a folder for passing things, so `each` tells of that disk. What was written is
verified, and counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import remit
from remit.bench import telemetry
from remit.bench.arena import by_remit, calls
from remit.bench.arena.measure import Checked, Local, each
from remit.bench.model import Goal, Table
from remit.bench.run import Run
from remit.bench.tables import in_one
from remit.bench.threads import in_parts
from remit.conversation.model import Step
from remit.hooks.manager import manager
from remit.hooks.tell import Teller
from remit.ledger.sink import Ledger
from remit.ledger.verify import verify
from remit.ledger.write import Sync

DECISION, TOLD = "a decision", "told to nobody"
SPAN, BOTH = "with its span", "with its record (`group`) and its span"
SYNCS: Sequence[Sync] = ("none", "group", "each")
MOST_WAITS = 500  # decisions in a turn, where each waits for the disk
MOST = 20_000  # in any other
LEAST_RATE = 20_000
MOST_SECONDS = 40e-6


def record(sync: Sync) -> str:
    """The name of a decision with its record."""
    return f"with its record (`{sync}`)"


def tables(run: Run) -> Iterator[Table]:
    """Under the clauses of W1."""
    size = 10 if run.quick else 100
    work = calls.workload(size)
    policy = remit.load(by_remit.calls_spec(work))
    steps = [by_remit.call_of(one) for one in work.requests]
    with TemporaryDirectory() as folder, ExitStack() as stack:
        made = _Made(policy, Path(folder), stack)
        run.hold("remit", "ledger", partial(_check, made, steps))
        race = run.race(_acts(made, steps), "ledger")
        yield in_one(f"{size} clauses: CPU time of a decision", race, DECISION)
        least = race[record("none")].median
        if least is not None:
            what = "a decision with its record, all of it"
            run.goals.append(Goal(what, least, MOST_SECONDS, "seconds"))
        pool = stack.enter_context(ThreadPoolExecutor(2))
        race = run.race([_threads(made, pool, sync, steps) for sync in SYNCS], "ledger, threads")
        yield in_one(
            f"{size} clauses, two threads with a session each, one ledger: wall time of a decision",
            race, record("group"),
        )  # fmt: skip
        took = race[record("group")].seconds
        if took:
            what = "decisions with their records (`group`) on two threads, the best turn"
            run.goals.append(Goal(what, 1 / min(took), LEAST_RATE, "per second", most=False))


class _Made:
    """Sessions that are told, with ledgers that end with the benchmark."""

    def __init__(self, policy: remit.Policy, folder: Path, stack: ExitStack) -> None:
        self._policy, self._folder, self._stack = policy, folder, stack
        self._count = 0

    def ledger(self, sync: Sync) -> Ledger:
        """A ledger in a file of its own."""
        self._count += 1
        path = self._folder / f"{self._count}.jsonl"
        return self._stack.enter_context(Ledger(path, sync=sync))

    def session(self, *plugins: object) -> Callable[[Step], remit.Decision]:
        """What decides, and tells plugins."""
        return self._policy.session(tell=Teller(manager(plugins), "bench")).decide

    def plain(self) -> Callable[[Step], remit.Decision]:
        """What decides, and tells nobody."""
        return self._policy.session().decide


def _acts(made: _Made, steps: Sequence[Step]) -> list[Local]:
    acts: dict[str, Callable[[Any], object]] = {DECISION: made.plain(), TOLD: made.session()}
    acts |= {record(sync): made.session(made.ledger(sync)) for sync in SYNCS}
    if not telemetry.missing():
        providers = telemetry.Providers()
        acts[SPAN] = made.session(telemetry.plugin(providers.all))
        acts[BOTH] = made.session(telemetry.plugin(providers.all), made.ledger("group"))
    return [
        Local(name, each(steps, act), most=MOST_WAITS if name == record("each") else MOST)
        for name, act in acts.items()
    ]


def _threads(
    made: _Made, pool: ThreadPoolExecutor, sync: Sync, steps: Sequence[Step]
) -> Local:  # fmt: skip
    ledger = made.ledger(sync)
    prepare = in_parts(pool, [made.session(ledger), made.session(ledger)], steps)
    most = MOST_WAITS if sync == "each" else MOST
    return Local(record(sync), prepare, most=most, clock=perf_counter)


def _check(made: _Made, steps: Sequence[Step]) -> Checked:
    """Each decision is in the ledger, and the ledger is whole."""
    ledger = made.ledger("group")
    decide = made.session(ledger)
    for step in steps:
        decide(step)
    ledger.close()
    found = verify([ledger.path])
    wrong = abs(len(steps) - found.kinds["decision"]) + len(found.findings)
    return Checked(len(steps), wrong, found.findings[0].message if found.findings else "")
