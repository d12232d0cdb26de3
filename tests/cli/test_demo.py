"""`remit demo`: what it shows, and how it starts and ends a viewer. tests/viewers has real ones."""

from __future__ import annotations

import json
import sys
import urllib.request
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import Result

import remit as package
from remit.cli import demo
from remit.cli.demo_talk import POLICY
from remit_plugins.viewers import viewer as viewers
from remit_plugins.viewers.known import MLFLOW, PHOENIX
from remit_plugins.viewers.viewer import Viewer

Remit = Callable[..., Result]
SERVE = (
    "import sys, http.server as s\n"
    "class H(s.BaseHTTPRequestHandler):\n"
    "  def do_GET(self): self.send_response(200); self.end_headers()\n"
    "  def do_POST(self):\n"
    "    with open(sys.argv[2], 'ab') as out: out.write(self.rfile.read(int(self.headers['Content-Length'])))\n"  # noqa: E501
    "    self.send_response(200); self.end_headers()\n"
    "s.HTTPServer(('127.0.0.1', int(sys.argv[1])), H).serve_forever()\n"
)


def installed(monkeypatch: pytest.MonkeyPatch, *found: Viewer) -> None:
    """Let these be the viewers that are installed."""
    points = [SimpleNamespace(name=one.name, load=lambda one=one: one) for one in found]
    monkeypatch.setattr(demo, "entry_points", lambda group: points if "viewers" in group else [])


def command(*words: str) -> Viewer:
    """A viewer that is a program of Python."""
    return Viewer("small", "small-viewer", (sys.executable, "-c", *words), "/", "/page")


def test_the_demo(remit: Remit) -> None:
    done = remit("demo")
    assert done.exit_code == 0
    assert "12 steps: 1 deny, 1 ask, 1 redact, 9 allow" in done.output
    records = [json.loads(line) for line in remit("demo", "--json").output.splitlines()]
    assert {one["verdict"] for one in records} == {"allow", "ask", "redact", "deny"}
    assert [one["void"][0]["directive"] for one in records if one["void"]]
    _, found = package.check(POLICY)
    assert not found


def test_a_viewer_that_is_not_there(remit: Remit, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line says what there is, or how to install it."""
    installed(monkeypatch, PHOENIX, MLFLOW)
    monkeypatch.setattr(viewers, "_command", lambda name: None)
    done = remit("demo", "--viewer", "jaeger")
    assert (done.exit_code, "there are mlflow, phoenix" in done.output) == (2, True)
    done = remit("demo", "--viewer", "phoenix")
    assert done.output.endswith("phoenix cannot be shown before this: pip install arize-phoenix\n")
    monkeypatch.setattr(viewers, "_is_there", lambda name: False)
    assert 'pip install "remit[otel-sdk]"' in remit("demo", "--viewer", "mlflow").output


def test_a_viewer_that_does_not_start(remit: Remit, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it wrote last is shown."""
    installed(monkeypatch, command("raise SystemExit('no room on this disk')"))
    done = remit("demo", "--viewer", "small")
    assert done.exit_code == 2
    assert "Error: the viewer did not start: no room on this disk" in done.output


def test_a_viewer_is_started_and_ended(
    remit: Remit, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    """It gets the spans, and is gone when the demo is."""
    got, seen = tmp_path / "got", []

    def look() -> None:
        seen.append(got.read_bytes())

    installed(monkeypatch, command(SERVE, "{port}", str(got)))
    monkeypatch.setattr(demo, "_wait", look)
    done = remit("demo", "--viewer", "small")
    assert done.exit_code == 0, done.output
    assert b"apply_guardrail acme: deny" in seen[0]
    assert b"execute_tool send_mail" in seen[0]
    assert b"4111 1111" not in seen[0]
    address = next(word for word in done.output.split() if word.startswith("http"))
    assert address.endswith("/page")
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(address, timeout=5)
