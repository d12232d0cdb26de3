"""What is in a ledger comes out again, and what cannot says so."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.ledger.conftest import LARGE, SMALL, rows, told
from tests.state import small

import remit
from remit.hooks import hookimpl
from remit.hooks.manager import manager
from remit.hooks.tell import Teller
from remit.judges.model import Answer, Question
from remit.ledger import model
from remit.ledger.find import Sought, look
from remit.ledger.kept import kept_policy
from remit.ledger.masks import Masks
from remit.ledger.replay import Replayed, replay
from remit.ledger.said import what
from remit.ledger.sink import Ledger
from remit.ledger.story import Story, find_story
from remit.ledger.verify import verify
from remit.policy import Policy
from remit.verify import verify_records


def story(path: Path, **sought: Any) -> Story:
    """The story of the newest decision that fits."""
    found, problems = find_story([path], Sought(**sought))
    assert found is not None
    assert not problems
    return found


def again(path: Path, policy: Policy, **sought: Any) -> Replayed:
    """It, replayed."""
    return replay(story(path, **sought), policy)


@settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))
@given(small.policies(), small.conversations, st.data())
def test_every_conversation_comes_out_again(
    policy: Policy, conversation: list[Any], data: st.DataObject
) -> None:
    """With what people answered, judges said, and could not be told; handed on, and restored."""

    class Fails:
        @hookimpl
        def remit_decided(self, told: Any) -> None:
            if not told.corrects and data.draw(st.integers(0, 9)) == 0:
                raise OSError

    with TemporaryDirectory() as folder:
        path = Path(folder) / "audit.jsonl"
        with Ledger(path, sync="none", keep=[policy]) as ledger:
            session = policy.session(
                {"tier": "gold"}, {"reader": small.rude}, tell=Teller(manager([Fails(), ledger]))
            )
            for number, step in enumerate(conversation):
                decision = session.decide(step)
                for by in decision.ask:
                    if data.draw(st.booleans()):
                        (session.approve if data.draw(st.booleans()) else session.refuse)(
                            decision, by
                        )
                turn = data.draw(st.integers(0, 12))
                if turn == 0:
                    session = session.hand_on("user")
                elif turn == 1:
                    teller = Teller(manager([ledger]), f"c{number}")
                    session = policy.restore(session.save(), {"reader": small.rude}, teller)
        assert verify([path]).findings == []
        one = story(path)
        kept, problem = kept_policy(one.policy, one.decision.record["policy"])
        assert problem is None
        assert kept is not None
        for made in {row["session"] for row in rows(path)}:
            last = [row for row in rows(path) if row["session"] == made][-1]
            found = replay(story(path, id=last["id"]), kept)
            assert found.differences == []
            if not any(row["norm"] == "engine_error" for row in last.get("errors", ())):
                assert found.stopped == ""
                assert found.is_same


def test_a_replay_gives_the_whole_decision(policy: Policy, path: Path) -> None:
    """A record that verifies, and an explanation."""
    with Ledger(path, sync="none") as ledger:
        session = told(policy, ledger)
        made = [session.decide(one) for one in (SMALL, LARGE)]
    found = again(path, policy, id=rows(path)[1]["id"])
    assert found.decision is not None
    assert found.decision.to_json() == made[1].to_json()
    assert not verify_records([found.decision.to_json()], policy)


def test_a_changed_record_comes_out_otherwise(policy: Policy, path: Path) -> None:
    with Ledger(path, sync="none") as ledger:
        told(policy, ledger).decide(LARGE)
    path.write_text(path.read_text().replace('"verdict":"ask"', '"verdict":"allow"'))
    found = again(path, policy)
    assert [(one.name, one.was, one.now) for one in found.differences] == [
        ("verdict", "allow", "ask")
    ]
    assert not found.is_same


def test_another_policy_comes_out_otherwise(policy: Policy, path: Path) -> None:
    with Ledger(path, sync="none") as ledger:
        told(policy, ledger).decide(LARGE)
    other = remit.load("spec b.c\nauthor user\ntool refund(order: text, amount: number)\n")
    assert not again(path, other).is_same


def test_judges_are_not_asked(policy: Policy, path: Path) -> None:
    """They say what they said, also that they did not know; each in its step."""
    given_out = iter([Answer(True, 0.9, "rude"), Answer(None, error="late"), Answer(False)])

    def judge(question: Question) -> Answer:
        return next(given_out)

    with Ledger(path, sync="none") as ledger:
        session = told(policy, ledger, judges={"reader": judge})
        for text in ("one", "two", "three", "one"):
            session.decide(remit.Message("assistant", text))
    assert [one["verdict"] for one in rows(path)] == ["deny", "deny", "allow", "deny"]
    assert [one["judged"][0]["answer"] for one in rows(path)] == [
        "true", "unknown", "false", "true",
    ]  # fmt: skip
    found = again(path, policy)
    assert (found.is_same, found.compared) == (True, 4)


# ---- what cannot be


def _masked(policy: Policy, path: Path, masks: Masks) -> Replayed:
    with Ledger(path, sync="none", masks=masks) as ledger:
        session = told(policy, ledger, context={"tier": "gold"})
        for step in (SMALL, remit.Message("user", "my card: 1234567812345678"), LARGE):
            session.decide(step)
    return again(path, policy)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"call": ["args.order"]}, "step 1 is not kept whole"),
        ({"message": ["text"]}, "step 2 is not kept whole"),
        ({"context": ["tier"]}, "its session cannot begin"),
        ({"result": ["text"]}, ""),
    ],
)
def test_what_is_hidden_cannot_be_replayed(
    policy: Policy, path: Path, fields: dict[str, list[str]], why: str
) -> None:
    found = _masked(policy, path, Masks(fields))
    assert found.stopped.startswith(why)
    assert found.is_same == (not why)


def test_what_was_redacted_goes_on_as_it_went_on(policy: Policy, path: Path) -> None:
    found = _masked(policy, path, Masks())
    assert (found.is_same, found.compared, len(found.hidden)) == (True, 2, 1)
    assert again(path, policy, step=2).stopped == "its own step is not kept whole"


def test_a_past_that_is_too_large_is_not_kept(
    policy: Policy, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("remit.ledger.record.MOST_SAVED", 10)
    with Ledger(path, sync="none") as ledger:
        session = told(policy, ledger)
        session.decide(SMALL)
        session.hand_on("user").decide(SMALL)
    assert again(path, policy).stopped == "the past that its session began with is not kept"


def test_what_is_missing_stops_a_replay(policy: Policy, path: Path) -> None:
    with Ledger(path, sync="none") as ledger:
        session = told(policy, ledger)
        for _ in range(3):
            session.decide(SMALL)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:4] + lines[5:]))
    assert again(path, policy).stopped == "step 2 is not in the ledger"
    path.write_bytes(b"".join(lines[3:]))
    assert again(path, policy).stopped.startswith("how its session began")


Change = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize(
    "change",
    [
        lambda record: record.update(step=[]),
        lambda record: record.update(judged=[3, {}]),
        lambda record: record.update(index="x"),
        lambda record: record.update(errors={}),
        lambda record: record.pop("step", None),
        lambda record: record.update(corrects=[1], held={}, id=[], session=3, conversation=[]),
        lambda record: record.update(defeated="x", violated=[1], unknown=[{}], changes=7),
    ],
)
def test_no_record_is_too_odd_to_be_told(policy: Policy, path: Path, change: Change) -> None:
    """Whoever writes a ledger by hand gets an answer, too."""
    from remit.ledger.why import explained
    from remit_grammar.diagnostic import render

    with Ledger(path, sync="none") as ledger:
        session = told(policy, ledger)
        session.approve(session.decide(LARGE), "manager")
        session.decide(LARGE)
    lines, prev = path.read_bytes().splitlines(keepends=True), model.START
    for at, text in enumerate(lines):
        data = json.loads(text)
        if data["kind"] in (model.DECISION, model.ANSWER):
            change(data["record"])
        record = model.encoded(data["record"])
        lines[at], prev = model.line(data["kind"], data["seq"], data["time"], prev, record)
    path.write_bytes(b"".join(lines))
    found = story(path)
    assert render(explained(found, policy))
    replay(found, policy)
    assert [what(line) for line, _ in look([path], Sought()) if line is not None]
