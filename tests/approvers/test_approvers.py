"""Approvers ask a person and take nothing but a plain yes."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from remit import Call
from remit.hooks.events import Reply, Request
from remit_plugins.approvers import files
from remit_plugins.approvers.files import FileQueue
from remit_plugins.approvers.terminal import Terminal, shown
from remit_plugins.approvers.webhook import Webhook

REQUEST = Request(
    "ab" * 32, Call("pay", {"to": "Bob\x1b[2J", "amount": 9}), ("manager", "cfo"), "c1", "00",
    reason="waits for a person by `large`: Much.",
)  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "yes"), [("y", True), (" YES ", True), ("", False), ("no", False)]
)
def test_the_terminal(typed: str, yes: bool) -> None:
    """What stands there says who is asked about what, and moves no cursor."""
    prompts: list[str] = []

    def read(prompt: str) -> str:
        prompts.append(prompt)
        return typed

    reply = Terminal(read).remit_approve(REQUEST)
    assert reply is not None
    assert reply.yes == yes
    assert "manager and cfo: waits for a person" in prompts[0]
    assert '"amount": 9' in prompts[0]
    assert "\x1b" not in shown(REQUEST)


def test_nobody_at_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then it is not for this approver."""
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    assert Terminal().remit_approve(REQUEST) is None


ANSWERS: list[tuple[str, Reply]] = [
    ('{"yes": true, "person": "ann"}', Reply(True, "ann")),
    ('{"yes": false}', Reply(False)),
    ('{"yes": "perhaps"}', Reply(False)),
    ('{"yes": true, "id": "of another request"}', Reply(False)),
    ("true", Reply(True)),
    ("[1]", Reply(False)),
]


@pytest.mark.parametrize(("text", "reply"), ANSWERS)
def test_files(tmp_path: Path, text: str, reply: Reply) -> None:
    """An answer beside the request; an earlier one does not count."""
    stale = tmp_path / f"{REQUEST.id}.answer.json"
    stale.write_text('{"yes": true, "person": "stale"}')
    queue = FileQueue(tmp_path / "", every=0.01)
    found: list[Reply] = []
    thread = threading.Thread(target=lambda: found.append(queue.remit_approve(REQUEST)))
    thread.start()
    asked = tmp_path / f"{REQUEST.id}.request.json"
    while thread.is_alive() and not asked.exists():
        thread.join(0.01)
    assert json.loads(asked.read_text())["tool"] == "pay"
    stale.write_text(text)
    thread.join(60)
    assert found == [reply]
    assert list(tmp_path.iterdir()) == []


def test_one_answer_for_two_who_ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both have read it; who removes it has it, and the other one waits on."""
    answer, read = tmp_path / "a.answer.json", files._read

    def taken(path: Path, id: str) -> Reply | None:
        reply = read(path, id)
        path.unlink()
        return reply

    answer.write_text("true")
    assert FileQueue(tmp_path)._waited(answer, "a") == Reply(True)
    answer.write_text("true")
    monkeypatch.setattr(files, "_read", taken)
    assert FileQueue(tmp_path, seconds=0.1, every=0.01)._waited(answer, "a") is None


def test_files_without_an_answer(tmp_path: Path) -> None:
    """No answer is a no, and neither is half of one."""
    assert not FileQueue(tmp_path, seconds=0.05, every=0.01).remit_approve(REQUEST).yes


def _hook(replies: Iterator[httpx2.Response], seen: list[httpx2.Request]) -> Webhook:
    def handle(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return next(replies)

    return Webhook("https://x.test/a/", every=0.001, transport=httpx2.MockTransport(handle))


RESPONSES: dict[str, tuple[list[Any], bool]] = {
    "yes": ([httpx2.Response(200, json={"yes": True})], True),
    "later": ([httpx2.Response(202), httpx2.Response(202), httpx2.Response(200, json=True)], True),
    "no": ([httpx2.Response(200, json={"yes": False})], False),
    "to another": ([httpx2.Response(200, json={"yes": True, "id": "another"})], False),
    "error": ([httpx2.Response(500, json={"yes": True})], False),
    "huge": ([httpx2.Response(200, content=b" " * 100_000 + b"true")], False),
}


@pytest.mark.parametrize("case", RESPONSES)
def test_webhooks(case: str) -> None:
    """A person may take their time; only a 200 with a plain yes is one."""
    responses, yes = RESPONSES[case]
    seen: list[httpx2.Request] = []
    assert _hook(iter(responses), seen).remit_approve(REQUEST).yes == yes
    assert json.loads(seen[0].content)["people"] == ["manager", "cfo"]
    assert [one.method for one in seen[1:]] == ["GET"] * (len(responses) - 1)
    assert {one.url.path for one in seen[1:]} <= {f"/a/{REQUEST.id}"}


def test_a_webhook_needs_an_address() -> None:
    """Of the web."""
    with pytest.raises(ValueError, match="https://"):
        Webhook("file:///etc/passwd")
