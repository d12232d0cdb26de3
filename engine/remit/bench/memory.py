"""Memory: of 10,000 clauses beside the peers, and of one session as it grows."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from types import BuiltinFunctionType, FunctionType, ModuleType

import remit
from remit.bench.arena.engines import CALLS
from remit.bench.arena.measure import told
from remit.bench.history import Watcher
from remit.bench.kinds import KINDS, happens, probe
from remit.bench.model import Column, Goal, Row, Table
from remit.bench.run import Run

SESSION = 50e6  # bytes that a session of 100,000 messages may take
_BY_NAME = {kind.name: kind for kind in KINDS}
_SAME = ("step made", "new session")  # forms that hold what another holds
_CODE = (ModuleType, FunctionType, BuiltinFunctionType, type)


def tables(run: Run) -> Iterator[Table]:
    """The policies, then the sessions."""
    yield _policies(run)
    yield from _sessions(run)


def _policies(run: Run) -> Table:
    size = 100 if run.quick else 10_000
    found: dict[str, float] = {}
    for engine in run.engines(CALLS):
        for form in engine.forms_of(CALLS):
            if form.endswith(_SAME):
                continue
            run.tell(f"memory of {size:,} clauses: {form}")
            try:
                with run.process(engine) as process:
                    asked = {"engine": engine.name, "form": form, "parameters": {"clauses": size}}
                    found[form] = process.ask(do="hold", **asked)["bytes"]
            except RuntimeError as error:
                run.notes.append(f"{form}, memory: {told(error)}")
    cedar = found.get("cedarpy")
    rows = [Row(name, (size_, size_ / cedar if cedar else None)) for name, size_ in found.items()]
    for ours in ("remit", "remit, from the store"):
        if cedar and ours in found and not run.quick:
            what = f"memory of {size:,} clauses: {ours} over cedarpy"
            run.goals.append(Goal(what, found[ours] / cedar, 1 / 5))
    columns = (Column("memory", "bytes"), Column("over cedarpy", "times"))
    title = f"{size:,} clauses: what a process grows by when it loads them and decides 500 requests"
    return Table(title, "engine", columns, tuple(rows))


def _sessions(run: Run) -> Iterator[Table]:
    """Each kind in a process of its own, which holds as many sessions as make a difference."""
    sizes = run.sizes(10, 100, 1_000, 10_000, 100_000, quick=(10, 100))
    kinds = KINDS[-1:] if run.quick else KINDS
    rows = []
    for kind in kinds:
        run.tell(f"memory of a session: {kind.name}")
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            found = pool.submit(grow, kind.name, sizes).result()
        rows.append(Row(kind.name, tuple(value for pair in found for value in pair)))
        if sizes[-1] == 100_000:
            what = f"memory of a session of 100,000 messages, {kind.name}"
            run.goals.append(Goal(what, found[-1][0], SESSION, "bytes"))
    columns = [
        column for size in sizes
        for column in (Column(f"{size:,}", "bytes", size), Column(f"{size:,}, saved", "bytes"))
    ]  # fmt: skip
    yield Table("One session: the objects that it holds, and its bytes when saved", "rule",
                tuple(columns), tuple(rows), "messages")  # fmt: skip


def grow(name: str, sizes: Sequence[int]) -> list[tuple[int, int]]:
    """For each size the bytes of a session of that length, and of what `save` makes of it."""
    policy = remit.load(_BY_NAME[name].spec)
    watcher, number, found = Watcher(policy), 0, list[tuple[int, int]]()
    for size in sizes:
        while number < size:
            watcher.observe(happens(number))
            number += 1
        watcher.decide(probe(size, at=happens(size).time or 0.0))
        found.append((held(watcher.session, policy), len(watcher.session.save())))
    return found


def held(root: object, without: object) -> int:
    """Bytes of all objects that are reached from one and not from the other; code is left out."""
    import sys

    seen = {id(one) for one in _reached(without, set())}
    return sum(sys.getsizeof(one) for one in _reached(root, seen))


def _reached(root: object, seen: set[int]) -> Iterator[object]:
    todo = [root]
    while todo:
        one = todo.pop()
        if id(one) in seen or isinstance(one, _CODE):
            continue
        seen.add(id(one))
        yield one
        todo.extend(gc.get_referents(one))
