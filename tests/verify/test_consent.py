"""Who confirmed which call: genuine records verify, those with another past do not."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from tests.verify.conftest import Record, judge

import remit
from remit import Call, Message, Policy
from remit.verify import verify_records

POLICY = remit.load("""
spec asks
author developer
tool pay(to: text, amount: number)
clause small
  forbid call pay unless confirmed by user
  otherwise ask user
clause large
  forbid call pay where amount > 100 unless confirmed by boss
  otherwise ask boss
clause calm
  forbid message from user where text contains "now"
  otherwise redact
""")
LARGE, OTHER = Call("pay", {"to": "A", "amount": 200}), Call("pay", {"to": "B", "amount": 2})


def found(records: list[Record], policy: Policy = POLICY) -> list[str]:
    """What the verifier finds."""
    made = verify_records(records, policy)
    assert {one.code for one in made} <= {"R1003"}
    return [one.message for one in made]


@pytest.fixture(scope="module")
def records() -> list[Record]:
    """A conversation in which all happens: asked, both ways confirmed, used up, taken back."""
    session = POLICY.session()
    told = judge(session, [LARGE, Message("user", "yes, now")], "one")
    told += judge(session, [LARGE, Message("user", "yes")], "one")
    session.approve(LARGE, "boss")
    told += judge(session, [Message("assistant", "well"), LARGE, LARGE], "one")
    session.approve(LARGE, "boss")
    told += judge(session, [Message("user", "hm"), OTHER, Message("user", "yes")], "one")
    session.refuse(OTHER, "user")
    told += judge(session, [OTHER, Message("stranger", "hm"), OTHER], "one")
    return told


def test_genuine_records_verify(records: list[Record]) -> None:
    """Together, each alone, and from the middle on."""
    verdicts = [one["verdict"] for one in records]
    assert verdicts == [
        "ask", "redact", "ask", "allow", "allow", "allow", "ask", "allow", "ask", "allow", "ask",
        "allow", "ask",
    ]  # fmt: skip
    assert found(records) == []
    assert [found([one]) for one in records] == [[]] * len(records)


def test_what_a_sub_agent_does_verifies() -> None:
    """It begins with no question; one that it did not ask is found."""
    session = POLICY.session()
    told = judge(session, [OTHER, Message("user", "yes")], "one")
    child = session.hand_on("user")
    told += judge(child, [OTHER, Message("user", "yes")], "two")
    assert found(told) == []


def test_a_cut_conversation_verifies() -> None:
    """There it is unknown at first."""
    told = judge(POLICY.session(truncated=True), [OTHER, Message("user", "yes"), OTHER], "one")
    assert told[0]["unknown"]
    assert found(told) == []


PLAIN = remit.load("""
spec plain
author developer
tool pay(to: text, amount: number)
clause some_pay
  forbid call pay where amount > 1
  otherwise ask user advise "Wait."
clause large
  forbid call pay where amount > 100
  otherwise ask boss
clause much
  forbid call pay where amount > 150
  otherwise rewrite amount to 150
""")


@pytest.fixture(scope="module")
def agreed() -> list[Record]:
    """A conversation in which those who are asked agree, one by one, about two calls at once."""
    session = PLAIN.session()
    told = judge(session, [LARGE, OTHER], "one")
    session.approve(OTHER, "user")
    told += judge(session, [OTHER, LARGE, Message("user", "yes")], "one")
    after = Call("pay", {"to": "A", "amount": 150})
    session.approve(after, "boss")
    told += judge(session, [LARGE], "one")
    session.approve(after, "user")
    return told + judge(session, [LARGE, LARGE], "one")


def test_agreed_records_verify(agreed: list[Record]) -> None:
    """Together and each alone."""
    verdicts = [one["verdict"] for one in agreed]
    assert verdicts == ["ask", "ask", "allow", "ask", "allow", "ask", "rewrite", "ask"]
    given = [sorted(one["agreed"]) for one in agreed if "agreed" in one]
    assert given == [["user"], ["boss", "user"]]
    assert found(agreed, PLAIN) == []
    assert [found([one], PLAIN) for one in agreed] == [[]] * len(agreed)


NOT_AGREED: dict[str, tuple[int, Callable[[list[Record]], object], str]] = {
    "agreed without a word": (2, lambda told: told[2].pop("agreed"), "`agreed` lacks `user`"),
    "said and not agreed": (
        6, lambda told: [one.update(said=True) for one in _asked(6)(told)["people"]], "`ask`"),
    "one of two": (6, lambda told: _asked(6)(told)["people"].pop(), "is `ask`"),
    "advice": (2, lambda told: told[2].update(advice=["Wait."]), "`advice` must not hold"),
    "a spoken yes to what was not asked last": (
        3, lambda told: told[3]["past"]["asked"][0]["people"][0].update(yes=2, said=True), "past"),
}  # fmt: skip


@pytest.mark.parametrize("case", NOT_AGREED)
def test_what_nobody_agreed_to_is_found(agreed: list[Record], case: str) -> None:
    """A call that goes on must have the yes of all, from the host."""
    at, change, told = NOT_AGREED[case]
    changed = copy.deepcopy(agreed)
    change(changed)
    assert any(told in one for one in found(changed[: at + 1], PLAIN)), case


def _asked(at: int) -> Callable[[list[Record]], Any]:
    return lambda records: records[at]["past"]["asked"][0]


CHANGES: dict[str, tuple[int, Callable[[list[Record]], object]]] = {
    "a yes that nobody gave": (
        1, lambda told: _asked(1)(told)["people"][1].update(yes=0, said=True)),
    "a yes of somebody who was not asked": (
        1, lambda told: _asked(1)(told)["people"].append({"who": "x", "yes": 0, "said": False})),
    "a yes of the host in a step to come": (
        1, lambda told: _asked(1)(told)["people"][0].update(yes=1, said=False)),
    "a yes of the host before anybody was asked": (
        3, lambda told: _asked(3)(told)["people"][0].update(yes=0, said=False)),
    "the host's word as if it was said": (
        5, lambda told: [one.update(said=True) for one in _asked(5)(told)["people"]]),
    "other arguments": (1, lambda told: _asked(1)(told)["args"].update(amount=1)),
    "no arguments": (1, lambda told: _asked(1)(told).pop("args")),
    "another tool": (1, lambda told: _asked(1)(told).update(tool="send")),
    "another step": (3, lambda told: _asked(3)(told).update(step=0)),
    "nobody": (1, lambda told: _asked(1)(told).update(people=[])),
    "twice": (1, lambda told: told[1]["past"]["asked"].append(_asked(1)(told))),
    "used and still there": (
        6, lambda told: told[6].setdefault("past", {}).update(asked=told[5]["past"]["asked"])),
    "taken back and still there": (
        9, lambda told: told[9]["past"].update(asked=told[5]["past"]["asked"])),
}  # fmt: skip


@pytest.mark.parametrize("case", CHANGES)
def test_another_past_is_found(records: list[Record], case: str) -> None:
    """In its place among the others."""
    at, change = CHANGES[case]
    changed = copy.deepcopy(records)
    change(changed)
    assert any("past" in one for one in found(changed[: at + 1])), case


MALFORMED: list[Any] = [
    1, [1], [{}], [{"call": 1, "tool": "x", "step": 0, "people": []}],
    [{"call": "x", "tool": "x", "step": 0, "people": {}}],
    [{"call": "x", "tool": "x", "step": 0, "people": [1]}],
    [{"call": "x", "tool": "x", "step": 0, "people": [{"who": 1}]}],
    [{"call": "x", "tool": "x", "step": 0, "people": [{"who": "a", "yes": "1", "said": True}]}],
    [{"call": "x", "tool": "x", "step": 0, "people": [{"who": "a", "yes": 1}]}],
    [{"call": "x", "tool": "x", "step": 0, "people": [], "args": 3}],
]  # fmt: skip


@pytest.mark.parametrize("rows", MALFORMED, ids=repr)
def test_what_is_no_past_is_said(records: list[Record], rows: Any) -> None:
    """A finding of the form, and never a traceback."""
    changed = copy.deepcopy(records[1])
    changed["past"]["asked"] = rows
    made = verify_records([changed], POLICY)
    assert made
    assert {one.code for one in made} == {"R1001"}
    assert not any("cannot be followed" in one.message for one in made)
