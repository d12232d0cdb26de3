"""Generated policies about the past, and conversations; what `in_dogwood.py` puts into words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

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
)  # fmt: skip

flags = st.sampled_from([None, None, True, False])
tools = st.sampled_from(["pay", "pay", "pay", "stop", "look"])
windows = st.sampled_from([EVER, "1s", "2s", "5s", "10s", "1m", "1h"])
patterns = st.builds(Pattern, tools, flags, st.booleans(), st.sampled_from([False, False, True]))
plain = patterns.map(lambda one: Pattern(one.tool, one.ok, keyed=False, result=one.result))
whos = st.sampled_from(["a", "a", "a", "b", "A", "é 1"])
numbers = st.sampled_from([0, 1, 1, 2, 3, -2, 2**40])


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
