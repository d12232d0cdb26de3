"""Law 10 for history with an outside oracle: Dogwood's reference interpreter.

Generated policies and conversations in the part that both languages express (`in_dogwood.py`,
`docs/dogwood.md`). Dogwood keeps every event, Remit what took effect: so either a violation warns
and everything takes effect, or Dogwood is told only what Remit let pass.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.properties.in_dogwood import (
    EVER,
    TOOLS,
    Formula,
    Happened,
    Joined,
    Nested,
    Pattern,
    Previous,
    Promise,
    Question,
    Rule,
    Steps,
    Tally,
    Value,
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

flags = st.sampled_from([None, None, True, False])
tools = st.sampled_from(["pay", "pay", "pay", "stop", "look"])
windows = st.sampled_from([EVER, "1s", "2s", "5s", "10s", "1m", "1h"])
patterns = st.builds(Pattern, tools, flags, st.booleans(), st.sampled_from([False, False, True]))
plain = patterns.map(lambda one: Pattern(one.tool, one.ok, keyed=False, result=one.result))
whos = st.sampled_from(["a", "a", "a", "b", "A", "é 1"])
numbers = st.sampled_from([0, 1, 1, 2, 3, -2, 2**40])


@pytest.fixture(scope="module", autouse=True)
def _report() -> Iterator[None]:
    yield
    print("\n" + "  ".join(f"{name}: {count}" for name, count in sorted(ANSWERS.items())))


@st.composite
def ended(draw: st.DrawFn, of: st.SearchStrategy[Pattern]) -> tuple[Pattern, Pattern | None]:
    """A pattern and what ends it: by the same value of the step, or by none."""
    what = draw(of)
    if draw(st.booleans()):
        return what, None
    until = draw(plain)
    keyed = what.keyed and draw(st.booleans())
    return what, Pattern(until.tool, until.ok, keyed, until.result)


nested = st.builds(
    Nested, st.builds(Pattern, tools, flags), st.sampled_from(["formerly", "previous"]), plain,
    st.booleans(), windows, windows,
).filter(lambda one: one.before.result or one.before.tool != one.what.tool)  # fmt: skip


@st.composite
def asked(draw: st.DrawFn) -> Question:
    """One question of any kind."""
    kind, within = draw(st.sampled_from(["happened", "tally", "value", "other"])), draw(windows)
    if kind == "happened":
        what, until = draw(ended(patterns))
        return Happened(what, within, until)
    if kind == "tally":
        fold = draw(st.sampled_from(["count", "sum", "distinct"]))
        what, until = draw(ended(plain if fold == "distinct" else patterns))
        op, number = draw(st.sampled_from(["<", "<=", ">", ">=", "=="])), draw(st.integers(0, 3))
        return Tally(fold, what, within, until, op, number)
    if kind == "value":
        fold = draw(st.sampled_from(["first", "last", "largest", "smallest"]))
        ops = {"largest": [">", ">="], "smallest": ["<", "<="]}.get(fold, ["<", "<=", ">", ">="])
        return Value(fold, draw(patterns), within, draw(st.sampled_from(ops)), draw(numbers))
    return draw(st.one_of(
        st.builds(Previous, patterns, st.just(within)),
        st.builds(Steps, patterns, st.integers(1, 3)),
        st.builds(Joined, plain, plain, st.just(within)),
        nested,
    ))  # fmt: skip


formulas: st.SearchStrategy[Formula | Question] = st.recursive(
    asked(),
    lambda inner: st.one_of(
        st.builds(lambda a, b: Formula("and", (a, b)), inner, inner),
        st.builds(lambda a, b: Formula("or", (a, b)), inner, inner),
        st.builds(lambda a: Formula("not", (a,)), inner),
    ),
    max_leaves=2,
)
scopes = st.sampled_from([TOOLS, TOOLS, ("pay",), ("pay", "look")])
rules = st.one_of(
    st.builds(Rule, st.sampled_from(["permit", "forbid"]), scopes, formulas,
              st.sampled_from([None, None, None, 0, 1])),
    st.builds(Rule, st.sampled_from(["permit", "forbid"]), scopes, formulas),
    st.builds(Promise, plain, plain, st.sampled_from(["1s", "2s", "5s", "1m"])),
)  # fmt: skip
base = st.sampled_from([[Rule("permit", TOOLS, None)], [Rule("permit", TOOLS, None)], []])
policies = st.builds(lambda a, b: [*a, *b], base, st.lists(rules, min_size=1, max_size=2))


@dataclass(frozen=True)
class Act:
    """A call, and whether its result comes back after it."""

    tool: str
    args: dict[str, Any]
    later: int
    answered: bool


acts = st.builds(
    Act, tools, st.fixed_dictionaries({"who": whos, "n": numbers, "ok": st.booleans()}),
    st.sampled_from([0, 1, 1, 2, 5, 60, 3600]), st.booleans(),
)  # fmt: skip
conversations = st.lists(acts, min_size=3, max_size=9)
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
