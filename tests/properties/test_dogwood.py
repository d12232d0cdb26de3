"""Law 10 for history with an outside oracle: Dogwood's reference interpreter.

Generated policies and conversations in the part that both languages express (`in_dogwood.py`,
`docs/dogwood.md`). Dogwood keeps every event, Remit what took effect: so either a violation warns
and everything takes effect, or Dogwood is told only what Remit let pass.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.properties.dogwood_cases import Act, conversations, policies
from tests.properties.in_dogwood import (
    Promise,
    Rule,
    in_dogwood,
    in_remit,
    questions,
)  # fmt: skip
from tests.real.dogwood_examples import EVERY, EXAMPLES, judged
from tests.real.dogwood_oracle import MISSING, Events, Oracle, native

import remit
from remit import Call, Result

pytestmark = pytest.mark.skipif(native is None, reason=MISSING)
law = settings.get_profile("laws")
ANSWERS: Counter[str] = Counter()


@pytest.fixture(scope="module", autouse=True)
def _report() -> Iterator[None]:
    yield
    print("\n" + "  ".join(f"{name}: {count}" for name, count in sorted(ANSWERS.items())))


EVENTS = Events("S", 'S::User::"u"', 'S::Agent::"a"', {})
DONE = {"fine": True}


def compared(policy: remit.Policy, oracle: Oracle, steps: list[Act]) -> Iterator[str]:
    """Has both judge a conversation; what the first one says differently, with all before it."""
    session, trace, allowed, time = policy.session(), list[str](), list[bool](), 0
    for number, act in enumerate(steps):
        time += act.later
        decision = session.decide(Call(act.tool, act.args, id=f"c{number}", time=time))
        line, said = EVENTS.request(time, act.tool, act.args), decision.verdict == "allow"
        ANSWERS["allow" if said else "deny"] += 1
        if not decision:  # what did not take effect Dogwood is asked once, and not told
            if oracle.verdicts([*trace, line])[-1]:
                yield "\n".join([*trace, line, str(decision)])
            continue
        trace.append(line)
        allowed.append(said)
        if act.answered:
            session.decide(Result(act.tool, value=DONE, id=f"c{number}", time=time))
            trace.append(EVENTS.response(time, act.tool, act.args, DONE))
    if oracle.verdicts(trace) != allowed:
        yield "\n".join([*trace, f"{allowed} in Remit, {oracle.verdicts(trace)} in Dogwood"])


@law
@given(policies, st.lists(conversations, min_size=1, max_size=3), st.booleans())
def test_dogwood_agrees(made: list[Rule | Promise], talks: list[list[Act]], warns: bool) -> None:
    """Dogwood allows a call exactly where Remit does, after every step."""
    spec, oracle = in_remit(made, "warn" if warns else "deny"), in_dogwood(made)
    assert oracle.problems() == []
    policy = remit.load(spec)
    for steps in talks:
        ANSWERS["pairs"] += 1
        for found in compared(policy, oracle, steps):
            raise AssertionError(f"{spec}\n{oracle.policy}\n{found}")
    for rule in made:
        for one in questions(rule.past) if isinstance(rule, Rule) else []:
            ANSWERS[getattr(one, "fold", type(one).__name__)] += 1


# ---- the example policies

HOUR, DAY = 3600, 86_400
times = st.sampled_from([0, 1, 1, 60, 599, 601, HOUR - 1, HOUR, DAY - 2])
shopping = st.fixed_dictionaries({
    "user": st.sampled_from(["alice", "alice", "alice", "bob"]),
    "session_id": st.sampled_from(["s1", "s1", "s2"]),
    "cart_id": st.sampled_from(["c1", "c1", "c2"]),
    "item_id": st.sampled_from(["book", "book", "iphone17"]), "category": st.just("any"),
    "amount": st.sampled_from([5, 20, 25, 50]), "quantity": st.just(1),
    "risk": st.sampled_from([10, 50, 51, 100]),
    "status": st.sampled_from(["requested", "approved", "approved", "completed", "completed"]),
})  # fmt: skip
ARGS = {
    "transfer": st.fixed_dictionaries({"amount": st.sampled_from([1, 10, 25, 50, -5]),
                                       "user": st.sampled_from(["alice", "alice", "bob"])}),
    "sell_shares": st.fixed_dictionaries({"shares": st.integers(0, 100), "stock": st.just("A")}),
}  # fmt: skip


@st.composite
def traces(draw: st.DrawFn, tools: Sequence[str]) -> list[tuple[int, str, dict[str, Any]]]:
    """Calls of the tools, the time going on."""
    time, made = 0, []
    for _ in range(draw(st.integers(1, 12))):
        time += draw(times)
        tool = draw(st.sampled_from(tools))
        made.append((time, tool, draw(ARGS.get(tool, shopping))))
    return made


@pytest.mark.parametrize("name", EXAMPLES)
@settings(law, max_examples=max(1, law.max_examples // 10))
@given(data=st.data())
def test_the_example_policies_agree(name: str, data: st.DataObject) -> None:
    """Calls of every kind, in any order."""
    example = EXAMPLES[name]
    speaks = sorted(example.tools)
    others = {"daily_budget": (), "daily_order_quota": ()}.get(name, EVERY)
    tools = [*speaks * 3, *others] if example.nested else speaks
    list(judged(example, data.draw(traces(tools))))
