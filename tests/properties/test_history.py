"""Questions about the past and obligations: the engine against the definition, and laws 4 and 9.

As in `test_laws.py` every case goes the whole way from text.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from types import FrameType
from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from tests.properties.definition_history import UNKNOWN, Promise, overdue
from tests.properties.history_cases import (
    Act,
    Asked,
    conversations,
    deed,
    deeds,
    ids,
    looked,
    policy_of,
    promise_text,
    promises,
    questions,
    turns,
    wanted,
)  # fmt: skip

import remit
from remit import Call, Message, Result

law = settings.get_profile("laws")
ANSWERS: Counter[str] = Counter()


@pytest.fixture(scope="module", autouse=True)
def _report() -> Iterator[None]:
    yield
    print("\n" + "  ".join(f"{name}: {count}" for name, count in sorted(ANSWERS.items())))


def _same(one: Any, other: Any) -> bool:
    if one is UNKNOWN or other is UNKNOWN or isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return bool(one == other)


@settings(law, max_examples=5 * law.max_examples)
@given(st.lists(questions(), min_size=1, max_size=4), conversations(), st.booleans())
def test_the_engine_agrees_with_the_definition(
    asked: list[Asked], acts: list[Act], cut: bool
) -> None:
    """Law 10 for history: at every step, what was held back among them leaving no trace."""
    text = "".join(one.text(number) for number, one in enumerate(asked))
    policy = policy_of(text)
    names, session = ids(policy), policy.session(truncated=cut)
    past: list[Act] = []
    for act in acts:
        decision = session.decide(act.step())
        assert not decision.errors
        for number, one in enumerate(asked if act.tool != "user" else []):
            told, found = wanted(one, [*past, act], cut=cut), looked(decision, names[f"q{number}"])
            assert _same(found, told), f"{one}\n{found} is not {told}\n{text}\n{past}\n{act}"
            ANSWERS[f"{one.question.fold} {'known' if told is not UNKNOWN else 'unknown'}"] += 1
        past += [act] if decision else []
    event(f"{len(past) < len(acts) and 'some steps were held back'}")


@settings(law, max_examples=2 * law.max_examples)
@given(questions(), conversations(most=30), st.booleans())
def test_a_cap_makes_an_answer_unknown_and_never_wrong(
    asked: Asked, acts: list[Act], cut: bool
) -> None:
    """With caps of one or two; of a memory what is in it is true, and all of it if it says so."""
    policy = policy_of(asked.text(0).replace("at most 1000", "at most 1"))
    (name,), session = ids(policy).values(), policy.session(truncated=cut)
    past: list[Act] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("remit.state.fold.MOST_KEYS", 2)
        patch.setattr("remit.state.window.MOST_ENTRIES", 1)
        patch.setattr("remit.state.totals.MOST_DISTINCT", 1)
        for act in acts:
            decision = session.decide(act.step())
            if act.tool != "user":
                told, found = wanted(asked, [*past, act], cut=cut), looked(decision, name)
                if isinstance(found, tuple):
                    assert found[0] <= told[0]
                    assert not found[1] or found == told
                else:
                    where = f"{asked}\n{found} is not {told}\n{past}\n{act}"
                    assert found is UNKNOWN or _same(found, told), where
                    ANSWERS[f"at a cap {'the same' if _same(found, told) else 'unknown'}"] += 1
            past += [act] if decision else []


@settings(law, max_examples=3 * law.max_examples)
@given(promises(), deeds(), st.booleans())
def test_debts_agree_with_the_definition(promise: Promise, acts: list[Act], cut: bool) -> None:
    """The same for what is owed."""
    policy = policy_of(promise_text(promise))
    (name,) = ids(policy).values()
    session = policy.session(truncated=cut)
    past: list[Act] = []
    for act in acts:
        decision = session.decide(act.step())
        if act.tool != "user":
            made = [deed(one, turn) for one, turn in zip([*past, act], turns([*past, act]),
                                                         strict=True)]  # fmt: skip
            told, found = overdue(promise, made, cut=cut), looked(decision, name)
            assert found is told, f"{promise}\n{found} is not {told}\n{past}\n{act}"
            ANSWERS[f"overdue {told}"] += 1
        past += [act] if decision else []


@settings(law)
@given(st.lists(questions(), min_size=1, max_size=3), promises(), conversations())
def test_stepping_is_judging_each_prefix_from_scratch(
    asked: list[Asked], promise: Promise, acts: list[Act]
) -> None:
    """Law 4: another session that is given the steps so far decides the same."""
    text = "".join(one.text(number) for number, one in enumerate(asked, 1))
    policy = policy_of(text + promise_text(promise))
    session = policy.session()
    for end, act in enumerate(acts):
        decision, other = session.decide(act.step()), policy.session()
        whole = [other.decide(one.step()) for one in acts[: end + 1]][-1]
        assert decision.to_json() == whole.to_json()


# ---- law 9

LONG = """
tool pay(who: text, n: number)
tool verify(who: text)
remember names = who in call pay at most 50
clause a
  forbid call pay where count of (call pay where who = this.who) within 100s > 1000
clause b
  forbid call pay where sum of n over call pay within 50 steps > 1000000
clause c
  forbid call pay where largest of n over (call pay where who = this.who)
    since call verify > 1000000
clause d
  forbid call pay where distinct of who over call pay within 200s > 1000
clause e
  forbid call pay where earlier (call verify where who = this.who) within 3 turns and n > 1000000
clause f
  forbid call pay where n > 1000000 and who in names
clause g
  require call verify within 100 steps after call pay where n = 13
clause h
  require message from user since result before call pay
"""


def _long(length: int) -> Iterator[Any]:
    """Seven customers in turn, a question now and then, five seconds a step."""
    for at in range(length):
        who, time = f"c{at % 7}", at * 5.0
        if at % 20 == 0:
            yield Message("user", "go on", time=time)
        elif at % 20 == 13:
            yield Call("verify", {"who": who}, time=time)
        else:
            yield Call("pay", {"who": who, "n": at % 17}, time=time)


def _work(steps: Sequence[Any], policy: remit.Policy, last: int) -> int:
    """How many functions are called for the last steps of a conversation."""
    session, calls = policy.session(), 0

    def note(frame: FrameType, kind: str, arg: object) -> None:
        nonlocal calls
        calls += kind in ("call", "c_call")

    for step in steps[:-last]:
        assert session.decide(step)
    sys.setprofile(note)
    try:
        verdicts = [session.decide(step).verdict for step in steps[-last:]]
    finally:
        sys.setprofile(None)
    assert set(verdicts) == {"allow"}
    return calls


def test_the_cost_of_a_step_does_not_depend_on_the_length_of_the_conversation() -> None:
    """Law 9, in operations, once the longest window is full: those of 200 steps, late and later."""
    policy, steps = policy_of(LONG), list(_long(6_000))
    early, late = (_work(steps[:length], policy, 200) for length in (600, 6_000))
    assert late <= 1.05 * early, (early, late)


def test_a_long_window_that_nobody_empties_is_not_walked_through_again() -> None:
    """Calls that are held back after a pause find a thousand steps gone, and pay for them once."""
    policy = policy_of(
        "tool pay(n: number)\n"
        "clause a\n  forbid call pay where n > 5 and sum of n over call pay within 1h < 5\n"
    )
    session = policy.session()
    for at in range(1_000):
        assert session.decide(Call("pay", {"n": 1}, time=at))
    late = Call("pay", {"n": 6}, time=90_000.0)
    assert not session.decide(late)
    calls = 0

    def note(frame: FrameType, kind: str, arg: object) -> None:
        nonlocal calls
        calls += kind == "call"

    sys.setprofile(note)
    try:
        assert not session.decide(late)
    finally:
        sys.setprofile(None)
    assert calls < 300, calls


def test_a_result_is_a_step_too() -> None:
    """What the definition leaves to the reader: every step that took effect counts one."""
    policy = policy_of(
        "tool pay(n: number)\nclause a\n  forbid call pay where earlier call pay within 1 steps\n"
    )
    session = policy.session()
    assert session.decide(Call("pay", {"n": 1}))
    assert not session.decide(Call("pay", {"n": 1}))
    assert session.decide(Result("pay", "done"))
    assert session.decide(Call("pay", {"n": 1}))
