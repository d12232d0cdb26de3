"""A plain decision does little; whoever looks at it later, or goes on from it, sees the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

import remit
from remit.program.view import View, plain_view
from remit.state import fold
from remit.verdict.decide import Unfinished, at_once
from remit.verdict.scene import Scene

HEAD = """spec made
author developer
tool pay(amount: number, to: text)
tool read(what: text)
"""
WARM = 4  # times that a step is decided before it goes the short way


def session_of(text: str, steps: list[remit.Step]) -> remit.Session:
    """A session in which steps like these were seen in other conversations."""
    policy = remit.load(HEAD + text)
    for _ in range(WARM):
        before = policy.session()
        for step in steps:
            before.decide(step)
    return policy.session()


def was_short(decision: remit.Decision) -> bool:
    """Whether nobody had to look at the step as conditions see it."""
    return isinstance(decision.made[4], Scene)


PAY = remit.Call("pay", {"amount": 5, "to": "me"})


def test_the_view_is_made_once_and_in_its_own_state() -> None:
    """What was violated later in the turn is not what the decision was made in."""
    text = "clause a\n  forbid call pay where amount > 5\nclause b\n  forbid call read\n"
    session = session_of(text, [PAY])
    decision = session.decide(PAY)
    assert was_short(decision)
    before = session._state
    session.decide(remit.Call("read", {"what": "x"}))
    assert session._state is not before
    view = decision.view
    assert view is decision.view
    assert view is not None
    assert view.past is before
    assert "amount" in str(decision.flip)


@pytest.mark.parametrize("role", ["assistant", "agent", "tool", "user", ""])
@pytest.mark.parametrize("name", ["pay", "", "unknown"])
def test_a_plain_view_is_a_view(role: str, name: str) -> None:
    """It is made another way, of the steps that are well-typed."""
    session = session_of("clause a\n  forbid call pay\n", [])
    known, past = session._ground.program.known, session._state
    steps: list[remit.Step] = [
        remit.Call(name, {"to": "x"}, role=role), remit.Result(name, "text", role=role),
        remit.Message(role, "text"), remit.Call(name, {}, role=role, bad_args="{"),
    ]  # fmt: skip
    for step in steps:
        made, wanted = plain_view(step, known, {"a": 1}, past), View(step, known, {"a": 1}, past)
        names = [one for one in vars(View) if not one.startswith("__")] + list(vars(wanted))
        for one in sorted({*names} - {"reading"}):
            if not callable(getattr(wanted, one)):
                assert getattr(made, one) == getattr(wanted, one), (one, step)


def test_what_is_violated_in_a_new_turn_is_noted_again() -> None:
    """An outcome that changed nothing may change something later."""
    session = session_of("clause a\n  forbid call read\n", [remit.Call("read", {"what": "x"})])
    read, said = remit.Call("read", {"what": "x"}), remit.Message("developer", "go on")
    for _ in range(2):
        states = [session._state]
        for _ in range(3):
            decision = session.decide(read)
            assert was_short(decision)
            assert decision.view is not None
            assert decision.view.past is states[-1]
            states.append(session._state)
        assert [bool(one.turn) for one in states] == [False, True, True, True]
        assert len({id(one) for one in states}) == 2
        session.decide(said)


def test_a_message_goes_the_short_way_by_its_role() -> None:
    """Roles that nothing mentions share a bucket and outcomes, and some of them begin a turn."""
    text = "clause a\n  forbid message where text matches /damn/\n  otherwise warn\n"
    steps: list[remit.Step] = [remit.Message("assistant", one) for one in ("fine", "damn")]
    session = session_of(text, steps)
    told = [session.decide(steps[0]) for _ in range(2)]
    assert len(session._scene.still) == 1
    assert session._state is told[0].view.past is told[1].view.past  # type: ignore[union-attr]
    session.decide(steps[1])
    assert session._state.turn == {"made::a"}
    asking = session._state
    for step in (*steps, remit.Message("function", "fine"), remit.Message("tool", "fine")):
        session.decide(step)
    assert session._state is asking
    session.decide(remit.Message("developer", "fine"))
    assert not session._state.turn, "a turn begins, though the outcome was seen before"
    began = session._state
    session.decide(remit.Message("developer", "fine"))
    session.decide(remit.Message("stranger", "fine"))
    assert session._state is began


def test_a_message_begins_a_turn_also_in_a_memory() -> None:
    text = "clause a\n  forbid call pay where (count of call read within 1 turns) >= 1\n"
    read, said = remit.Call("read", {"what": "x"}), remit.Message("user", "go on")
    other = remit.Message("assistant", "well")
    session = session_of(text, [read, said, other, PAY])
    for _ in range(3):
        decisions = [session.decide(step) for step in (said, other, PAY, read, other, PAY, said)]
        assert [bool(one) for one in decisions] == [True] * 5 + [False, True]
        assert session.decide(PAY)
    decisions = [session.decide(step) for step in (said, said, read, said, PAY)]
    assert all(decisions)


def test_halt_halts_though_it_was_violated_before() -> None:
    text = "clause a\n  forbid call pay\n  otherwise halt\n"
    session = session_of(text, [PAY])
    session._state = replace(session._state, turn=frozenset({"made::a"}))
    assert session.decide(PAY).verdict == "halt"
    assert session.decide(PAY).errors == (("halted", "an earlier step halted the conversation"),)


def test_a_cap_that_is_reached_is_told_from_then_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps that the memory alone takes in know when something had to be let go."""
    monkeypatch.setattr(fold, "MOST_KEYS", 2)
    text = "clause a\n  forbid call pay where count of (call pay where to = this.to) > 9\n"
    pays: list[remit.Step] = [remit.Call("pay", {"amount": 1, "to": str(n)}) for n in range(3)]
    other = remit.Call("other", {})
    session = session_of(text, [*pays, other])
    decisions = [session.decide(step) for step in (other, other, *pays[:2], other, pays[2], other)]
    assert [len(one.full) for one in decisions] == [0, 0, 0, 0, 0, 0, 1]
    assert was_short(decisions[1])


def test_a_cap_that_a_message_reaches_is_told_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages go the longer way, and steps after them need not."""
    monkeypatch.setattr("remit.state.totals.MOST_DISTINCT", 2)
    text = "clause a\n  forbid call pay where (distinct of text over message) > 9\n"
    said: list[remit.Step] = [remit.Message("assistant", str(n)) for n in range(3)]
    other = remit.Call("other", {})
    session = session_of(text, [*said, other])
    decisions = [session.decide(step) for step in (other, other, *said, other, other)]
    assert [len(one.full) for one in decisions] == [0, 0, 0, 0, 0, 1, 1]
    assert was_short(decisions[1])


def test_the_memory_takes_in_what_goes_the_short_way() -> None:
    """Steps that nothing asks for count as steps, and those that something asks for are kept."""
    text = "clause a\n  forbid call pay where (count of call read within 2 steps) >= 1\n"
    read, other = remit.Call("read", {"what": "x"}), remit.Call("other", {})
    session = session_of(text, [PAY, read, other])
    decisions = [session.decide(step) for step in (PAY, read, PAY, other, other, PAY)]
    assert [bool(one) for one in decisions] == [True, True, False, True, True, True]
    assert [was_short(one) for one in decisions] == [False, False, False, True, True, False]
    assert session._state.memory.step == 5, "what was denied is no step"


def test_time_passes_with_steps_that_nothing_asks_for() -> None:
    text = "clause a\n  forbid call pay where (count of call read within 10s) >= 1\n"
    read, other = remit.Call("read", {"what": "x"}, time=0.0), remit.Call("other", {}, time=20.0)
    session = session_of(text, [PAY, read, other])
    session.decide(read)
    assert not session.decide(PAY), "it may be within ten seconds"
    session.decide(other)
    assert session.decide(PAY), "time does not go back"


@pytest.mark.parametrize("name", ["", "\0", "\0\0"])
def test_a_tool_without_a_name_may_be_any(name: str) -> None:
    """Tools that no clause mentions share a bucket, and a call that does not tell has another."""
    session = session_of("clause a\n  forbid call pay\n", [PAY])
    others = [remit.Call(f"other_{n % 3}", {}) for n in range(9)]
    assert all(session.decide(one).verdict == "allow" for one in others)
    assert bool(session.decide(remit.Call(name, {}))) == (name != "")
    assert not session.decide(PAY)


def test_names_that_nothing_mentions_are_not_kept_without_end() -> None:
    session = session_of("clause a\n  forbid call pay\n", [PAY])
    for n in range(1_100):
        session.decide(remit.Call(f"other_{n}", {}))
    session.decide(remit.Call("other" * 30, {}))
    found = session._ground.program.buckets["call"]
    assert len(found) <= 1_000
    assert max(map(len, found)) <= 100


class Name(str):
    """No text: only `str` itself is."""


def odd_steps() -> Iterator[Any]:
    """Steps of which one field is not what it must be."""
    bad: list[Any] = [None, 3, Name("pay"), ["pay"]]
    for one in bad:
        yield remit.Call(one, {"amount": 5, "to": "me"})
        yield remit.Call("pay", {"amount": 5, "to": "me"}, id=one)
        yield remit.Call("pay", {"amount": 5, "to": "me"}, role=one)
        yield remit.Call("pay", {"amount": 5, "to": "me"}, context=one)
        yield remit.Call("pay", {"amount": 5, "to": "me"}, directives=one)
        yield remit.Result("pay", one)
        yield remit.Result("pay", "", id=one)
        yield remit.Result(one, "")
        yield remit.Message("user", one)
        yield remit.Message("user", "", one)
        yield remit.Message(one, "")
    yield remit.Call("pay", {"amount": 5, "to": "me"}, time=float("nan"))
    yield remit.Call("pay", {"amount": 5, "to": "me"}, time=True)


def test_what_is_malformed_is_never_plain() -> None:
    session = session_of("clause a\n  forbid call read\n", [PAY])
    for step in odd_steps():
        assert at_once(session._scene, step, 0) is None, step
        decision = session.decide(step)
        assert (decision.verdict, decision.decided_by) == ("deny", ()), step
        assert decision.errors[0][0] == "engine_error", step


def test_who_hears_of_decisions_hears_of_plain_ones() -> None:
    """A scene in which somebody is told leaves nothing finished."""
    session = session_of("clause a\n  forbid call read\n", [PAY])
    told = Scene(session._ground, {}, session._state, told=True)
    assert isinstance(at_once(session._scene, PAY, 0), remit.Decision)
    for _ in range(2):
        unfinished = at_once(told, PAY, 0)
        assert isinstance(unfinished, Unfinished)
        assert was_short(unfinished.decision)


KEEPING = """spec keeping
author developer
clause logged_in
  forbid call pay where amount > 5 unless earlier call login
clause named
  forbid call pay where to came from result
clause same
  forbid result of pay where called.to = "X0"
"""


def test_steps_that_no_fold_asks_for_are_kept_for_other_questions() -> None:
    """Where values come from, and what a call was given, is asked of any step."""
    policy = remit.load(KEEPING)
    session = policy.session()
    for number in range(6):  # generated functions are made, and folds know their beginning
        session.decide(remit.Call("login", {}, f"l{number}"))
        session.decide(remit.Result("read", f"account A{number}77", id=f"r{number}"))
        paid = {"to": f"A{number}77", "amount": 1}
        assert session.decide(remit.Call("pay", paid, f"p{number}")).verdict == "deny"
        assert session.decide(remit.Call("pay", {"to": f"X{number}", "amount": 1}, f"q{number}"))
        result = session.decide(remit.Result("pay", "done", id=f"q{number}"))
        assert bool(result) is (number > 0)
        assert not result.unknown
