"""The page on hooks tells each hook as it is; the template plugin installs and runs."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from remit import Message
from remit.hooks import specs
from remit.hooks.events import POINTS, Verdict, strictest
from remit.host.guard import Guard

DOCS = Path(__file__).resolve().parents[2] / "docs"
TEMPLATE = DOCS / "examples" / "plugin"
START, END = "<!-- hooks -->", "<!-- /hooks -->"


def _hooks() -> dict[str, object]:
    return {name: one for name, one in vars(specs).items() if hasattr(one, "remit_spec")}


def _row(name: str, hook: object) -> str:
    """A line of the table: the hook, what it gets, the first sentence of its contract."""
    assert callable(hook)
    given = ", ".join(inspect.signature(hook).parameters)
    doc = (inspect.getdoc(hook) or "").split("\n\n")[0].replace("\n", " ")
    return f"| `{name}({given})` | {doc} |"


def test_the_page_tells_each_hook(request: pytest.FixtureRequest) -> None:
    """In the order of the file; `pytest --update` writes the table."""
    page = DOCS / "hooks.md"
    text = page.read_text("utf-8")
    rows = [_row(name, hook) for name, hook in _hooks().items()]
    table = "\n".join(["", "| hook | contract |", "|---|---|", *rows, ""])
    before, _, rest = text.partition(START)
    told, _, after = rest.partition(END)
    if told != table and request.config.getoption("--update"):
        page.write_text(f"{before}{START}{table}{END}{after}", "utf-8")
        return
    assert told == table


def test_every_point_is_a_hook_of_a_guard() -> None:
    """Those of AGENT-HOOKS, and `handoff`."""
    points = [name for name in _hooks() if not name.startswith("remit_")]
    assert sorted(points) == sorted(POINTS)
    assert all(hasattr(getattr(Guard, name), "remit_impl") for name in POINTS)


def test_the_strictest_verdict_counts() -> None:
    """Of several plugins; two that change differently cannot both be followed."""
    allow, ask, deny = Verdict("allow"), Verdict("ask"), Verdict("deny")
    halt = Verdict("deny", scope="run")
    one, other = (Verdict("transform", (Message("user", text),)) for text in "ab")
    assert strictest([allow, None, ask, halt, deny]) is halt
    assert strictest([allow, one, one]) == one
    assert strictest([one, other]).kind == "deny"
    assert strictest([]).kind == strictest([None]).kind == "deny"


# ---- the template

RUN = """
import remit
from remit.conversation.read import conversation_from
from remit.hooks.events import Event
from remit.hooks.provided import importers_of
from remit.host.guard import Guard
import remit_acme

policy = remit.load('''
spec s
author developer
tool pay(amount: number)
setting most: number default 1000
clause pay.most
  forbid call pay where amount > most
clause pay.asked
  forbid call pay where amount > 100
  otherwise ask manager
clause calm
  forbid message from user where text judged "is shouted" by acme_style
directive thrift
  heard "be thrifty"
  set most = 50
''')
guard = Guard(policy, installed=True)
gate = guard.gate("c1")

def pay(amount):
    event = Event("pre_tool_call", (remit.Call("pay", {"amount": amount}),))
    return bool(gate.settle(event, gate.decide(event)))

def says(text):
    return bool(gate.decide(Event("input", (remit.Message("user", text),))))

print([pay(200), pay(400), says("HELLO"), says("mind the budget"), pay(60)])
print(len(remit_acme.HELD))
made, found = conversation_from({"id": "7", "lines": [["user", "hi"]]}, format="acme",
                                readers=importers_of(guard.plugins))
print(made.id, found)
print(conversation_from({}, format="acme", readers=importers_of(guard.plugins))[1][0].message)
print(conversation_from({}, format="acne", readers=importers_of(guard.plugins))[1][0].help[:20])
"""


def _install(folder: Path) -> None:
    """What `pip install` leaves: the module and what it declares. Without a network, and quick."""
    project = tomllib.loads((TEMPLATE / "pyproject.toml").read_text("utf-8"))["project"]
    [module] = project["entry-points"]["remit"].values()
    (folder / f"{module}.py").write_text((TEMPLATE / f"{module}.py").read_text("utf-8"), "utf-8")
    info = folder / f"{module}-{project['version']}.dist-info"
    info.mkdir()
    head = f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    (info / "METADATA").write_text(head)
    (info / "RECORD").write_text("")
    rows = [f"{name} = {value}" for name, value in project["entry-points"]["remit"].items()]
    (info / "entry_points.txt").write_text("\n".join(["[remit]", *rows, ""]))


def test_the_template_runs(tmp_path: Path) -> None:
    """Found by its entry point: a judge, an ear, an approver, a sink and a format."""
    _install(tmp_path)
    path = ":".join([str(tmp_path), *sys.path])
    done = subprocess.run(
        [sys.executable, "-c", RUN], env={"PYTHONPATH": path, "PATH": "", "REMIT_CACHE": "off"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "[True, False, False, True, False]", "4", "7 []", "the log has no `lines`",
        "did you mean `acme`?",
    ]  # fmt: skip


def test_a_format_of_a_plugin_on_the_command_line(tmp_path: Path) -> None:
    """`remit judge --format` finds it; what no plugin has is said."""
    _install(tmp_path)
    log = tmp_path / "log.json"
    log.write_text(json.dumps({"id": "7", "lines": [["user", "hi"]]}))
    spec = tmp_path / "s.spec"
    spec.write_text("spec s\nauthor developer\nclause c\n  forbid call\n")
    path = ":".join([str(tmp_path), *sys.path])
    for form, code in (("acme", 0), ("acne", 2)):
        command = ["judge", str(log), "--spec", str(spec), "--format", form]
        done = subprocess.run(
            [sys.executable, "-m", "remit", *command], capture_output=True, text=True, check=False,
            env={"PYTHONPATH": path, "PATH": "", "REMIT_CACHE": "off"},
        )  # fmt: skip
        assert done.returncode == code, done.stderr
    assert "there is no format `acne`" in done.stderr
