"""What `import remit` and a decision load. Layers between modules are import-linter's business."""

from __future__ import annotations

import os
import subprocess
import sys

HEAVY = ["lark", "networkx", "pydantic", "pydantic_core", "click", "rich", "opentelemetry"]
LAZY = [*HEAVY, "importlib.metadata", "zstandard", "asyncio", "jsonschema"]

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


def _is_any(name: str, prefixes: list[str]) -> bool:
    return any(name == one or name.startswith(one + ".") for one in prefixes)


def _run(code: str) -> str:
    """What a fresh interpreter prints, with the import path of this one."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
