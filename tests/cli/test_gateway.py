"""`remit gateway`: its options reach the gateway that is installed, or a line says why not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import Result

Remit = Callable[..., Result]


class Stand:
    """Stands for the gateway, and notes what it is to serve."""

    def __init__(self, missing: str | None = None, fails: Exception | None = None) -> None:
        self._missing, self._fails = missing, fails
        self.served: list[Any] = []

    def missing(self) -> str | None:
        """What is missing."""
        return self._missing

    def serve(self, guard: Any, server: Any, **options: Any) -> None:
        """Note it."""
        if self._fails:
            raise self._fails
        self.served.append((guard, tuple(server), options))


@pytest.fixture(name="install")
def _install(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Stand]:
    def install(*found: Stand) -> Stand:
        points = [SimpleNamespace(name="mcp", load=lambda: found[0]) for _ in found]
        monkeypatch.setattr("remit.cli.gateway.entry_points", lambda group: points)
        return found[0] if found else Stand()

    return install


def test_a_command(remit: Remit, folder: Path, install: Any, monkeypatch: Any) -> None:
    """All behind `--` is the command."""
    monkeypatch.setenv("KEY", "Bearer 1")
    stand = install(Stand())
    done = remit(
        "gateway", "--spec", "shop.spec", "--http", "8000", "--header", "Authorization=KEY",
        "--person", "manager", "--hide", "x*", "--agent", "desk", "--conversation", "x-thread",
        "--context", "tier=gold", "--", "python", "server.py", "--verbose",
    )  # fmt: skip
    assert done.exit_code == 0, done.stderr
    [(guard, server, options)] = stand.served
    assert server == ("python", "server.py", "--verbose")
    assert guard.context == {"tier": "gold"}
    assert options == {
        "http": ("127.0.0.1", 8000), "headers": {"Authorization": "Bearer 1"},
        "people": ("manager",), "hide": ("x*",), "agent": "desk", "conversation": "x-thread",
    }  # fmt: skip


BAD = {
    "no server": ([], "Missing argument"),
    "no port": (["--http", "x", "u"], "`x` is not of the form port or host:port"),
    "no such port": (["--http", "h:70000", "u"], "not of the form port"),
    "no variable": (["--header", "A=NO_SUCH_ONE", "u"], "no environment variable `NO_SUCH_ONE`"),
    "no name": (["--header", "A", "u"], "`A` is not of the form name=variable"),
    "no context": (["--context", "a=b", "u"], "declares no context `a`"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_used(remit: Remit, folder: Path, install: Any, case: str) -> None:
    """One line, and exit code 2; nothing is served."""
    words, told = BAD[case]
    stand = install(Stand())
    done = remit("gateway", "--spec", "shop.spec", *words)
    assert (done.exit_code, told in done.stderr) == (2, True), done.stderr
    assert stand.served == []


@pytest.mark.parametrize(
    ("stands", "told"),
    [
        ([], "no gateway is installed"),
        ([Stand("pip install 'remit[fastmcp]'")], "pip install 'remit[fastmcp]'"),
        ([Stand(fails=ValueError("no way there"))], "no way there"),
    ],
    ids=["none", "incomplete", "fails"],
)
def test_a_gateway_that_is_not_there(
    remit: Remit, folder: Path, install: Any, stands: list[Stand], told: str
) -> None:
    """A line says what to do."""
    install(*stands)
    done = remit("gateway", "--spec", "shop.spec", "https://acme.example/mcp")
    assert (done.exit_code, told in done.stderr) == (2, True), done.stderr
