"""`remit bench tau2`: the pack `remit.tau2` on tasks and runs that are given by path."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import remit
from remit.bench.field.tau2.case import Case
from remit.bench.field.tau2.judge import judge
from remit.bench.field.tau2.read import Unreadable, cases
from remit.bench.field.tau2.tally import Count
from remit.bench.model import Table
from remit.bench.run import Run
from remit_grammar.source import Source

DESKS = ("airline", "retail", "telecom")
ENDINGS = (".jsonl", ".jsonl.zst", ".jsonl.gz", ".json")


def tables(run: Run) -> Iterator[Table]:
    """By desk and measure; the misses go to the run."""
    files = [one for path in run.paths for one in _files(path)]
    if not files:
        run.missing["tasks and runs of tau2-bench"] = "name files of them, or a folder"
        return
    count = Count()
    for at, path in enumerate(files):
        for case in _cases(run, path, at / len(files), 1 / len(files)):
            policy = policy_of(case.desk)
            if policy is not None:
                count.take(judge(policy, case))
    if not count.judged:
        run.notes.append("nothing in these files is a case: there is no task, and no scored run")
        return
    run.checked = len(count.judged)
    run.goals += count.goals()
    run.misses += count.misses(run.most_misses)
    yield from count.tables()


def _files(path: Path) -> list[Path]:
    """A file, or those of a folder that may hold runs, in order."""
    if not path.is_dir():
        return [path]
    return sorted(one for one in path.rglob("*") if one.name.endswith(ENDINGS) and one.is_file())


def _cases(run: Run, path: Path, before: float, part: float) -> Iterator[Case]:
    """The cases of a file, telling how far it is; one that cannot be read is a problem."""
    tools = {f"tau2/{desk}": frozenset(_tools(f"tau2/{desk}")) for desk in DESKS}
    try:
        for case, share in cases(path, tools, writes_of):
            run.tell(path.name, before + part * share)
            if isinstance(case, str):
                run.problems.append(case)
            elif case is not None:
                yield case
    except Unreadable as error:
        run.problems.append(str(error))


@cache
def policy_of(desk: str) -> remit.Policy | None:
    """The pack's policy for a desk. The first edition has the desks that the second one has."""
    name = desk.partition("/")[2]
    if name not in DESKS:
        return None
    text = f"spec bench.{name}\nauthor developer\nextends remit.tau2.{name}\n"
    return remit.load(Source(f"{name}.spec", text))


def _tools(desk: str) -> dict[str, frozenset[str]]:
    """The tools of a desk, with their effects."""
    policy = policy_of(desk)
    tools = policy.checked.tools if policy else {}
    return {name: one.effects or frozenset() for name, one in tools.items()}


def writes_of(desk: str) -> frozenset[str]:
    """The tools of a desk that write."""
    return frozenset(name for name, effects in _tools(desk).items() if "writes" in effects)
