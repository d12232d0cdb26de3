"""Pins the rules of `docs/language.md` about claims, fields, labels, caps and what is unknown."""

from __future__ import annotations

import pytest
from tests.checked.past import GO, HEAD, approve, codes, forbid, last, log, pay, run, value

import remit
from remit import Call, Message, Result
from remit.program.values import UNKNOWN

# ---- never, fields, labels


def test_L66() -> None:
    """Only the same X, or more, of that very act, that nothing beats."""
    claim = 'never "pays" allow call pay without call approve where order = this.order{} before\n'
    clause = "clause c\n  require call approve where {}{} before call pay\n"
    same = clause.format("order = this.order", "")
    assert codes(claim.format("") + same) == []
    assert codes(claim.format("") + clause.format("order = this.order", " within 5m")) == []
    assert codes(claim.format("") + clause.format("order = this.order", " since result")) == []
    shorter = clause.format("order = this.order", " within 5m")
    assert codes(claim.format(" within 10m") + shorter) == []
    assert codes(claim.format(" within 1m") + shorter) == ["R0704"]
    assert codes(claim.format(" within 10m") + same) == ["R0704"]
    assert codes(claim.format(" since result") + same) == ["R0704"]
    assert codes(claim.format("") + clause.format("order = this.note", "")) == ["R0704"]
    assert codes(claim.format("") + same.replace("call pay\n", "call pay unless amount < 3\n")) == [
        "R0704"
    ]
    assert codes(claim.format("") + same + "  otherwise warn\n") == ["R0704"]
    assert codes(claim.format("") + same + "clause d\n  permit c\n  overrides c\n") == ["R0704"]
    assert codes(claim.format("")) == ["R0704"]


def test_L66_another_value_of_the_past_step_is_not_the_same() -> None:
    """Found by `note` instead of `order`: another claim."""
    body = (
        "never \"pays\" allow call log without call pay where order = \"A\" before\n"
        "clause c\n  require call pay where note = \"A\" before call log\n"
    )  # fmt: skip
    assert codes(body) == ["R0704"]
    keyed = (
        'never "pays" allow call approve without call pay where order = this.order before\n'
        "clause c\n  require call pay where note = this.order before call approve\n"
    )
    assert codes(keyed) == ["R0704"]


def test_L67() -> None:
    """A short yes and nothing that takes it back."""
    text = forbid("agrees", "message from user")
    for yes in ("Yes", "yes, please", "ok", "Go ahead!", "Sounds good."):
        assert last(text, Message("user", yes)) == "deny", yes
    for no in ("no", "yes, but only A", "ok?", "If it is cheap, yes", "yes" + " a" * 200, ""):
        assert last(text, Message("user", no)) == "allow", no


def test_L67_called() -> None:
    """The arguments as they went on; absent, or unknown."""
    text = "clause c\n  forbid result where {}\n  if unknown warn\n"
    big = text.format("called.amount > 5")
    back = Result("pay", "done", id="1")
    assert last(big, pay(amount=9, id="1"), back) == "deny"
    assert last(big, pay(amount=1, id="1"), back) == "allow"
    assert last(text.format("called is missing"), back) == "deny"
    assert last(big, back) == "allow"
    assert last(big, pay(amount=1, id="1"), Result("pay", "done")) == "warn"
    assert run(big, back, truncated=True) == ["warn"]
    assert last(big, Call("pay", {}, id="1", bad_args="{"), back) == "warn"


def test_L67_one_id_for_two_calls() -> None:
    """Whose result it is cannot be told; once answered an id can be used again."""
    text = "clause c\n  forbid result where called.amount > 5\n  if unknown warn\n"
    back = Result("pay", "done", id="1")
    one, other = pay(amount=1, id="1"), pay(amount=9, id="1")
    assert run(text, one, other, back, back)[2:] == ["warn", "warn"]
    assert run(text, one, back, other, back)[1:] == ["allow", "allow", "deny"]
    assert run(text, other, back, back)[1:] == ["deny", "deny"]


def test_L68() -> None:
    """Labels on steps, also where it is unknown."""
    text = (
        "label private on message from user where text contains \"secret\"\n"
        "label private on result where called.amount > 5\n"
    )  # fmt: skip
    say = forbid("earlier message from user labelled private")
    assert last(text + say, Message("user", "a secret"), pay()) == "deny"
    assert last(text + say, GO, pay()) == "allow"
    result = text + forbid("earlier result labelled private") + "  if unknown warn\n"
    assert last(result, Result("pay", "x"), pay()) == "warn"
    asked = "label late on result where earlier call approve\n"
    seen = asked + forbid("earlier result labelled late")
    assert last(seen, approve(), Result("pay", "x"), pay()) == "deny"
    assert last(seen, Result("pay", "x"), approve(), pay()) == "allow"
    assert codes(text + "label b on message from user labelled private\n") == ["R0506"]


# ---- unknown and caps

UNSURE = "  if unknown warn\n"


def test_L69() -> None:
    """A step that may count makes unknown what it may count for."""
    text = forbid("earlier (call approve where order = this.order and cost > 5)") + UNSURE
    assert last(text, approve("A", "x"), pay("A")) == "warn"
    assert last(text, approve("A", "x"), approve("A", 9), pay("A")) == "deny"
    assert last(text, approve("B", "x"), pay("A")) == "allow"
    assert last(text, approve(None, 9), pay("A")) == "warn"  # a required argument of null
    assert last(text, approve("A", 9), pay(None)) == "warn"
    notes = forbid("earlier (call pay where note = this.note)") + UNSURE
    assert last(notes, pay(), pay()) == "allow"  # absent is like no other
    assert last(forbid("earlier call approve within 9s") + UNSURE, approve(), pay()) == "warn"


def test_L69_no_way_round_by_another_type() -> None:
    """`"5"` may be the order `5`, where nothing says what an order is."""
    text = "spec s\nauthor developer\n" + (
        "clause c\n  forbid call pay where earlier (call pay where order = this.order)\n"
    )
    for first, second in ((5, "5"), ("5", 5), (True, 1)):
        session = remit.load(text).session()
        assert session.decide(Call("pay", {"order": first}))
        assert not session.decide(Call("pay", {"order": second})), (first, second)
    session = remit.load(text).session()
    assert session.decide(Call("pay", {"order": "5"}))
    assert session.decide(Call("pay", {"order": "6"}))


def test_L69_since_that_may_have_been() -> None:
    """What was before it may count; what came after it surely does."""
    text = forbid("earlier call approve since (call pay where amount > 5)", "call log") + UNSURE
    assert last(text, approve(), log()) == "deny"
    assert last(text, approve(), pay(amount="x"), log()) == "warn"
    assert last(text, approve(), pay(amount="x"), approve(), log()) == "deny"
    assert last(text, pay(amount="x"), log()) == "allow"


def test_L69_the_beginning_that_was_not_seen() -> None:
    """Until a `since`, or the end of the window, shuts it out."""
    text = forbid("earlier call approve{}") + UNSURE
    assert run(text.format(""), log(), pay(), truncated=True)[1] == "warn"
    assert run(text.format(" since message from user"), GO, pay(), truncated=True)[1] == "allow"
    steps = [log(), log(), pay()]
    assert run(text.format(" within 2 steps"), *steps, truncated=True)[2] == "allow"
    assert run(text.format(" within 3 steps"), *steps, truncated=True)[2] == "warn"
    timed = [log(time=0), pay(time=10), pay(time=11)]
    assert run(text.format(" within 10s"), *timed, truncated=True)[1:] == ["warn", "allow"]


def test_L70(monkeypatch: pytest.MonkeyPatch) -> None:
    """The value that was quiet for longest goes; what needs it is unknown, even counted anew."""
    monkeypatch.setattr("remit.state.fold.MOST_KEYS", 2)
    text = forbid("count of (call pay where order = this.order){} >= 2") + UNSURE
    steps = [pay("A"), pay("B"), pay("A"), pay("C")]
    assert run(text.format(""), *steps, pay("A"), pay("B"), pay("B"))[4:] == [
        "deny", "warn", "warn",
    ]  # fmt: skip
    timed = [pay(name, time=at) for at, name in enumerate("ABAC")]
    late = [pay("B", time=60), pay("D", time=60)]
    assert run(text.format(" within 5s"), *timed, *late)[4:] == ["allow", "allow"]


def test_L70_entries_and_values(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the cap a window and a count of different values are unknown, and the note says so."""
    monkeypatch.setattr("remit.state.window.MOST_ENTRIES", 3)
    monkeypatch.setattr("remit.state.totals.MOST_DISTINCT", 3)
    window = forbid("sum of amount over call pay within 9s > 1000", "call log") + UNSURE
    pays = [pay(str(at), time=at) for at in range(4)]
    assert run(window, *pays, log(time=4), log(time=10))[4:] == ["warn", "allow"]
    distinct = forbid("distinct of order over call pay > 1000", "call log") + UNSURE
    assert last(distinct, *pays[:3], log()) == "allow"
    session = remit.load(HEAD + distinct).session()
    for one in pays:
        session.decide(one)
    decision = session.decide(log())
    assert decision.verdict == "warn"
    assert any("has reached its cap" in note for note in decision.explain().notes)


def test_L70_large_values() -> None:
    """What is too large to be kept is unknown; a text to look up by may be long."""
    text = forbid("earlier (call approve where order = this.order)")
    assert last(text, approve("A" * 10**6), pay("A" * 10**6)) == "deny"
    assert last(text, approve("A" * 10**6), pay("A" * 10**6 + "B")) == "allow"
    long = pay("A" * 10**6)
    assert value("last of order over call pay", long, other='"x"') is UNKNOWN
    kept = value("last of arguments over call pay", pay("A"), other="(a: 1)")
    assert kept == {"order": "A", "amount": 10}


def test_what_the_host_changes_later_does_not_change_the_past() -> None:
    """A list that was handed over is kept as it was."""
    session = remit.load(
        "spec s\nauthor developer\n"
        'clause c\n  forbid call log where last of names over call pay contains "B"\n'
    ).session()
    names = ["A"]
    assert session.decide(Call("pay", {"names": names}))
    names.append("B")
    assert session.decide(log())
