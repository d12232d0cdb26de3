"""The host's word on a call, and what becomes of it when a session is saved, or goes elsewhere."""

from __future__ import annotations

from typing import Any

import pytest
from tests.state.small import HEAD

import remit
from remit import ApprovalError, Call, Message, Session

BOSS = "clause c\n  forbid call pay unless confirmed by boss\n  otherwise ask boss\n"
PAY = Call("pay", {"order": "A1", "amount": 9})
POLICY = remit.load(HEAD + BOSS)


def asked(policy: remit.Policy = POLICY) -> Session:
    """A session in which the boss is asked about a payment."""
    session = policy.session()
    assert session.decide(PAY).ask == ("boss",)
    return session


def test_a_decision_a_call_or_a_mapping_names_the_call() -> None:
    """The id, the time and the order of arguments do not matter."""
    plain = {"kind": "call", "tool": "pay", "args": {"amount": 9.0, "order": "A1"}, "id": "9"}
    for name in (POLICY.session().decide(PAY), PAY, plain):
        session = asked()
        session.approve(name, "boss")
        assert session.decide(PAY).verdict == "allow"


def test_a_no() -> None:
    """It ends the question; a new call asks anew."""
    session = asked()
    session.approve(PAY, "boss")
    session.refuse(PAY, "boss")
    with pytest.raises(ApprovalError, match="or not any more"):
        session.approve(PAY, "boss")
    assert session.decide(PAY).ask == ("boss",)
    session.approve(PAY, "boss")
    assert session.decide(PAY)


WRONG: dict[str, tuple[Any, Any, str]] = {
    "somebody else": (PAY, "bos", "`bos` is not asked about this call, but `boss`"),
    "no text": (PAY, 7, "`7` is not asked about this call"),
    "other arguments": (Call("pay", {"order": "A1"}), "boss", "has other arguments"),
    "another tool": (Call("send", {"to": "A1"}), "boss", "nobody is asked about this call"),
    "unreadable": (Call("pay", {}, bad_args="{"), "boss", "cannot be read or are too large"),
    "huge": (Call("pay", {"order": "x" * 2_000_000}), "boss", "cannot be read or are too large"),
    "no plain data": (Call("pay", {"order": object()}), "boss", "cannot be read or are too"),
    "a message": (Message("user", "yes"), "boss", "only a call is approved"),
    "a long name": (PAY, "x" * 10_000, "is not asked about this call"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_nobody_was_asked_is_refused(case: str) -> None:
    """In one short sentence, and nothing changes."""
    call, by, told = WRONG[case]
    session = asked()
    before = session.save()
    for answer in (session.approve, session.refuse):
        with pytest.raises(ApprovalError, match=told) as error:
            answer(call, by)
        assert len(str(error.value)) < 300
    assert session.save() == before


PLAIN = remit.load(
    HEAD
    + """
clause c
  forbid call pay
  otherwise ask boss advise "Say that you asked."
clause much
  forbid call pay where amount > 100
  otherwise ask cfo
clause noted
  forbid call pay where amount > 200
  otherwise warn
clause talk
  forbid message from assistant
  otherwise ask boss
clause theirs
  forbid call send
  otherwise ask user
"""
)


def test_a_clause_that_only_asks() -> None:
    """The yes of all who are asked now lets the very call go on, once; the decision tells whose."""
    session = asked(PLAIN)
    session.approve(PAY, "boss")
    assert session.decide(Call("pay", {"order": "A1", "amount": 8})).ask == ("boss",)
    decision = session.decide(PAY)
    assert decision
    assert (decision.verdict, decision.agreed, decision.ask, decision.advice) == (
        "allow", ("boss",), (), (),
    )  # fmt: skip
    assert decision.decided_by == ("small::c",)
    assert decision.to_json()["agreed"] == ["boss"]
    assert "for `boss` agreed" in str(decision)
    assert decision.flip is None
    assert session.decide(PAY).verdict == "ask"


def test_all_who_are_asked_must_agree() -> None:
    """And what else the call violates still counts."""
    session = PLAIN.session()
    large = Call("pay", {"order": "A1", "amount": 300})
    for who in ("boss", "cfo"):
        assert session.decide(large).ask == ("boss", "cfo")
        session.approve(large, who)
    decision = session.decide(large)
    assert (decision.verdict, decision.agreed) == ("warn", ("boss", "cfo"))


def test_what_is_said_is_no_yes_where_no_clause_looks() -> None:
    """Only the host's word is; a plain yes leaves it, and anything else takes it back."""
    session = PLAIN.session()
    send = Call("send", {"to": "A1"})
    assert session.decide(send).ask == ("user",)
    session.decide(Message("user", "yes"))
    decision = session.decide(send)
    assert decision.ask == ("user",)
    assert "counts only for clauses with `confirmed by user`" in str(decision.explain().notes)
    session.approve(send, "user")
    session.decide(Message("user", "yes, please"))
    assert session.decide(send).agreed == ("user",)
    session.decide(send)
    session.approve(send, "user")
    session.decide(Message("user", "wait"))
    assert session.decide(send).ask == ("user",)


def test_several_questions_to_one_who_speaks() -> None:
    """The host answers each; a message only the last."""
    session = PLAIN.session()
    sends = [Call("send", {"to": name}) for name in "ABC"]
    assert [session.decide(one).ask for one in sends] == [("user",)] * 3
    session.approve(sends[0], "user")
    session = PLAIN.restore(session.save())
    session.approve(sends[2], "user")
    assert [session.decide(one).verdict for one in sends] == ["allow", "ask", "allow"]


def test_only_calls_are_agreed_to() -> None:
    """What is said is nothing that can be proposed again as the same."""
    session = PLAIN.session()
    decision = session.decide(Message("assistant", "well"))
    assert decision.ask == ("boss",)
    with pytest.raises(ApprovalError, match="only a call is approved"):
        session.approve(decision, "boss")


def test_nobody_named_is_a_person() -> None:
    """Where a clause says `if unknown ask`."""
    text = "clause c\n  forbid call pay where amount > 5\n  if unknown ask\n"
    session = remit.load(HEAD + text).session()
    odd = Call("pay", {"order": "A1", "amount": "9"})
    decision = session.decide(odd)
    assert decision.ask == ("a person",)
    session.approve(decision, "a person")
    assert session.decide(odd).agreed == ("a person",)


def test_a_decision_under_another_policy_is_refused() -> None:
    """It asked for other reasons."""
    other = remit.load(HEAD + BOSS + "clause d\n  forbid call send\n")
    with pytest.raises(ApprovalError, match="decided under another policy"):
        asked().approve(asked(other).decide(PAY), "boss")


def test_it_is_saved() -> None:
    """The question and the yes."""
    session = POLICY.restore(asked().save())
    session.approve(PAY, "boss")
    session = POLICY.restore(session.save())
    assert [session.decide(PAY).verdict for _ in range(2)] == ["allow", "ask"]


def test_a_sub_agent_gets_none() -> None:
    """And what it asks and is allowed stays with it."""
    session = asked()
    session.approve(PAY, "boss")
    child = session.hand_on("user")
    with pytest.raises(ApprovalError):
        child.approve(PAY, "boss")
    assert child.decide(PAY).verdict == "ask"
    child.approve(PAY, "boss")
    assert child.decide(PAY)
    assert session.decide(PAY)


def test_below_its_level_a_role_says_no_yes_in_a_sub_agent() -> None:
    """Who speaks as less than they are there may be the agent that handed on."""
    text = "clause c\n  forbid call pay unless confirmed by developer\n  otherwise ask developer\n"
    session = remit.load(HEAD + text).session()
    child = session.hand_on("user")
    for one, verdict in ((session, "allow"), (child, "ask")):
        assert one.decide(PAY).verdict == "ask"
        one.decide(Message("developer", "yes"))
        assert one.decide(PAY).verdict == verdict


def test_another_policy_asks_anew() -> None:
    """The same one, whatever its layout, goes on."""
    session = asked()
    session.approve(PAY, "boss")
    same = remit.load(HEAD + "\n# a comment\n" + BOSS)
    assert same.take_over(session).decide(PAY)
    other = remit.load(HEAD + BOSS + "clause d\n  forbid call send\n")
    assert other.take_over(session).decide(PAY).verdict == "ask"


def test_what_a_decision_says_stays() -> None:
    """A later yes does not change what an earlier decision is explained by."""
    session = POLICY.session()
    decision = session.decide(PAY)
    before = decision.to_json()
    session.approve(decision, "boss")
    assert decision.to_json() == before
    assert "confirmed" not in str(decision.explain().notes)


FORGED = {
    "other arguments": lambda row: row["args"].update(amount=900),
    "another tool": lambda row: row.update(tool="send"),
    "nobody": lambda row: row.update(people=[]),
    "twice": lambda row: row.update(people=row["people"] * 2),
    "no name": lambda row: row["people"][0].update(who=""),
    "a yes that is no step": lambda row: row["people"][0].update(yes="1", said=True),
}


@pytest.mark.parametrize("case", FORGED)
def test_forged_questions_are_refused(case: str) -> None:
    """With the right checksum."""
    from remit.state import blob

    content = blob.unpack(asked().save(), POLICY.digest)
    FORGED[case](content["state"]["state"]["asked"][0])
    with pytest.raises(remit.RestoreError, match="what is saved is no session"):
        POLICY.restore(blob.pack(content, POLICY.digest))
