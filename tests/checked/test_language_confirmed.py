"""Pins the rules of `docs/language.md` about what somebody confirmed."""

from __future__ import annotations

from typing import Any

import pytest
from tests.checked.past import GO, HEAD, YES, codes, log, pay, says

import remit
from remit import ApprovalError, Call, Message, Session

ASKED = "clause c\n  forbid call pay unless confirmed by user\n  otherwise ask user\n"
BOSS = (
    "clause d\n  forbid call pay where amount > 100 unless confirmed by boss\n"
    "  otherwise ask boss\n"
)


def of(body: str, **more: Any) -> Session:
    """A session of a policy."""
    return remit.load(HEAD + body).session(**more)


def verdicts(session: Session, *steps: Any) -> list[str]:
    """The verdicts on the steps."""
    return [session.decide(one).verdict for one in steps]


def test_L71() -> None:
    """A condition on calls, about people whom somebody asks."""
    assert verdicts(of(ASKED), pay(), YES, pay()) == ["ask", "allow", "allow"]
    assert verdicts(of(ASKED), YES, pay()) == ["allow", "ask"]
    assert not codes(ASKED)
    assert codes(ASKED.replace("by user", "by boss")) == ["R0510"]
    assert codes(ASKED.replace("call pay", "message")) == ["R0510"]
    past = "clause d\n  forbid call log where earlier (call pay where confirmed by user)\n"
    assert codes(ASKED + past) == ["R0510"]
    unknown = 'clause c\n  forbid call pay where amount > 5 unless confirmed by "a person"\n'
    assert codes(unknown) == ["R0510"]
    assert not codes(unknown + "  if unknown ask\n")


@pytest.mark.parametrize(
    "answer",
    [
        Message("user", "Yes, but only 5"), Message("user", "why?"), Message("developer", "yes"),
        Message("assistant", "yes"), Message("stranger", "yes"), remit.Result("log", "yes"),
        remit.Handoff("user", "yes"), Message("user", "", (remit.Part("yes", "quoted"),)),
    ],
    ids=str,
)  # fmt: skip
def test_L72(answer: Any) -> None:
    """A plain yes of the role that was asked; the host for anybody who was asked."""
    assert verdicts(of(ASKED), pay(), answer, pay()) == ["ask", "allow", "ask"]


def test_L72_the_host_answers_for_anybody() -> None:
    """Both must agree here; whoever was not asked cannot."""
    session = of(ASKED + BOSS)
    assert session.decide(pay(amount=200)).ask == ("user", "boss")
    assert verdicts(session, YES, pay(amount=200)) == ["allow", "ask"]
    session.approve(pay(amount=200), "boss")
    assert verdicts(session, pay(amount=200)) == ["allow"]
    decision = session.decide(pay())
    with pytest.raises(ApprovalError, match="`boss` is not asked about this call, but `user`"):
        session.approve(decision, "boss")
    session.approve(decision, "user")
    assert verdicts(session, pay()) == ["allow"]


def test_L73() -> None:
    """The tool and all arguments, by value; one question at a time to whoever answers by words."""
    others = [
        pay("B"), pay(amount="10"), pay(amount=10.5), pay(note="x"), pay(note=None),
        pay(urgent=False), Call("pay", {"order": "A"}),
    ]  # fmt: skip
    for other in others:
        assert verdicts(of(ASKED), pay(), YES, other) == ["ask", "allow", "ask"], other
    same = Call("pay", {"amount": 10.0, "order": "A"}, id="7", time=5.0)
    assert verdicts(of(ASKED), pay(), YES, same)[-1] == "allow"
    assert verdicts(of(ASKED), pay(), pay("B"), YES, pay())[-1] == "ask"
    assert verdicts(of(ASKED), pay(), pay("B"), YES, pay("B"))[-1] == "allow"
    assert verdicts(of(ASKED), pay(), YES, pay("B"), YES, pay())[-1] == "ask"
    noted = 'clause e\n  forbid message where text contains "x"\n  otherwise ask user\n'
    assert verdicts(of(ASKED + noted), pay(), says("x"), YES, pay())[1:] == ["ask", "allow", "ask"]


def test_L73_as_the_call_would_go_on() -> None:
    """A changed call is what people are asked about. A spoken yes is for it as it is proposed then;
    the host's word lets the one that was proposed go on, changed."""
    capped = "clause e\n  forbid call pay where amount > 50\n  otherwise rewrite amount to 50\n"
    session = of(ASKED + capped)
    asked = session.decide(pay(amount=60))
    assert (asked.verdict, asked.after) == ("ask", pay(amount=50))
    spoken = [pay(amount=60), asked.after, asked.after]
    assert verdicts(of(ASKED + capped), pay(amount=60), YES, *spoken)[2:] == ["ask", "allow", "ask"]
    session.approve(asked, "user")
    decision = session.decide(pay(amount=60))
    assert (decision.verdict, decision.after, decision.agreed) == (
        "rewrite", pay(amount=50), ("user",)
    )  # fmt: skip
    assert verdicts(session, pay(amount=60), asked.after) == ["ask", "ask"]
    session.approve(asked, "user")
    assert verdicts(session, asked.after, asked.after) == ["allow", "ask"]


def test_L73_side_by_side() -> None:
    """The host's word names the call, so people outside can be asked about several."""
    session = of(BOSS)
    calls = [pay("A", 200), pay("B", 200), pay("C", 200)]
    assert verdicts(session, *calls) == ["ask"] * 3
    for one in calls[:2]:
        session.approve(one, "boss")
    assert verdicts(session, *calls) == ["allow", "allow", "ask"]


@pytest.mark.parametrize("between", [GO, Message("developer", "a note"), Message("x", "hm")])
def test_L74(between: Message) -> None:
    """Once, and until somebody with authority says something else; all others may talk."""
    assert verdicts(of(ASKED), pay(), YES, pay(), pay()) == ["ask", "allow", "allow", "ask"]
    quiet = [says(), log(), remit.Result("log", "no, stop"), Message("tool", "hm"), YES]
    assert verdicts(of(ASKED), pay(), YES, *quiet, pay())[-1] == "allow"
    assert verdicts(of(ASKED), pay(), YES, between, pay())[-1] == "ask"
    session = of(ASKED + BOSS)
    large = pay(amount=200)
    session.approve(session.decide(large), "boss")
    assert verdicts(session, YES, large) == ["allow", "allow"]
    session.approve(session.decide(large), "boss")
    assert verdicts(session, between) == ["allow"]
    assert session.decide(large).ask == ("user", "boss")


def test_L74_a_question_to_others_stays_open() -> None:
    """What the user says meanwhile does not end what the boss was asked."""
    session = of(BOSS)
    asked = session.decide(pay(amount=200))
    assert verdicts(session, GO, says()) == ["allow", "allow"]
    session.approve(asked, "boss")
    assert verdicts(session, pay(amount=200)) == ["allow"]


def test_L74_what_is_held_back_is_no_yes() -> None:
    """Nor is what was no yes before it was changed; a held-back no counts."""
    rude = 'clause e\n  forbid message from user where text contains "{}"\n  otherwise {}\n'
    denied = of(ASKED + rude.format("please", "deny"))
    assert verdicts(denied, pay(), Message("user", "yes, please"), pay()) == ["ask", "deny", "ask"]
    takes = of(ASKED + rude.format("no", "deny"))
    assert verdicts(takes, pay(), YES, Message("user", "no"), pay())[-2:] == ["deny", "ask"]
    redacted = of(ASKED + rude.format("but only 5", 'redact as ""'))
    told = Message("user", "yes but only 5")
    assert verdicts(redacted, pay(), told, pay()) == ["ask", "redact", "ask"]


def test_L75() -> None:
    """Never true of what cannot be read, is too large, or may have been before the beginning."""
    lax = ASKED + "  if unknown allow\n"
    unreadable = Call("pay", {}, bad_args="{")
    for strange in (unreadable, pay(note="x" * 1_100_000), pay(note={1, 2}), Call("", {})):
        assert verdicts(of(ASKED), strange, YES, strange) == ["ask", "allow", "ask"]
        assert verdicts(of(lax), pay(), YES, strange, pay()) == ["ask", "allow", "allow", "ask"]
    assert verdicts(of(lax), unreadable) == ["ask"]
    assert verdicts(of(lax, truncated=True), pay(), GO, pay()) == ["allow", "allow", "ask"]
    session = of(BOSS)
    calls = [pay(str(number), 200) for number in range(101)]
    assert set(verdicts(session, *calls)) == {"ask"}
    session.approve(calls[1], "boss")
    with pytest.raises(ApprovalError, match="the one asked about has other arguments"):
        session.approve(calls[0], "boss")
