"""Random steps and conversations, mostly well formed, that meet the acts of `strategies.py`."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from tests.properties.strategies import NUMBERS, ORDERS, WORDS, Draw


def _mostly(good: st.SearchStrategy[Any], bad: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.integers(0, 9).flatmap(lambda roll: bad if roll == 0 else good)


texts = st.lists(st.sampled_from([*WORDS, *ORDERS, "x", "and"]), max_size=4).map(" ".join)
ill_typed = st.sampled_from([None, True, "200", 7, ["alpha"], [["alpha"]], {"amount": 300}, [5]])
ARGS: dict[str, st.SearchStrategy[Any]] = {
    "order": st.sampled_from(ORDERS), "amount": st.sampled_from([*NUMBERS, -3, 10**30]),
    "note": texts, "tags": st.lists(st.sampled_from(WORDS), max_size=3),
    "mode": st.sampled_from(["fast", "slow"]), "urgent": st.booleans(), "to": texts, "body": texts,
}  # fmt: skip
_OWN = {
    "pay": ["order", "amount", "note", "tags", "mode", "urgent"],
    "mail": ["to", "body", "tags"],
    "look": ["order"],
    "ghost": ["order", "amount", "tags"],
}
contexts = st.fixed_dictionaries(
    {}, optional={"tier": _mostly(st.sampled_from(["standard", "gold"]), ill_typed),
                  "verified": _mostly(st.booleans(), ill_typed.filter(lambda one: one is not None)),
                  "limit": st.sampled_from([100, 200])},
).map(lambda found: {name: one for name, one in found.items() if one is not None})  # fmt: skip


@st.composite
def calls(draw: Draw) -> dict[str, Any]:
    """A call, sometimes with missing, ill-typed, extra or undecodable arguments."""
    tool = draw(st.sampled_from(["pay"] * 9 + ["mail", "look", "ghost"]))
    if draw(st.integers(0, 19)) == 0:
        return {"kind": "call", "tool": tool, "bad_args": "{alpha"}
    names = [one for one in _OWN[tool] if draw(st.integers(0, 5))]
    names += ["amount", "note"][: draw(st.sampled_from([0, 0, 0, 0, 1, 2]))] * (tool != "pay")
    args = {name: draw(_mostly(ARGS[name], ill_typed)) for name in dict.fromkeys(names)}
    return {"kind": "call", "tool": tool, "args": args}


@st.composite
def messages(draw: Draw) -> dict[str, Any]:
    """A message of any role, sometimes with a quoted part."""
    role = draw(st.sampled_from(["assistant"] * 7 + ["user", "user", "system", "tool", "stranger"]))
    made: dict[str, Any] = {"kind": "message", "role": role, "text": draw(texts)}
    if draw(st.integers(0, 3)) == 0:
        made["parts"] = [{"text": draw(texts), "origin": "quoted"}]
    return made


@st.composite
def others(draw: Draw) -> dict[str, Any]:
    """A result, sometimes failed, or a handoff."""
    if draw(st.booleans()):
        to = draw(st.sampled_from(["helper", "stranger"]))
        return {"kind": "handoff", "to": to, "text": draw(texts)}
    tool = draw(st.sampled_from(["look", "pay", "ghost"]))
    made = {"kind": "result", "tool": tool, "text": draw(texts)}
    return made | ({"error": "alpha failed"} if draw(st.booleans()) else {})


def steps(theme: str) -> st.SearchStrategy[dict[str, Any]]:
    """Steps that are mostly of a theme."""
    of = {"call": calls(), "message": messages(), "other": others()}
    return _mostly(of[theme], calls() | messages() | others())


def conversations(theme: str) -> st.SearchStrategy[list[dict[str, Any]]]:
    """A few steps, mostly of a theme."""
    return st.lists(steps(theme), min_size=3, max_size=6)
