"""Law 10 with an outside oracle: Cedar, where both languages say the same.

Cedar denies unless a permit applies and no forbid does. In Remit that is one level with
`default deny`: a Cedar permit is a permit (it opens the default, and lifts no forbid, since the
forbids are other acts); a Cedar forbid is a forbid. Conditions compare attributes that are there.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import remit

cedarpy = pytest.importorskip("cedarpy", reason="the outside oracle is optional")
law = settings.get_profile("laws")

TESTS = [  # a test in Remit, and the same in Cedar
    ("amount > 200", "context.amount > 200"),
    ("amount <= 5", "context.amount <= 5"),
    ("amount = 100", "context.amount == 100"),
    ('order = "A1"', 'context.order == "A1"'),
    ('order in ["A1", "B2"]', '["A1", "B2"].contains(context.order)'),
    ("urgent", "context.urgent"),
    ('tags contains "alpha"', 'context.tags.contains("alpha")'),
]
plain = st.sampled_from(TESTS)
conditions = st.recursive(
    plain,
    lambda inner: st.one_of(
        st.builds(lambda a, b: (f"({a[0]} and {b[0]})", f"({a[1]} && {b[1]})"), inner, inner),
        st.builds(lambda a, b: (f"({a[0]} or {b[0]})", f"({a[1]} || {b[1]})"), inner, inner),
        st.builds(lambda a: (f"not ({a[0]})", f"!({a[1]})"), inner),
    ),
    max_leaves=4,
)
rules = st.lists(
    st.tuples(st.sampled_from(["permit", "forbid"]), conditions), min_size=1, max_size=6
)
calls = st.fixed_dictionaries({
    "order": st.sampled_from(["A1", "B2", "C3"]), "amount": st.sampled_from([0, 5, 100, 201, 999]),
    "urgent": st.booleans(), "tags": st.lists(st.sampled_from(["alpha", "beta"]), max_size=2),
})  # fmt: skip


def in_remit(policies: list[tuple[str, tuple[str, str]]]) -> remit.Policy:
    """The rules as a spec of one level; every forbid is a named act of its own."""
    lines = ["spec s", "author root", "chain root > user",
             "tool pay(order: text, amount: number, urgent: flag, tags: list of text)",
             "default deny for call"]  # fmt: skip
    for number, (effect, (condition, _)) in enumerate(policies):
        lines.append(f"act a{number} = call pay where {condition}")
        lines.append(f"clause c{number}\n  {effect} a{number}")
    return remit.load("\n".join(lines) + "\n")


def in_cedar(policies: list[tuple[str, tuple[str, str]]]) -> str:
    """The same rules in Cedar."""
    return "\n".join(
        f"{effect}(principal, action, resource) when {{ {condition} }};"
        for effect, (_, condition) in policies
    )


@law
@given(rules, st.lists(calls, min_size=1, max_size=5))
def test_cedar_agrees(policies: list[Any], steps: list[dict[str, Any]]) -> None:
    """Cedar allows a call exactly where Remit does."""
    policy, text = in_remit(policies), in_cedar(policies)
    for args in steps:
        request = {
            "principal": 'User::"a"', "action": 'Action::"pay"', "resource": 'Tool::"pay"',
            "context": args,
        }  # fmt: skip
        outside = cedarpy.is_authorized(request, text, [])
        decision = policy.session().decide({"kind": "call", "tool": "pay", "args": args})
        assert not outside.diagnostics.errors, outside.diagnostics.errors
        assert bool(decision) == outside.allowed, f"{args}\n{text}\n{decision}"
