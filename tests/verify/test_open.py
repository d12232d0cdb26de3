"""Genuine records that once did not verify: where the engine and the verifier differed."""

from __future__ import annotations

import json
from pathlib import Path

import remit
from remit import Call, Message, Step
from remit.verify import verify_records

HEAD = "spec a\nauthor developer\ntool pay(amount: number, to: text)\nact paying = call pay\n"


def _found(tmp_path: Path, clauses: str, steps: list[Step]) -> list[str]:
    path = tmp_path / "a.spec"
    path.write_text(HEAD + clauses, "utf-8")
    policy = remit.load(path)
    records = [json.loads(json.dumps(one.to_json())) for one in policy.judge(steps)]
    return [one.message for one in verify_records(records, policy)]


def test_a_permit_can_lift_what_was_said(tmp_path: Path) -> None:
    """A user takes back their own forbid, though what stands is stronger: 0009."""
    clauses = """
clause hard
  forbid paying where amount > 10
directive never_pay
  heard "never pay"
  forbid paying
directive may_pay
  heard "you may pay"
  permit paying
"""
    steps: list[Step] = [Message("user", "never pay"), Message("user", "you may pay")]
    assert _found(tmp_path, clauses, steps) == []


def test_each_rewrite_has_its_own_words(tmp_path: Path) -> None:
    """Two sayings of one directive, of which one applies."""
    clauses = """
directive most
  heard /never over (?P<n>[0-9]+) to (?P<who>[a-z]+)/
  forbid paying where amount > number of n and to = who
  otherwise rewrite amount to number of n
"""
    said = "never over 10 to bob. never over 20 to amy"
    steps: list[Step] = [Message("user", said), Call("pay", {"amount": 50, "to": "bob"})]
    assert _found(tmp_path, clauses, steps) == []
