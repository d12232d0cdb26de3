"""What is said in pieces: released text is what the policy leaves of the whole, however split."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import remit
from remit import Call, Message, Policy
from remit.hooks import hookimpl
from remit.hooks.events import Event
from remit.host import stream
from remit.host.gate import Gate
from remit.host.guard import Guard

HEAD = "spec s\nauthor developer\ntool pay(to: text)\n"
SECRET = 'clause c\n  forbid message where text contains "secret"\n  otherwise redact as "*"\n'
DENY = 'clause d\n  forbid message from assistant where text contains "no way"\n'
POLICIES = [
    HEAD, HEAD + SECRET, HEAD + SECRET + DENY, HEAD + "clause e\n  forbid call pay\n",
    HEAD + 'clause f\n  forbid message from user where text contains "secret"\n',
    HEAD + "clause g\n  forbid message where has email\n  otherwise redact\n",
]  # fmt: skip
_texts = st.lists(
    st.sampled_from(["sec", "secret", "ret", " ", "no ", "way", "a@b", ".org", "x", "é", ""])
).map("".join)


@pytest.fixture(scope="module")
def policies() -> list[Policy]:
    return [remit.load(text) for text in POLICIES]


def _left(policy: Policy, text: str) -> str:
    """What the policy leaves of a whole message."""
    decision = policy.session().decide(Message("assistant", text))
    return decision.after.text if decision and isinstance(decision.after, Message) else ""


def _released(gate: Gate, pieces: list[str], *, waiting: bool) -> str:
    held = gate.stream()
    out = "".join([held.feed(one) for one in pieces])
    verdict = asyncio.run(held.aend()) if waiting else held.end()
    assert verdict or held.rest == ""
    return out + held.rest


@settings(max_examples=60, deadline=None)
@given(text=_texts, cuts=st.sets(st.integers(0, 40)), number=st.integers(0, len(POLICIES) - 1))
def test_released_is_what_is_left(text: str, cuts: set[int], number: int) -> None:
    """For every split, of every policy."""
    policy = remit.load(POLICIES[number])
    places = [0, *sorted(one for one in cuts if one < len(text)), len(text)]
    pieces = [text[start:end] for start, end in pairwise(places)]
    for waiting in (False, True):
        gate = Guard(policy).gate("c1")
        assert _released(gate, pieces, waiting=waiting) == _left(policy, text)


def test_what_nothing_can_hold_up_goes_through_at_once(policies: list[Policy]) -> None:
    """And only that: no clause on what the agent says, no halt, no plugin that must hear first."""
    at_once = [Guard(policy).gate("c1").stream().feed("x") for policy in policies]
    assert at_once == ["x", "", "", "x", "x", ""]
    assert [Guard(one).gate().stream().holds for one in policies] == [not one for one in at_once]
    spoken = remit.load(HEAD + 'directive d\n  heard "be quiet"\n  forbid message from assistant\n')
    assert Guard(spoken).gate("c1").stream().feed("x") == ""
    owed = remit.load(HEAD + "clause o\n  require call pay within 1 step after message from user\n")
    assert Guard(owed).gate("c1").stream().feed("x") == ""

    class Ear:
        @hookimpl
        def remit_decided(self, told: object) -> None:
            """Hear."""

    assert Guard(policies[0], plugins=[Ear()]).gate("c1").stream().feed("x") == ""
    halting = remit.load(HEAD + "clause h\n  forbid call pay\n  otherwise halt\n")
    gate = Guard(halting).gate("c1")
    gate.decide(Event("pre_tool_call", (Call("pay"),)))
    assert gate.stream().feed("x") == ""
    assert Guard(policies[2], mode="shadow").gate("c1").stream().feed("no way") == "no way"


def test_what_is_too_long_does_not_go_on(
    policies: list[Policy], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It cannot be judged, and memory has an end."""
    monkeypatch.setattr(stream, "MOST", 10)
    held = Guard(policies[1]).gate("c1").stream()
    assert held.feed("x" * 8) + held.feed("y" * 8) == ""
    assert held.end().reason == "remit:too_long"
    assert held.rest == ""


def test_what_was_streamed_is_judged_once(policies: list[Policy]) -> None:
    """At the output it is known."""
    gate = Guard(policies[1]).gate("c1")
    assert _released(gate, ["a sec", "ret"], waiting=False) == "a *"
    assert gate.decide(Event("output", (Message("assistant", "a *"),))).decisions == ()
