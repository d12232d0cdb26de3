"""Explanations of decisions that rest on what somebody confirmed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from remit import Call, Message, Session, Step, load
from remit_grammar.diagnostic import render

Golden = Callable[[Path, str], None]
SPEC = """
spec acme.pays
author developer
tool pay(to: text, amount: number)
clause pay.asked "The user is asked before anything is paid."
  forbid call pay unless confirmed by user
  otherwise ask user
clause pay.large
  forbid call pay where amount > 100 unless confirmed by boss
  otherwise ask boss
"""


def pay(amount: object = 20, **more: object) -> Call:
    """A payment."""
    return Call("pay", {"to": "Bob", "amount": amount, **more})


def user(text: str) -> Message:
    """The user says something."""
    return Message("user", text)


def told(session: Session, step: Call | Message) -> list[str]:
    """What is noted about who confirmed what."""
    notes = session.decide(step).explain().notes
    return [one for one in notes if not one.startswith("ask: ")]


def test_explanations(golden: Golden) -> None:
    """A whole conversation, to the letter."""
    session = load(SPEC).session()
    said: list[Step] = [
        pay(),
        user("yes"),
        pay(40),
        pay(40),
        user("Yes, but why?"),
        pay(),
        user("ok"),
        pay(),
    ]
    parts = [render(session.decide(step).explain()) for step in said]
    golden(Path("data/explanations_consent.txt"), "\n".join(parts))


def test_what_the_host_was_told_and_what_differs() -> None:
    """After which step, and the first argument that was another one."""
    session = load(SPEC).session()
    session.approve(session.decide(pay(200)), "boss")
    assert told(session, pay(300)) == [
        "the yes of `boss` after step 1 was for other arguments: `amount` was 200"
    ]
    for other, why in (
        (pay(200, note="x"), "`note` was left out"),
        (pay("200"), "`amount` was 200"),
        (Call("pay", {"amount": 200}), '`to` was "Bob"'),
    ):
        assert any(one.endswith(why) for one in told(session, other)), why
    assert told(session, pay(200))[0] == "it was confirmed by `boss` after step 1"
    strange = Call("pay", {}, bad_args="{")
    assert any("the arguments cannot be read" in one for one in told(session, strange))
    assert all(len(one) < 300 for one in told(session, pay("x" * 10_000)))


def test_what_is_too_large_to_keep_is_told_so() -> None:
    """It is bound to all the same."""
    session = load(SPEC).session()
    large = pay(1, note="x" * 100_000)
    assert [session.decide(one).verdict for one in (large, user("yes"))] == ["ask", "allow"]
    assert told(session, pay(1)) == [
        "the yes of `user` in step 2 was for other arguments: they are too large to tell"
    ]
    assert [session.decide(one).verdict for one in (large, user("yes"), large)][-1] == "allow"
