"""What `import remit` and a decision load. Layers between modules are import-linter's business."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import remit

HEAVY = ["lark", "networkx", "pydantic", "pydantic_core", "click", "rich", "opentelemetry"]
LAZY = [*HEAVY, "importlib.metadata", "zstandard", "asyncio", "jsonschema"]

UNUSED = [  # by a decision on a policy without patterns, directives, settings or a past
    "remit_grammar.diagnostic", "remit_grammar.codes", "remit_grammar.read", "remit.checked.model",
    "remit.checked.from_tree", "remit.graph.model", "remit.graph.opposition", "remit.program.quick",
    "remit.program.survey", "remit.program.domain", "remit.program.watches", "remit.provenance",
    "remit.program.functions", "remit.text.patterns", "remit.text.shell", "remit.text.mail", "re2",
    "remit.state.hear", "remit.state.sayings", "remit.state.fold", "remit.state.save",
    "remit.conversation.decode", "remit.store.more", "remit.store.write", "remit.verdict.explain",
    "remit.verdict.changes", "pathlib", "hashlib", "threading", "logging", "email", "fractions",
    "dataclasses", "inspect", "ast",
]  # fmt: skip
LOADED = "import sys; print(*sorted(sys.modules))"

# Forbidden modules are set to None before the decision: importing one then raises.
DECIDE = """
import sys
import remit
from remit.conversation.model import Call

policy = remit.load('''
spec house.test
author developer
clause no_refunds
  forbid call refund
  otherwise deny
''')
for name in [name for name in sys.modules if name.partition(".")[0] in {heavy}]:
    del sys.modules[name]
for name in {heavy}:
    sys.modules[name] = None
session = policy.session()
for tool in ("refund", "search"):
    decision = session.decide(Call(tool=tool))
    print(decision.verdict, bool(decision))
"""


def test_importing_is_light() -> None:
    """A host imports `remit` at start-up; compilers and terminals come when they are used."""
    before = set(_run(LOADED).split())
    after = set(_run("import remit; " + LOADED).split())
    assert "remit" in after
    assert not sorted(name for name in after - before if _is_any(name, LAZY))


def test_deciding_is_light() -> None:
    """A decision needs no compiler, no graph library and no models, even the first one."""
    out = _run(DECIDE.replace("{heavy}", repr(set(HEAVY))))
    assert out.split("\n")[:2] == ["deny False", "allow True"]


COMPILED = """
import remit

assert remit.load("spec acme\\nauthor user\\nclause a\\n  forbid call x\\n")
"""


def test_compiling_without_a_mistake_is_light() -> None:
    """Lark is for who changes the grammar, and a graph library for circles and pictures."""
    after = _run(COMPILED + "\n" + LOADED).split()
    assert not sorted(name for name in after if _is_any(name, HEAVY))


STORED = """
import remit

policy = remit.load({path!r})
assert policy.session().decide(remit.Call("refund", {{"amount": 350}})).verdict == "deny"
"""


def test_deciding_on_a_stored_policy_loads_only_that(tmp_path: Path) -> None:
    """No compiler, and nothing of what only other policies need: it is what starting up takes."""
    path = tmp_path / "acme.remit"
    text = "spec acme\nauthor user\ntool refund(amount: number)\ndefault deny for call\n"
    path.write_bytes(remit.load(f"{text}clause a\n  forbid call refund where amount > 9\n").store())
    before = set(_run(LOADED).split())
    after = set(_run(STORED.format(path=str(path)) + LOADED).split())
    assert not sorted(name for name in after - before if _is_any(name, [*LAZY, *UNUSED]))


def _is_any(name: str, prefixes: list[str]) -> bool:
    return any(name == one or name.startswith(one + ".") for one in prefixes)


def _run(code: str) -> str:
    """What a fresh interpreter prints, with the import path of this one."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
