"""Explanations of decisions, as a reader sees them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from remit import load
from remit.conversation.model import Call, Message, Step
from remit.verdict.model import Decision
from remit_grammar.diagnostic import render

Golden = Callable[[Path, str], None]
DATA = Path(__file__).parent / "data"
OPEN = {"desk_open": True}
STAY = {"nights": 3, "name": "Ann", "guest": {}}
BREAKFAST = {**STAY, "breakfast": True}

CASES: dict[str, tuple[Step, Mapping[str, Any]]] = {
    "an allow is told what would hold it back": (Call("book", STAY), OPEN),
    "an ask is told what would let it go on": (Call("book", {**STAY, "nights": 20}), OPEN),
    "a warn is told nothing graver": (Call("book", BREAKFAST), OPEN),
    "all that is violated": (Call("book", {**BREAKFAST, "name": "Smoke"}), OPEN),
    "a number as a text": (Call("book", {**STAY, "nights": "20"}), OPEN),
    "a number left out": (Call("book", {"name": "Ann"}), OPEN),
    "no JSON": (Call("book", bad_args="{nights: 3"), OPEN),
    "a choice that is none": (Call("book", BREAKFAST), {**OPEN, "tier": "silver"}),
    "a host that says nothing": (Call("launch", {"where": "x"}), {}),
    "a default alone, and a call": (Call("launch_missiles", {}), OPEN),
    "a default alone, and a message": (Message("assistant", "hello"), OPEN),
}


@pytest.fixture(autouse=True)
def _beside_the_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(DATA)


def decided(case: str) -> Decision:
    """The decision of a case."""
    step, context = CASES[case]
    return load(Path("hotel.spec")).session(context).decide(step)


def test_explanations(golden: Golden) -> None:
    """Every case, to the letter."""
    told = [f"### {case}\n\n{render(decided(case).explain())}" for case in CASES]
    golden(Path("data/explanations.txt"), "\n".join(told))


@pytest.mark.parametrize("case", CASES)
def test_only_an_allow_is_told_of_graver_verdicts(case: str) -> None:
    """What is held back, even by a warning, is told how to be held back less."""
    weights = ("allow", "warn", "redact", "ask", "deny", "halt")
    decision = decided(case)
    if decision.flip is None:
        assert decision.verdict == "deny", "only what a default denies has nothing near"
        return
    now, then = weights.index(decision.verdict), weights.index(decision.flip.verdict)
    assert then > now if decision.verdict == "allow" else then < now


def test_what_was_told_before_changes_nothing() -> None:
    """Loops draw on a budget of work; each telling has its own."""
    policy = load(
        "spec s\nauthor developer\ntool pay(who: list of text)\n"
        'clause a\n  forbid call pay where any x in who satisfies x = "z"\n'
    )
    call = Call("pay", {"who": ["q"] * 200_000 + ["z"]})
    record = policy.session().decide(call).to_json()
    decision = policy.session().decide(call)
    decision.explain()
    assert decision.to_json() == record
    assert record["flip"]["now"] == "true"
