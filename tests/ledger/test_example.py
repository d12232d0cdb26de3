"""The ledger of the examples is one that today's engine replays under today's spec.

Where `support.spec` means something else than when it was written, `pytest --update` writes it
anew; then also the pages that show it (`tests/docs`).
"""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from tests.ledger.conftest import rows

import remit
from remit.hooks.manager import manager
from remit.hooks.tell import Teller
from remit.ledger.find import Sought
from remit.ledger.replay import replay
from remit.ledger.sink import Ledger
from remit.ledger.story import find_story
from remit.ledger.verify import verify

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
NOON, STEP = 1_795_773_600 * 10**9, 1_250_000_000  # nanoseconds


def _write(policy: remit.Policy, path: Path) -> None:
    """A refund that a manager agrees to, and a mail that stays in the house."""
    times = itertools.count(NOON, STEP)
    with Ledger(path, sync="none", clock=lambda: next(times)) as ledger:
        tell = Teller(manager([ledger]), "order-A1", agent="desk")
        session = policy.session({"customer_tier": "standard"}, tell=tell)
        session.decide(remit.Message("user", "Order A1 came broken. I want my 350 back."))
        refund = remit.Call("refund", {"order": "A1", "amount": 350, "reason": "broken"})
        session.approve(session.decide(refund), "manager", person="Ann")
        session.decide(refund)
        mail = {"to": "ada@elsewhere.example", "body": "The receipt of order A1."}
        session.decide(remit.Call("send_email", mail))


def test_the_example_is_replayed(tmp_path: Path, update: bool) -> None:
    policy = remit.load(EXAMPLES / "support.spec")
    path = EXAMPLES / "audit.jsonl"
    if update and rows(path, "policy")[0]["digest"] != policy.digest:
        _write(policy, tmp_path / "audit.jsonl")
        path.write_bytes((tmp_path / "audit.jsonl").read_bytes())
    assert verify([path]).findings == []
    assert [one["verdict"] for one in rows(path)] == ["allow", "ask", "allow", "deny"]
    story, problems = find_story([path], Sought())
    assert story is not None
    assert not problems
    same = story.decision.record["policy"] == policy.digest
    if not (same and replay(story, policy).is_same):
        pytest.fail("`pytest --update` writes the example anew", pytrace=False)
