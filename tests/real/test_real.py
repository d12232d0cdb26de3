"""Real conversations that this project did not write, where they are at hand (`../shared/data`).

Every record is read and judged without an error, decisions of every kind occur, and each one that
is not a plain allow can be explained, recorded and verified.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

import remit
from remit.conversation.read import Reader
from remit.verify import verify_records
from remit_grammar.diagnostic import render

HERE = Path(__file__).parent
DATA = HERE.parents[1].parent / "shared" / "data" / "dev"
RECORDS = {
    "agentdojo-gt-v1.2.2": 288,
    "agentdojo-runs": 9_629,
    "tau1-runs": 80,
    "tau2-gt": 178,
    "tau2-runs": 334,
}

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the real conversations are not here")


@pytest.fixture(scope="module")
def policy() -> remit.Policy:
    return remit.load(HERE / "bench.spec")


@pytest.mark.parametrize("name", RECORDS)
def test_every_record_is_judged(policy: remit.Policy, name: str) -> None:
    verdicts: Counter[str] = Counter()
    records = 0
    for conversation, found in Reader(DATA / f"{name}.jsonl.zst"):
        assert not [one for one in found if one.is_error]
        assert conversation is not None
        records += 1
        decisions = policy.judge(conversation)
        assert len(decisions) == len(conversation.steps)
        assert not [one for one in decisions if one.errors]
        verdicts.update(one.verdict for one in decisions)
    assert records == RECORDS[name]
    assert verdicts["allow"] > sum(verdicts.values()) / 2


def test_all_that_is_held_back_is_explained(policy: remit.Policy) -> None:
    """On the recorded runs: deny, ask, redact and warn occur, and none is a riddle."""
    seen: Counter[str] = Counter()
    for conversation, _ in Reader(DATA / "agentdojo-runs.jsonl.zst"):
        assert conversation is not None
        held = [one for one in policy.judge(conversation) if one.verdict != "allow"]
        for decision in held:
            seen[decision.verdict] += 1
            if seen[decision.verdict] > 40:
                continue
            text = render(decision.explain())
            assert all(norm.rpartition("::")[2] in text for norm in decision.decided_by)
            assert decision.decided_by
            assert verify_records([decision.to_json()], policy) == []
    assert {"deny", "ask", "redact", "warn"} <= set(seen)


def test_permits_lift_what_they_may(policy: remit.Policy) -> None:
    """A permit at developer strength lifts the clause that was lowered to user strength."""
    decision = policy.session().decide(
        remit.Call("send_email", {"recipients": ["ann@gmail.com"], "subject": "x", "body": "y"})
    )
    assert decision.verdict == "allow"
    assert [one.reason for one in decision.defeated] == ["authority"]
