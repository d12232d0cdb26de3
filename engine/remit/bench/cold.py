"""Cold start: from a new interpreter to the first decision under 100 clauses."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile

from remit.bench.arena import by_cedarpy, by_regorus, by_remit, calls
from remit.bench.arena.measure import Checked, Samples
from remit.bench.model import Column, Goal, Row, Table
from remit.bench.run import Run
from remit.bench.tables import span

BARE = "a bare interpreter"
STORED = "remit, from the store"
_DECIDE = """
decision = policy.session().decide(remit.Call("tool_0", {}, context={"principal": "admin"}))
assert not decision
"""
_JUDGE = """
import sys
from remit.cli import main
sys.argv = ["remit", "judge", "-q", "chat.json", "--spec", "calls.remit"]
main()
"""
_CEDAR = """
import json, cedarpy
policies = cedarpy.PolicySet.from_str(open("calls.cedar").read())
entities = cedarpy.Entities.from_json_str("[]")
request = {"principal": {"type": "User", "id": "u"}, "action": {"type": "Action", "id": "tool_0"},
           "resource": {"type": "C", "id": "c"}, "context": {"args": {"amount": 1, "path": "/"}}}
assert cedarpy.is_authorized(request, policies, entities).decision.value == "Deny"
"""
_REGO = """
from regorus import Engine
engine = Engine()
engine.set_policy_length_config(max_col=1000, max_file_bytes=1 << 28, max_lines=10_000_000)
engine.add_policy("calls.rego", open("calls.rego").read())
args = {"amount": 1, "path": ""}
engine.set_input({"tool": "tool_0", "principal": {"role": "none"}, "args": args})
assert engine.eval_rule("data.bench.decision") == "default"
"""
# A name, the module that must be there, and the program.
PROGRAMS: Mapping[str, tuple[str, str]] = {
    BARE: ("", "pass"),
    "import remit": ("", "import remit"),
    "remit, from text": ("", f'import remit\npolicy = remit.load("calls.spec"){_DECIDE}'),
    STORED: ("", f'import remit\npolicy = remit.load("calls.remit"){_DECIDE}'),
    "remit judge, from the store": ("", _JUDGE),
    "import cedarpy": ("cedarpy", "import cedarpy"),
    "cedarpy": ("cedarpy", _CEDAR),
    "import regorus": ("regorus", "import regorus"),
    "regorus": ("regorus", _REGO),
    "import durable.lang": ("durable", "import durable.lang"),
    "import cel": ("cel", "import cel"),
    "import lark": ("lark", "import lark"),
}  # fmt: skip


@dataclass(slots=True)
class _Program:
    """A program in an interpreter of its own; its time is what the system says that it used."""

    name: str
    text: str
    folder: str
    most: int = 1

    def check(self) -> Checked:
        """The programs hold their assertions, and a failing one is no entrant."""
        return Checked(0, 0)

    def time(self, count: int) -> float:
        """Seconds of CPU of one run."""
        path = os.pathsep.join(one for one in sys.path if one)
        environment = {**os.environ, "PYTHONPATH": path}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # who starts again and again has the files
        with TemporaryFile() as errors:
            process = subprocess.Popen(
                [sys.executable, "-c", self.text], cwd=self.folder, env=environment,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors,
            )  # fmt: skip
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            errors.seek(0)
            said = errors.read().decode("utf-8", "replace").strip()
        if process.returncode:
            raise RuntimeError(said.splitlines()[-1] if said else "it failed without a word")
        return used.ru_utime + used.ru_stime


def tables(run: Run) -> Iterator[Table]:
    """CPU time over a bare interpreter; each program was run once before, for its `.pyc` files."""
    if not hasattr(os, "wait4"):
        run.notes.append("cold start: this system does not tell what a process used")
        return
    clauses = 10 if run.quick else 100
    with TemporaryDirectory() as folder:
        _write(Path(folder), clauses)
        programs = [
            _Program(name, text, folder) for name, (module, text) in PROGRAMS.items()
            if _is_there(run, name, module)
        ]  # fmt: skip
        race = run.race(programs, "cold start")
    yield _table(race, clauses)
    _note_goals(run, race)


def _is_there(run: Run, name: str, module: str) -> bool:
    found = not module or find_spec(module) is not None
    if not found:
        run.missing[name] = f"no module `{module}`"
    return found


def _write(folder: Path, clauses: int) -> None:
    work = calls.workload(clauses)
    (folder / "calls.spec").write_text(by_remit.calls_spec(work), "utf-8")
    (folder / "calls.cedar").write_text(by_cedarpy.calls_text(work), "utf-8")
    (folder / "calls.rego").write_text(by_regorus.calls_text(work), "utf-8")
    (folder / "chat.json").write_text('{"messages": [{"role": "user", "content": "hi"}]}', "utf-8")
    (folder / "calls.remit").write_bytes(by_remit.stored(work))


def _over(race: Mapping[str, Samples], name: str) -> list[float]:
    """Seconds over the bare interpreter, turn by turn."""
    return [one - bare for one, bare in zip(race[name].seconds, race[BARE].seconds, strict=False)]


def _middle(values: list[float]) -> float | None:
    return sorted(values)[len(values) // 2] if values else None


def _table(race: Mapping[str, Samples], clauses: int) -> Table:
    columns = ("CPU time", "over a bare interpreter", "least", "most")
    rows = [
        Row(name, (one.median, _middle(_over(race, name)), *span(one)), {columns[0]: one.seconds})
        for name, one in race.items()
    ]
    title = f"From a new interpreter to the first decision under {clauses} clauses"
    return Table(title, "program", tuple(map(Column, columns)), tuple(rows))


def _note_goals(run: Run, race: Mapping[str, Samples]) -> None:
    ours = _middle(_over(race, STORED)) if STORED in race else None
    if ours is None:
        return
    run.goals.append(Goal("cold start from the store", ours, 0.060, "seconds"))
    cedar = _middle(_over(race, "cedarpy")) if "cedarpy" in race else None
    if cedar:
        run.goals.append(Goal("cold start from the store over cedarpy", ours / cedar, 1.0))
