"""Conversations that are not as they should be: "Odd conversations" in `docs/python.md`."""

from __future__ import annotations

from typing import Any

import pytest

import remit
from remit import Call, Message, Result, Session

HEAD = """
spec odd
author developer
tool pay(order: text, amount: number)
tool look(order: text)
remember seen = order in call look at most 2
"""
HUGE = "x" * 10_000_000


def of(*conditions: str) -> Session:
    """A session of a policy with a clause for each condition; what is unknown warns."""
    clauses = [f"clause c{number}\n  forbid {one}\n  if unknown warn\n"
               for number, one in enumerate(conditions)]  # fmt: skip
    return remit.load(HEAD + "".join(clauses)).session()


def verdicts(session: Session, *steps: remit.Step) -> list[str]:
    """The verdicts on the steps."""
    return [session.decide(one).verdict for one in steps]


def pay(amount: Any = 1, **more: Any) -> Call:
    """A payment."""
    return Call("pay", {"order": "A", "amount": amount}, **more)


def test_time_that_goes_back() -> None:
    """The step counts as of the latest time known; so nothing leaves a window too soon, or late."""
    often = "call pay where count of call pay within 10s >= 2"
    early = [pay(time=100), pay(time=1), pay(time=105), pay(time=111), pay(time=2)]
    assert verdicts(of(often), *early) == ["allow", "allow", "deny", "allow", "allow"]
    assert verdicts(of(often), pay(time=100), pay(time=-5), pay(time=50)) == [
        "allow", "allow", "deny",
    ]  # fmt: skip


@pytest.mark.parametrize("time", [float("nan"), float("inf"), "noon", True])
def test_a_time_that_is_none(time: Any) -> None:
    """A decision all the same, and never an allow that rests on it."""
    session = of("call pay where count of call pay within 10s >= 1")
    assert session.decide(pay(time=1)).verdict == "allow"
    assert session.decide(pay(time=time)).verdict != "allow"


def test_steps_in_another_order() -> None:
    """They count in the order in which they are judged: a result before its call has none."""
    session = of("result where called.amount > 5")
    back = Result("pay", "done", id="1")
    assert verdicts(session, back, pay(9, id="1"), back) == ["allow", "allow", "deny"]


def test_a_result_without_a_call() -> None:
    """`called` is absent; a result without an id may be of any call."""
    session = of("result where called is missing", "result where called.amount > 5")
    assert session.decide(Result("pay", "done", id="7")).decided_by == ("odd::c0",)
    assert session.decide(Result("pay", "done")).verdict == "warn"


def test_two_results_for_one_call() -> None:
    """Both are its results, and both are steps."""
    session = of("result where called.amount > 5", "call look where count of result of pay >= 2")
    back = Result("pay", "done", id="1")
    assert verdicts(session, pay(2, id="1"), back, back, Call("look", {"order": "A"})) == [
        "allow", "allow", "allow", "deny",
    ]  # fmt: skip


def test_an_id_that_is_used_twice() -> None:
    """Whose result it is, is unknown, unless the first call had its result."""
    back = Result("pay", "done", id="1")
    calls = pay(9, id="1"), pay(2, id="1")
    assert verdicts(of("result where called.amount > 5"), *calls, back)[-1] == "warn"
    small = "result where called.amount < 5"
    assert verdicts(of(small), calls[0], back, calls[1], back)[1:] == ["allow", "allow", "deny"]


def test_a_memory_at_its_cap() -> None:
    """What is in it is known, what is not is unknown; and the explanation says so."""
    session = of("call pay where order not in seen")
    looks = [Call("look", {"order": name}) for name in "ABC"]
    assert verdicts(session, *looks, pay()) == ["allow"] * 4
    for name in "CD":
        decision = session.decide(Call("pay", {"order": name, "amount": 1}))
        assert decision.verdict == "warn"
        assert any("has reached its cap" in note for note in decision.explain().notes)


def test_values_of_ten_megabytes() -> None:
    """Found as they are looked up by and where they came from; what is kept of them is unknown."""
    large, other = (Call("look", {"order": text}) for text in (HUGE, HUGE + "y"))
    again = of("call look where earlier (call look where order = this.order)")
    assert verdicts(again, large, other, large) == ["allow", "allow", "deny"]
    last = of("call look where last of order over call pay = order")
    assert verdicts(last, Call("pay", {"order": HUGE, "amount": 1}), large) == ["allow", "warn"]
    memory = of("call pay where order not in seen")
    assert verdicts(memory, large, pay()) == ["allow", "warn"]
    called = of('result where called.order = "A"')
    steps: list[remit.Step] = [Call("look", {"order": HUGE}, id="1"), Result("look", HUGE, id="1")]
    assert verdicts(called, *steps) == ["allow", "warn"]


def test_a_message_of_ten_megabytes() -> None:
    """It is no yes, is saved as little, and its record can be made."""
    text = "clause c\n  forbid call pay unless confirmed by user\n  otherwise ask user\n"
    session = remit.load(HEAD + text).session()
    steps: list[remit.Step] = [pay(), Message("user", "yes " + HUGE), pay()]
    assert verdicts(session, *steps) == ["ask", "allow", "ask"]
    assert len(session.save()) < 1_000
    asks = session.decide(Call("pay", {"order": HUGE, "amount": 1}))
    assert asks.ask == ("user",)
    assert asks.to_json()["verdict"] == "ask"
    assert verdicts(session, Message("user", "yes"), asks.step) == ["allow", "ask"]


def test_values_that_hold_themselves() -> None:
    """Looking into one has an end, and what was not found in it is unknown."""
    ring: list[Any] = []
    ring.append(ring)
    ring += [ring] * 1_000
    record: dict[str, Any] = {"b": ring}
    record["a"] = record
    asked = "clause c\n  forbid call pay unless confirmed by user\n  otherwise ask user\n"
    for value in (ring, record):
        step = Call("pay", {"order": value, "amount": 1})
        for one in (
            "text contains 'x'",
            "order is 'x'",
            "earlier (call pay where order = this.order)",
        ):
            session = of(f"call pay where {one}".replace("'", '"'))
            assert "allow" not in verdicts(session, step, step)[1:]
        assert verdicts(of("result where has email"), Result("look", value=value)) != ["allow"]
        asks = remit.load(HEAD + asked).session().decide(step)
        assert asks.verdict == "ask"
        assert asks.to_json()["verdict"] == "ask"
