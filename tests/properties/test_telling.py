"""What is told of a decision does not depend on when, or after what else, it is told (law 6)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.properties.dogwood_cases import Act, conversations, policies
from tests.properties.in_dogwood import Promise, Rule, in_remit

import remit
from remit import Call, Result
from remit_grammar.diagnostic import render

law = settings.get_profile("laws")


def _steps(acts: list[Act]) -> Iterator[Call | Result]:
    """The conversation."""
    time = 0
    for number, act in enumerate(acts):
        time += act.later
        yield Call(act.tool, act.args, id=f"c{number}", time=time)
        if act.answered:
            yield Result(act.tool, value={"fine": True}, id=f"c{number}", time=time)


def _told(decision: remit.Decision, first: str) -> tuple[str, dict[str, Any]]:
    """The explanation and the record, in either order."""
    if first == "record":
        record = decision.to_json()
        return render(decision.explain()), record
    return render(decision.explain()), decision.to_json()


@law
@given(policies, conversations, st.sampled_from(["warn", "deny"]))
def test_a_decision_tells_the_same_later(
    made: list[Rule | Promise], acts: list[Act], remedy: str
) -> None:
    """At once, or when the conversation has ended; the record first, or the explanation."""
    policy = remit.load(in_remit(made, remedy))
    session, other = policy.session(), policy.session()
    at_once = [_told(session.decide(one), "record") for one in _steps(acts)]
    decisions = [other.decide(one) for one in _steps(acts)]
    assert [_told(one, "explanation") for one in reversed(decisions)][::-1] == at_once
    assert session.save() == other.save()
