"""A policy, a ledger in a folder of its own, and sessions that are told to it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import remit
from remit.hooks.manager import manager
from remit.hooks.tell import Teller
from remit.ledger.sink import Ledger

SPEC = """
spec acme.careful
author developer
tool refund(order: text, amount: number) effects spends
tool send(to: text, text: text)
context tier: one of standard, gold default standard
setting limit: number default 1000
directive less at user
  heard /at most (?P<n>\\d+)/
  set limit <= number of n
clause refunds.large "Large ones need a manager."
  forbid call refund where amount > 200 unless confirmed by manager
  otherwise ask manager advise "Wait."
  except gold: permit where tier is gold and amount <= 500
clause refunds.twice "Once."
  forbid call refund where (count of (call refund where amount < 100)) >= 2
clause refunds.limit
  forbid call refund where amount > limit
clause tone
  forbid message from assistant where judged "is rude" by reader
clause cards
  forbid message from user where text matches /\\d{16}/
  otherwise redact
clause stop.here
  forbid message from user where text contains "stop"
  otherwise halt
"""
SMALL = remit.Call("refund", {"order": "A1", "amount": 20})
LARGE = remit.Call("refund", {"order": "A1", "amount": 900})
Told = Callable[..., remit.Session]


@pytest.fixture(scope="session")
def policy() -> remit.Policy:
    """One that asks, redacts, halts, counts and judges."""
    return remit.load(SPEC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a ledger may be."""
    return tmp_path / "audit.jsonl"


def told(
    policy: remit.Policy, ledger: Ledger, conversation: str = "c1", **options: Any
) -> remit.Session:
    """A session that a ledger hears."""
    return policy.session(tell=Teller(manager([ledger]), conversation, agent="desk"), **options)


def rows(path: Path, kind: str = "decision") -> list[dict[str, Any]]:
    """The records of a kind."""
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return [one["record"] for one in lines if one["kind"] == kind]
