"""Running the command line: inside this process, or as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from remit.cli import main

Remit = Callable[..., Result]
Process = Callable[..., subprocess.CompletedProcess[str]]
REPO = Path(__file__).resolve().parents[2]

SPEC = """\
spec shop
author developer

tool refund(order: text, amount: number)

context tier: one of standard, gold default standard

clause refunds.limit
  "Refunds above 200 need a manager."
  forbid call refund where amount > 200
  otherwise ask manager
  except gold: permit where tier is gold

scenario "a large one"
  agent calls refund(order: "A1", amount: 350)
  expect ask by refunds.limit

scenario "a small one"
  agent calls refund(order: "A1", amount: 20)
  expect allow
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with `shop.spec`, and the process stands in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop.spec").write_text(SPEC, "utf-8")
    return tmp_path


@pytest.fixture
def remit() -> Remit:
    """A function that runs `remit` in this process: `remit("check", "shop.spec")`."""

    def run(*words: str, stdin: str | bytes = "") -> Result:
        return CliRunner().invoke(main, words, input=stdin, prog_name="remit")

    return run


@pytest.fixture
def process() -> Process:
    """A function that runs `remit` as a process, without colour unless `env` asks for it."""

    def run(*words: str, **env: str) -> subprocess.CompletedProcess[str]:
        path = os.pathsep.join(one for one in sys.path if one)
        base = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
        return subprocess.run(
            [sys.executable, "-m", "remit", *words],
            env={**base, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8", **env},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=120,
        )

    return run
