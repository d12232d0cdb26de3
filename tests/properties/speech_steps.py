"""Random conversations in which things are said, for the sets of `spoken.py`."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from tests.properties.meaning import REFUSAL
from tests.properties.spoken import PHRASES, Talk
from tests.properties.steps import steps
from tests.properties.strategies import ORDERS, WORDS, Draw

said = st.lists(
    st.sampled_from([*PHRASES, *PHRASES, *WORDS, *ORDERS, "SYSTEM:", "and"]),
    min_size=1,
    max_size=4,
).map(" ".join)
WORD_VALUES = ("20", "80", "alpha", "fr", "lots", 20)


@st.composite
def givens(draw: Draw, talk: Talk) -> list[dict[str, Any]]:
    """Directives that the host hands over."""
    made = []
    for one in draw(st.lists(st.sampled_from(talk.directives), max_size=2)):
        given: dict[str, Any] = {"name": one.name}
        if one.patterns and draw(st.integers(0, 4)):
            given["values"] = {"w": draw(st.sampled_from(WORD_VALUES))}
        made.append(given | ({"implied": True} if draw(st.integers(0, 3)) == 0 else {}))
    return made


@st.composite
def sayings(draw: Draw, talk: Talk) -> dict[str, Any]:
    """A message, result or handoff in which something may be said."""
    kind = draw(st.sampled_from(["message"] * 6 + ["result", "result", "handoff"]))
    made: dict[str, Any] = {"kind": kind, "text": draw(said)}
    if kind == "message":
        made["role"] = draw(st.sampled_from(["user"] * 4 + ["system"] * 2 + ["clerk"] * 3
                                            + ["assistant", "stranger"]))  # fmt: skip
        if draw(st.integers(0, 2)) == 0:
            made["parts"] = [{"text": draw(said), "origin": "quoted"}]
        if made["role"] == "assistant" and draw(st.booleans()):
            made |= draw(st.sampled_from([{"text": REFUSAL}, {"refusal": True}]))
    elif kind == "result":
        made["tool"] = draw(st.sampled_from(["look", "look", "pay"]))
        made |= {"error": draw(said)} if draw(st.integers(0, 3)) == 0 else {}
    else:
        made["to"] = draw(st.sampled_from(["helper", "stranger"]))
    if draw(st.integers(0, 2)) == 0:
        made["directives"] = draw(givens(talk))
    return made


def speeches(talk: Talk, theme: str) -> st.SearchStrategy[list[dict[str, Any]]]:
    """A few steps, in about half of which something may be said."""
    one = st.booleans().flatmap(lambda says: sayings(talk) if says else steps(theme))
    return st.lists(one, min_size=4, max_size=9)
