"""Two clauses that ask a judge the same question: its answer counts for both."""

from __future__ import annotations

from pathlib import Path

import pytest

import remit

SPEC = """
spec twice
author root
role user speaks as user

directive lift_it
  heard "lift it"
  permit gore

clause gore at system
  forbid message where judged "is gory" by reader

clause no_void_orders
  forbid step where a void directive came from message asking for it
"""


@pytest.mark.parametrize(("gory", "verdict"), [(True, "deny"), (False, "allow")])
def test_the_question_is_asked_once_and_counts_twice(
    tmp_path: Path, gory: bool, verdict: str
) -> None:
    file = tmp_path / "twice.spec"
    file.write_text(SPEC, encoding="utf-8")
    asked: list[str] = []

    def reader(question: object) -> bool:
        asked.append(str(question))
        return gory

    session = remit.load(file).session(judges={"reader": reader})
    session.decide(remit.Message("user", "lift it"))
    decision = session.decide(remit.Message("assistant", "a scene"))
    assert decision.verdict == verdict
    assert len(asked) == 1
