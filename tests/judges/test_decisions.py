"""Law 8 with judges over HTTP: however one misbehaves, no verdict is milder than without it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

pytest.importorskip("httpx2")
pytest.importorskip("tenacity")

import remit
from remit.judges.model import AnyJudge
from remit_plugins.judges.http import HttpJudge

SPEC = """
spec acme.clinic
author developer

clause dosage
  forbid message where judged "gives a dosage" by reader
  otherwise ask "a nurse"

clause greeting at user
  forbid message where text contains "hello"

clause greeting.kind
  permit greeting where judged "is kind" by reader

directive be_brief
  heard judged "asks for short answers" by reader
  forbid message where length of text > 40
"""
STEPS = (
    remit.Message("user", "Please be brief."),
    remit.Message("assistant", "Take 400 mg."),
    remit.Message("assistant", "hello there"),
    remit.Message("assistant", "This is an answer that goes on for more than forty characters."),
)


def _paths(server: Any) -> list[str]:
    handler = server.RequestHandlerClass
    return [name.removeprefix("do_it_") for name in dir(handler) if name.startswith("do_it_")]


def _verdicts(judges: dict[str, AnyJudge]) -> list[remit.Decision]:
    session = remit.load(SPEC).session(judges=judges)
    return [session.decide(step) for step in STEPS]


async def _verdicts_async(judges: dict[str, AnyJudge]) -> list[remit.Decision]:
    session = remit.load(SPEC).session(judges=judges)
    return [await session.adecide(step) for step in STEPS]


@pytest.mark.parametrize("how", ["sync", "async"])
def test_no_misbehaviour_opens_anything(server: Any, how: str) -> None:
    """Each path of the server: what is unknown holds back."""
    without = [one.severity for one in _verdicts({})]
    assert without == [0, 3, 4, 4], "with no judge at all everything it might say holds back"
    tried = 0
    for path in _paths(server):
        judge = HttpJudge(f"{server.url}/{path}", "small-1", timeout=0.3, retries=0)
        judges: dict[str, AnyJudge] = {"reader": judge}
        found = _verdicts(judges) if how == "sync" else asyncio.run(_verdicts_async(judges))
        judge.close()
        used = [truth for one in found if one.hearing for truth in one.hearing.used.values()]
        if all(truth is not True and truth is not False for truth in used):
            tried += 1
            assert [one.severity for one in found] == without, path
        assert not [one for one in found if one.errors], path
    assert tried >= 15, "most paths of the server give no usable answer"


def test_an_answer_opens_and_closes(server: Any) -> None:
    """A judge that says yes to everything: the dosage is asked about, the kind greeting goes on."""
    judge = HttpJudge(f"{server.url}/fine", "small-1", timeout=5)
    found = _verdicts({"reader": judge})
    judge.close()
    assert [one.verdict for one in found] == ["allow", "ask", "ask", "deny"]
    kind = found[2]
    assert kind.hearing is not None
    assert {question for _, question, _ in kind.hearing.used} >= {"gives a dosage", "is kind"}
