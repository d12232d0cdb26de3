"""`remit doctor`: a host that is held, one that is not, one that is never asked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Remit = Callable[..., Result]
HOST = """
import remit
from remit.host.guard import Guard
from remit.host.wrap import Denied, guard_tools

gate = Guard(remit.load("spec s\\nauthor developer\\nclause c\\n  permit call\\n")).gate("c1")

def held(tool):
    [mine] = guard_tools([tool], gate)
    try:
        mine()
    except Denied:
        pass

def free(tool):
    tool()

def idle(tool):
    pass

def broken(tool):
    raise OSError("no model")
"""
SPEC = "spec s\nauthor developer\nclause c\n  forbid call\n"
CASES = {
    "held": (0, "canary: held back: your agent is held to the policy"),
    "free": (1, "canary: it ran: your agent is not held"),
    "idle": (1, "canary: no gate was asked"),
    "broken": (1, "OSError: no model"),
    "gone": (2, "cannot be loaded"),
}


@pytest.mark.parametrize("case", CASES)
def test_a_host(remit: Remit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    """The exit code tells a program."""
    code, told = CASES[case]
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    Path("doctored_host.py").write_text(HOST)
    Path("s.spec").write_text(SPEC)
    done = remit("doctor", "s.spec", "--host", f"doctored_host:{case}")
    assert (done.exit_code, told in done.output + done.stderr) == (code, True), done.output


def test_without_a_host(remit: Remit, tmp_path: Path) -> None:
    """The gate alone, what the policy needs, and what is no policy."""
    spec = tmp_path / "s.spec"
    spec.write_text(
        'spec s\nauthor developer\nclause c\n  forbid message where judged "is rude" by nobody\n'
    )
    done = remit("doctor", str(spec))
    assert done.exit_code == 0
    assert "judges that no plugin gives: nobody" in done.output
    assert remit("doctor", str(tmp_path / "gone.spec")).exit_code == 2
    assert remit("doctor", str(spec), "--host", "x").exit_code == 2
