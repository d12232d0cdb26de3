"""Explanations of decisions that rest on what was done before."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from remit import Call, Message, Result, Step, load
from remit.verdict.model import Decision
from remit_grammar.diagnostic import render

Golden = Callable[[Path, str], None]
DATA = Path(__file__).parent / "data"
ASKED = Message("user", "refund A1 A2", time=0)


def refund(order: str, amount: float, time: float | None = 1) -> Call:
    """A refund."""
    return Call("refund", {"order": order, "amount": amount}, time=time)


def approve(order: str) -> Call:
    """An approval."""
    return Call("approve", {"order": order}, time=1)


FIRST: list[Step] = [ASKED, approve("A1"), refund("A1", 400)]
CASES: dict[str, list[Step]] = {
    "what is required has not happened": [ASKED, refund("A1", 10)],
    "it happened before the since": [approve("A1"), ASKED, refund("A1", 10)],
    "it has happened already": [*FIRST[:2], refund("A1", 40), refund("A1", 40)],
    "a sum that is too large": [*FIRST, approve("A2"), refund("A2", 200)],
    "a window without a time": [*FIRST, approve("A2"), refund("A2", 200, None)],
    "a memory at its cap": [Message("user", "refund A1 A2 and A3"), approve("A3")],
    "overdue": [*FIRST, approve("A2"), Message("user", "hm"), Message("assistant", "hello")],
    "owed, and in time": [*FIRST, Message("assistant", "one moment")],
}


@pytest.fixture(autouse=True)
def _beside_the_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(DATA)


def decided(case: str) -> Decision:
    """The decision on the last step of a case."""
    session = load(Path("refunds.spec")).session()
    return [session.decide(one) for one in CASES[case]][-1]


def test_explanations(golden: Golden) -> None:
    """Every case, to the letter."""
    told = [f"### {case}\n\n{render(decided(case).explain())}" for case in CASES]
    golden(Path("data/explanations_past.txt"), "\n".join(told))


def test_the_explanation_is_the_same_when_it_is_asked_for_later() -> None:
    """The conversation goes on; what the decision looked up stays what it was."""
    for steps in CASES.values():
        session, other = (load(Path("refunds.spec")).session() for _ in range(2))
        at_once = [render(session.decide(one).explain()) for one in steps]
        decisions = [other.decide(one) for one in steps]
        assert [render(one.explain()) for one in decisions] == at_once


# ---- told later

HEAD = "spec s\nauthor developer\ntool pay(n: number)\ntool log()\n"
LATER = """clause a
  forbid call pay
  except b: permit where n > 3 and earlier call log
"""


def small(n: float, *, after: Step | None = None, text: str = LATER) -> Decision:
    """The decision on a payment after a call of `log`; perhaps another step followed it."""
    session = load(HEAD + text).session()
    session.decide(Call("log"))
    session.decide(Result("log", "x"))
    decision = session.decide(Call("pay", {"n": n}))
    if after is not None:
        assert session.decide(after)
    return decision


def test_the_nearest_flip_does_not_depend_on_when_it_is_asked_for() -> None:
    """Law 6: `earlier call log` was not needed for the verdict; the flip needs it."""
    at_once, later = small(1), small(1, after=Call("log"))
    assert str(at_once.flip) == "if `n > 3` were true (`n` is 1), the verdict would be allow"
    assert at_once.to_json() == later.to_json()


VOID = """directive d
  heard /x/
  permit call pay where earlier call log
clause a
  forbid call pay unless n > 2 and a void directive asking for it
"""
CHANGED = """clause a
  forbid call pay
  otherwise rewrite n to 4
clause b
  forbid call pay where n = 3 and earlier call log
"""
NESTED = """clause a
  forbid call pay unless n > 2 and earlier (result where earlier call log)
"""
ALLOWED = """clause a
  forbid call pay where n > 2 and earlier call pay
"""


@pytest.mark.parametrize(
    ("text", "helps"), [(VOID, "n > 2"), (CHANGED, ""), (NESTED, "n > 2"), (ALLOWED, "")]
)
def test_nor_does_the_record(text: str, helps: str) -> None:
    """Whatever asks the past, and whether or not the step took effect."""
    record = small(1, text=text).to_json()
    assert record == small(1, after=Call("log"), text=text).to_json()
    assert record.get("flip", {}).get("term", "") == helps


def test_nothing_is_claimed_of_what_was_not_looked_up() -> None:
    """An allow spares looking; `n > 3` alone would change nothing here, and nobody knows it."""
    text = 'clause a\n  forbid call pay where n > 3 and earlier (call log where text = "no")\n'
    assert small(1, text=text).flip is None
    known = "clause a\n  forbid call pay unless earlier call log\n"
    told = "if `earlier call log` were false, the verdict would be deny"
    assert str(small(1, text=known).flip) == told


def test_norms_that_a_value_rules_out_are_not_looked_up_for() -> None:
    """Of many clauses, each for another `to`, a held-back step looks only for its own."""
    head = "spec s\nauthor developer\ntool pay(to: text, n: number)\ntool log()\n"
    names = [f"x{number}" for number in range(20)]
    clauses = [f'clause {name}\n  forbid call pay where to = "{name}" and '
               f"count of call log within {number + 1} steps > 0\n"
               for number, name in enumerate(names)]  # fmt: skip
    policy, told = load("".join([head, *clauses])), []
    for goes_on in (False, True):
        session = policy.session()
        session.decide(Call("log"))
        decision = session.decide(Call("pay", {"to": "x3", "n": 1}))
        assert not decision
        if goes_on:
            assert session.decide(Call("log"))
        told.append(decision.to_json())
    assert told[0] == told[1]
    assert len(told[0]["looked"]) == 1
    assert told[0]["flip"]["verdict"] == "allow"


def test_what_is_unknown_does_not_hold_what_was_not_looked_up() -> None:
    """The rule is unknown for `n`; `earlier call log` was never asked."""
    text = 'clause a\n  forbid call pay where (kind = "call" or earlier call log) and n > 3\n'
    session = load(HEAD + text + "  if unknown allow\n").session()
    decision = session.decide(Call("pay", {"n": "x"}))
    assert decision
    assert [one.terms for one in decision.unknown] == []
    text += "  otherwise warn\n"
    decision = load(HEAD + text).session().decide(Call("pay", {"n": "x"}))
    assert [one.terms for one in decision.unknown] == [("n > 3",)]


def test_telling_changes_nothing_in_the_session() -> None:
    """What is saved is the same, whether decisions were explained or not."""
    saved = []
    for explains in (False, True):
        session = load(Path("refunds.spec")).session()
        for step in [*FIRST, approve("A2"), refund("A2", 200)]:
            decision = session.decide(step)
            if explains:
                decision.explain()
                decision.to_json()
        saved.append(session.save())
    assert saved[0] == saved[1]
