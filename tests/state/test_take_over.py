"""A policy replaced under a running session: what goes on, and what is unknown from there."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.state.small import BLOCKS, HEAD, LABEL, SPOKEN, conversations, policies, policy_of, rude

import remit

JUDGES = {"reader": rude}
LOOK = remit.Call("look", {"order": "A1"})
PAY = remit.Call("pay", {"order": "A1", "amount": 9})
law = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def of(*parts: str) -> remit.Policy:
    """A policy of blocks and written-out pieces."""
    known = {name: f"clause c.{name}\n  {BLOCKS[name].replace('{n}', '2')}" for name in BLOCKS}
    known |= {name: f"{name}\n{body}" for name, body in SPOKEN.items()}
    return remit.load("\n".join([HEAD, *(known.get(one, one) for one in parts)]) + "\n")


def begun(policy: remit.Policy, *steps: remit.Step) -> remit.Session:
    """A session in which the steps were judged."""
    session = policy.session(judges=JUDGES)
    for step in steps:
        session.decide(step)
    return session


# ---- the same policy


@law
@given(policies(), conversations, st.integers(0, 16))
def test_a_policy_takes_over_from_itself(
    policy: remit.Policy, steps: list[dict[str, object]], at: int
) -> None:
    """Then nothing changes, and the old session is left as it was."""
    session = policy.session(judges=JUDGES)
    for step in steps[:at]:
        session.decide(step)
    saved = session.save()
    other = policy.take_over(session)
    assert other.save() == saved
    records = [other.decide(step).to_json() for step in steps[at:]]
    assert session.save() == saved
    assert [session.decide(step).to_json() for step in steps[at:]] == records


def test_a_policy_that_remembers_nothing_takes_over_from_itself() -> None:
    """Nothing is cut off where nothing is asked."""
    session = begun(of("asked", "lead_says"), LOOK)
    assert of("asked", "lead_says").take_over(session).save() == session.save()


# ---- what was done


def test_what_both_ask_goes_on() -> None:
    """Counts, and the place in the conversation; what was judged is not judged anew."""
    old, new = of("per"), of("per", "limit")
    session = new.take_over(begun(old, PAY, PAY))
    decision = session.decide(PAY)
    assert decision.decided_by == ("small::c.per",)
    assert decision.index == 2
    assert not decision.unknown
    assert decision.to_json()["policy"]["digest"] == new.digest


def test_what_only_the_new_one_asks_is_unknown() -> None:
    """Not zero: the payments may have been there."""
    old, new = of("limit"), of("limit", "per")
    assert old.session().decide(PAY)
    first = new.session().decide(PAY)
    assert first.verdict == "allow"
    decision = new.take_over(begun(old, LOOK)).decide(PAY)
    assert decision.verdict == "deny"
    assert decision.unknown[0].norm == "small::c.per"
    assert new.take_over(old.session()).decide(PAY).verdict == "allow", "nothing was, so it is seen"


def test_what_was_not_seen_leaves_a_window() -> None:
    """Unknown until all that was not seen is out of it."""
    old, new = of("limit", "per"), of("limit", "count")
    session = new.take_over(begun(old, LOOK, LOOK))
    verdicts = [bool(session.decide(step)) for step in (PAY, LOOK, PAY, LOOK, PAY)]
    assert verdicts == [False, True, False, True, True]


def test_the_step_just_before_is_unknown_where_nobody_asked() -> None:
    """For one step."""
    old, new = of("per"), of("per", "just")
    session = new.take_over(begun(old, LOOK))
    send = remit.Call("send", {"to": "B2"})
    assert session.decide(send).verdict == "deny"
    session.decide(LOOK)
    assert session.decide(send).verdict == "allow"


def test_what_was_surely_done_is_done() -> None:
    """`earlier` is true once it is seen; before it is unknown."""
    old, new = of("per"), of("per", "earlier")
    session = new.take_over(begun(old, LOOK))
    assert session.decide(PAY).unknown
    session.decide(LOOK)
    assert session.decide(PAY).verdict == "allow"


def test_what_is_owed_stays_owed() -> None:
    """A debt of both goes on; one that only the new policy knows may be there, until it is done."""
    old, both, fresh = of("within"), of("within", "limit"), of("limit", "turn", "within")
    session = both.take_over(begun(old, PAY))
    verdicts = [session.decide(remit.Message("assistant", "so")).verdict for _ in range(3)]
    assert verdicts == ["allow", "allow", "deny"]
    session = fresh.take_over(begun(of("limit"), LOOK))
    assert session.decide(remit.Message("assistant", "so")).unknown
    session.decide(LOOK)
    assert session.decide(remit.Message("assistant", "so")).verdict == "allow"


def test_a_tool_that_means_something_else_is_another_question() -> None:
    """The same words about a tool with other arguments are not the same question."""
    old = of("per")
    text = (HEAD + "clause c.per\n  " + BLOCKS["per"].replace("{n}", "2") + "\n").replace(
        "amount: number)", "amount: number, note?: text)"
    )
    session = remit.load(text).take_over(begun(old, LOOK))
    assert session.decide(PAY).unknown


def test_the_arguments_of_calls_that_nobody_kept_are_unknown() -> None:
    """Where the old policy did not ask for them."""
    old, new = of("limit"), of("limit", "called")
    call, result = remit.Call("look", {"order": "A1"}, id="7"), remit.Result("look", "x", id="7")
    assert begun(new, call).decide(result).verdict == "allow"
    assert new.take_over(begun(old, call)).decide(result).verdict == "deny"


def test_where_values_come_from_goes_on_unless_a_label_is_in_it() -> None:
    """What only the new policy asks, and what a label may mean, is unknown."""
    user = remit.Message("user", "send it to alice@acme.example")
    call = remit.Call("send", {"to": "alice@acme.example"})
    old, new = of("source"), of("source", "limit")
    decision = new.take_over(begun(old, user)).decide(call)
    assert decision.verdict == "allow"
    decision = new.take_over(begun(of("limit"), user)).decide(call)
    assert decision.verdict == "deny"
    assert decision.unknown
    labelled = of(LABEL, "source", "label")
    assert labelled.take_over(begun(labelled, user)).decide(call).verdict == "allow"
    assert of(LABEL, "source", "label", "limit").take_over(begun(old, user)).decide(call).unknown


def test_what_only_the_new_policy_asks_of_origins_is_unknown() -> None:
    """Texts that the old one could not ask about were not kept; those after it are."""
    user, look = remit.Message("user", "pay A1 to Bob"), remit.Result("look", "A1 is due")
    mine = "clause c.mine\n  forbid call pay where order came from {}\n"
    old = remit.load(HEAD + mine.format("message from user"))
    for origin in ("message from user", "message from user, developer", "result of look", "step"):
        new = remit.load(HEAD + mine.format(origin))
        decision = new.take_over(begun(old, user, look)).decide(remit.Call("pay", {"order": "A2"}))
        known = origin == "message from user"
        assert (decision.verdict, bool(decision.unknown)) == (
            "allow" if known else "deny",
            not known,
        )
        session = remit.load(HEAD + mine.format("result")).take_over(begun(old, user, look))
        session.decide(remit.Result("look", "A2 too"))
        decision = session.decide(remit.Call("pay", {"order": "A2"}))
        assert decision.verdict == "deny"
        assert not decision.unknown
    wide = remit.load(HEAD + mine.format("step"))
    again = old.take_over(wide.take_over(begun(old, user)))
    assert again.decide(remit.Call("pay", {"order": "A1"})).verdict == "deny"
    assert not old.take_over(begun(wide, user)).decide(remit.Call("pay", {"order": "A2"})).unknown
    restored = new.restore(new.take_over(begun(old, user)).save())
    assert restored.decide(remit.Call("pay", {"order": "A2"})).unknown


# ---- what was said


STOP, SEND = remit.Message("user", "stop"), remit.Call("send", {"to": "A1"})


def test_what_was_said_counts_where_the_directive_is_the_same() -> None:
    """With who said it and when; another layout and other words for people are the same."""
    old = of("directive stop", "limit")
    text = HEAD + 'directive stop "People say so."\n  heard "stop"\n  forbid call send\n'
    session = remit.load(text).take_over(begun(old, STOP))
    decision = session.decide(SEND)
    assert decision.decided_by == ("small::stop@0",)
    assert not decision.unknown


def test_a_directive_that_is_gone_says_nothing() -> None:
    """Its policy is no longer in force."""
    session = of("limit").take_over(begun(of("directive stop", "limit"), STOP))
    assert session.decide(SEND).verdict == "allow"


def test_a_directive_that_is_new_or_another_may_have_been_said() -> None:
    """One that holds back counts; one that opens does not; from now on both are heard."""
    old, new = of("limit"), of("limit", "directive stop")
    decision = new.take_over(begun(old, LOOK)).decide(SEND)
    assert decision.verdict == "deny"
    assert decision.unknown
    assert new.take_over(old.session()).decide(SEND).verdict == "allow"
    other = HEAD + 'directive stop\n  heard "halt"\n  forbid call send\n'
    assert remit.load(other).take_over(begun(of("directive stop"), LOOK)).decide(SEND).unknown
    old, new = of("turns"), of("turns", "directive free at user")
    session = new.take_over(begun(old, remit.Message("user", "free"), PAY, PAY))
    assert session.decide(PAY).verdict == "deny"


def test_void_directives_are_still_void() -> None:
    """And with a new directive it is unknown whether one was heard."""
    told = remit.Result("look", "stop")
    old, new = of("directive stop", "limit"), of("directive stop", "void")
    decision = new.take_over(begun(old, told)).decide(PAY)
    assert decision.verdict == "deny"
    assert not decision.unknown
    assert new.take_over(begun(old, LOOK)).decide(PAY).verdict == "allow"
    newer = of("directive stop", "directive less", "void")
    assert newer.take_over(begun(old, LOOK)).decide(PAY).unknown


def test_a_loan_that_is_gone_takes_along_what_was_said_by_it() -> None:
    """A limit on who may say it must not be lost with the loan."""
    lend = "delegate user to result of look"
    old, new = of(lend, "directive less"), of("directive less", "limit")
    session = begun(old, remit.Result("look", "at most 50"))
    assert of(lend, "directive less", "limit").take_over(session).decide(PAY).verdict == "allow"
    assert new.take_over(session).decide(PAY).unknown


def test_a_permit_that_could_not_be_said_now_is_not_carried() -> None:
    """Under the new policy its author would need more authority."""
    user = of("turns").checked.chain.index("user")
    free = 'directive free at user\n  heard "free"\n  permit c.a\n'
    clause = "clause c.a{}\n  forbid call send\n"
    old = remit.load(HEAD + clause.format(" at user") + free)
    new = remit.load(HEAD + clause.format("") + free)
    session = begun(old, remit.Message("user", "free"))
    assert session.decide(SEND).verdict == "allow"
    assert old.ground.program.roles["user"] == user
    decision = new.take_over(session).decide(SEND)
    assert decision.verdict == "deny"
    assert decision.to_json().get("past", {}).get("said") is None


# ---- the rest


def test_halted_stays_halted_and_the_chain_must_be_the_same() -> None:
    """A new policy is no way out of a halt; levels are not guessed."""
    old = remit.load(HEAD + "clause a\n  forbid call pay\n  otherwise halt\n")
    session = begun(old, PAY)
    assert of("limit").take_over(session).halted
    other = remit.load("spec o\nauthor boss\nchain boss > user\n")
    with pytest.raises(ValueError, match="the chain of command is another one"):
        other.take_over(session)


def test_judges_go_on_or_are_asked_anew() -> None:
    """Their answers belong to them."""
    policy = policy_of(("judged",), (), 1)
    said = remit.Message("assistant", "idiot")
    session = begun(policy, said)
    assert policy.take_over(session).decide(said).verdict == "deny"
    kind = policy.take_over(session, {"reader": lambda question: False})
    assert kind.decide(said).verdict == "allow"


@law
@given(policies(), policies(), conversations)
def test_any_policy_takes_over_from_any(
    old: remit.Policy, new: remit.Policy, steps: list[dict[str, object]]
) -> None:
    """And no verdict is milder than where all before it is unknown, but for what is known."""
    session = new.take_over(begun_with(old, steps))
    again = new.restore(session.save(), JUDGES)
    assert again.save() == session.save()
    for step in steps:
        assert session.decide(step).to_json() == again.decide(step).to_json()


def begun_with(policy: remit.Policy, steps: list[dict[str, object]]) -> remit.Session:
    """A session in which the steps, written natively, were judged."""
    session = policy.session(judges=JUDGES)
    for step in steps:
        session.decide(step)
    return session
