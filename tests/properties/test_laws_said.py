"""The laws where things are said: directives, settings, loans (semantics 9).

As in `test_laws.py` every case goes the whole way from text. A law is tried on conversations here,
for what was said before is what matters. Laws 1, 2 and 8 are in `test_laws_authority.py`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.properties import definition
from tests.properties.hearing import Now
from tests.properties.meaning import Seen
from tests.properties.oracle import Answer
from tests.properties.speech_cases import ALL, Case, cases, judges, law, policy_of, seen_of
from tests.properties.spoken import told

import remit
from remit import verify
from remit.program.values import UNKNOWN
from remit.state.save import state_from_json, state_to_json

COUNTS: Counter[str] = Counter()


@pytest.fixture(scope="module", autouse=True)
def _report() -> Iterator[None]:
    yield
    print("\n" + "  ".join(f"{name}: {count}" for name, count in sorted(COUNTS.items())))


# ---- law 10


@settings(law, max_examples=ALL.max_examples)
@given(cases())
def test_the_engine_agrees_with_the_definition(case: Case) -> None:
    """Law 10 for conversations: verdict, in force, void, settings, and the step as it goes on."""
    talk, context, steps, judge = case
    policy = policy_of(talk)
    if policy is None:
        return
    session = policy.session(context, judges(judge))
    now = Now(talk, judge.truth)
    for index, step in enumerate(steps):
        decision, wanted = session.decide(step), now.step(step, index, context)
        where = f"{index} of {steps}\n{context} {judge.table}\n{decision}\n{decision.in_force}\n"
        where += f"{decision.defeated}\n{decision.heard}\n{wanted}\n{told(talk)}"
        assert not decision.errors, f"{decision.errors}\n{where}"
        assert decision.verdict == wanted.verdict, where
        assert _voids(decision) == [(one.directive.id, one.needs) for one in now.here], where
        _count(decision)
        if not decision.hearing or not decision.hearing.spared:
            _same_norms(decision, wanted, where)
        _same_settings(decision, now, Seen(step, context, now), where)
        if decision:
            after = remit.Session(policy.ground, context).decide(wanted.step).step
            assert decision.after == after, where
        if session.halted:
            return
        now.taken()


def _voids(decision: remit.Decision) -> list[tuple[str, int | None]]:
    return [(one.directive, -1 if one.needs is None else one.needs) for one in decision.void]


def _same_norms(decision: remit.Decision, wanted: Answer, where: str) -> None:
    applied = {norm.id: norm for norm in wanted.applied}
    winners = {norm.id for norm in wanted.in_force}
    assert sorted(decision.in_force) == sorted(norm.id for norm in wanted.in_force), where
    assert {one.norm for one in decision.defeated} == applied.keys() - winners, where
    for one in decision.defeated:
        assert one.by in winners, where
        assert definition.beats(applied[one.by], applied[one.norm]) == one.reason, where


def _same_settings(decision: remit.Decision, now: Now, seen: Seen, where: str) -> None:
    for found in decision.settings:
        wanted = now.settle(found.name, seen)
        where = f"{found}\n{wanted}\n{where}"
        value = now.setting(found.name, seen)
        assert (found.value is UNKNOWN) == (type(value) is object), where
        assert found.value is UNKNOWN or found.value == value, where
        assert [one.id for one in found.claims] == [one.id for one in wanted.in_force[1:]], where
        lost = {name: (next(iter(by)), why) for name, (by, why) in wanted.lost.items()
                if why != "caution"}  # fmt: skip
        told_lost = {one.id: (one.by, one.reason) for one in found.lost}
        assert told_lost == {name: (found.name if by == "type" else by, why)
                             for name, (by, why) in lost.items()}, where  # fmt: skip
        assert bool(found.doubtful) == (wanted.left is None), where


def _count(decision: remit.Decision) -> None:
    COUNTS["decisions"] += 1
    COUNTS[f"verdict {decision.verdict}"] += 1
    COUNTS["some spoken norm applies"] += any("@" in one for one in decision.in_force)
    COUNTS["void"] += bool(decision.void)
    COUNTS["void: needs more"] += any(one.needs is not None for one in decision.void)
    COUNTS["setting unknown"] += any(one.doubtful for one in decision.settings)
    COUNTS["setting: constraint lost"] += any(one.lost for one in decision.settings)
    COUNTS["judge spared"] += bool(decision.hearing and decision.hearing.spared)
    COUNTS["by loan"] += any(one.loan for one in decision.heard.sayings)
    for reason in {one.reason for one in decision.defeated}:
        COUNTS[f"defeat by {reason}"] += 1


# ---- laws 4 and 5


@law
@given(cases())
def test_stepping_is_judging_each_prefix(case: Case) -> None:
    """Law 4: each record is that of the prefix that ends there, judged from scratch."""
    talk, context, steps, judge = case
    policy = policy_of(talk)
    if policy is None:
        return
    stepped = [one.to_json() for one in policy.judge(steps, context, judges(judge))]
    for end in range(1, len(steps) + 1):
        prefix = policy.judge(steps[:end], context, judges(judge))
        assert prefix[-1].to_json() == stepped[end - 1], told(talk)


@law
@given(cases())
def test_saved_sessions_go_on(case: Case) -> None:
    """Law 5 for what was said: a state that was saved and restored decides the same."""
    talk, context, steps, judge = case
    policy = policy_of(talk)
    if policy is None:
        return
    session = policy.session(context, judges(judge))
    for index, step in enumerate(steps):
        saved = json.loads(json.dumps(state_to_json(session._state)))
        again = policy.session(context, judges(judge))
        again._state, again._index = state_from_json(policy.ground.program, saved), index
        assert seen_of(again.decide(step)) == seen_of(session.decide(step)), told(talk)
        assert state_to_json(again._state) == state_to_json(session._state), told(talk)
        if session.halted:
            return


# ---- laws 3, 6 and 7


@law
@given(cases(), st.randoms(use_true_random=False))
def test_order_is_nothing(case: Case, chance: Any) -> None:
    """Law 3: whatever stands in a file may stand in any order."""
    talk, context, steps, judge = case
    policy, again = policy_of(talk), policy_of(talk, chance)
    assert (policy is None) == (again is None)
    if policy is None or again is None:
        return
    assert again.digest == policy.digest, told(talk)
    one, other = ([seen.to_json() for seen in each.judge(steps, context, judges(judge))]
                  for each in (policy, again))  # fmt: skip
    assert one == other, told(talk)


@law
@given(cases())
def test_records_are_the_same_and_can_be_verified(case: Case) -> None:
    """Laws 6 and 7: two runs from text give the same bytes, and each record passes the checker."""
    talk, context, steps, judge = case
    policy, again = policy_of(talk), policy_of(talk)
    if policy is None or again is None:
        return
    records = [one.to_json() for one in policy.judge(steps, context, judges(judge))]
    other = [one.to_json() for one in again.judge(steps, context, judges(judge))]
    assert json.dumps(records) == json.dumps(other), told(talk)
    found = verify.verify_records(records, policy)
    assert not found, f"{[(one.message, one.notes) for one in found]}\n{told(talk)}"
