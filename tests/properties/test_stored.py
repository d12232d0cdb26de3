"""A stored policy decides, explains, records and verifies exactly as the one it was made from."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from tests.properties import speech_cases, support, test_laws
from tests.state import small

import remit
from remit.policy import Policy
from remit.verify import verify_records
from remit_grammar.diagnostic import render

ALL = settings.get_profile("laws")
law = settings(ALL, max_examples=ALL.max_examples // 8)


def again(policy: Policy) -> Policy:
    """The policy, stored and read back."""
    return Policy.from_store(policy.store())


def told(decision: remit.Decision) -> tuple[object, ...]:
    """All that people and programs are told of a decision."""
    return decision.to_json(), render(decision.explain()), decision.settings, decision.flip


@law
@given(test_laws.cases())
def test_standing_norms(case: test_laws.Case) -> None:
    specs, context, conversation = case
    policy = support.policy_of(specs)
    if policy is None:
        return
    other = again(policy)
    for step in conversation:
        one, two = (each.session(context).decide(step) for each in (policy, other))
        assert told(one) == told(two)


@law
@given(speech_cases.cases())
def test_what_is_said(case: speech_cases.Case) -> None:
    talk, context, conversation, judge = case
    policy = speech_cases.policy_of(talk)
    if policy is None:
        return
    decided = [
        each.session(context, speech_cases.judges(judge)) for each in (policy, again(policy))
    ]
    for step in conversation:
        one, two = (session.decide(step) for session in decided)
        assert told(one) == told(two)


@law
@given(small.policies(), small.conversations)
def test_the_past(policy: Policy, conversation: list[Any]) -> None:
    """A session that began under the one goes on under the other; what verifies, verifies."""
    other = again(policy)
    judges = {"reader": small.rude}
    half = len(conversation) // 2
    session, moved, records = policy.session(judges=judges), policy.session(judges=judges), []
    for step in conversation[:half]:
        assert told(session.decide(step)) == told(moved.decide(step))
    moved = other.restore(moved.save(), judges)
    for step in conversation[half:]:
        one, two = session.decide(step), moved.decide(step)
        assert told(one) == told(two)
        records.append(two.to_json())
    found, wanted = (verify_records(records, each) for each in (other, policy))
    assert [one.to_json() for one in found] == [one.to_json() for one in wanted]
