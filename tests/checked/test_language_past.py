"""Pins the rules of `docs/language.md` about what was done before, and what is owed."""

from __future__ import annotations

import pytest
from tests.checked.past import GO, HEAD, approve, codes, forbid, last, log, pay, run, says, value

import remit
from remit import Handoff, Message, Result

# ---- acts of the past


def test_L58() -> None:
    """Names are of that step, `this` is the step that is judged; only `=` and `and`."""
    text = forbid("earlier (call approve where order = this.order and cost > 5)")
    assert last(text, approve("A"), pay("A")) == "deny"
    assert last(text, approve("B"), pay("A")) == "allow"
    assert last(text, approve("A", 5), pay("A")) == "allow"
    nested = 'any x in ["A", "B"] satisfies earlier (call approve where order = x)'
    assert last(forbid(nested), approve("B"), pay("C")) == "deny"
    for wrong in ("cost > this.amount", "order = this.order or cost = 3", "this.amount > 3",
                  "not order = this.order"):  # fmt: skip
        assert codes(forbid(f"earlier (call approve where {wrong})")) == ["R0508"], wrong
    assert codes(forbid("earlier call approve where order = this.order")) == ["R0101"]
    assert codes(forbid("this.amount > 3")) == ["R0301"]


def test_L58_an_act_of_the_past_asks_of_its_own_past() -> None:
    """What was before that step, and `this` is that step; not what came after it."""
    text = forbid("earlier (call pay where earlier (call approve where order = this.order))")
    assert last(text, approve("A"), pay("A"), pay("B")) == "deny"
    assert last(text, approve("B"), pay("A"), pay("B")) == "allow"
    assert last(text, pay("A"), approve("A"), pay("B")) == "allow"
    both = forbid("earlier (call pay where order = this.order and previous call approve) within 9s")
    assert last(both, approve("B"), pay("A"), pay("A")) == "deny"
    assert last(both, approve("B"), pay("A"), pay("B")) == "allow"


def test_L58_what_was_held_back_is_not_of_the_past() -> None:
    """Neither denied nor waiting for a person; what was changed counts as it went on."""
    text = forbid("earlier call pay") + forbid("amount > 5").replace("clause c", "clause d")
    assert run(text, pay(amount=6), pay(), pay(amount=1), pay(amount=1)) == [
        "deny", "deny", "allow", "deny",
    ]  # fmt: skip
    waits = forbid("earlier call pay") + (
        'clause d\n  forbid call pay where amount > 5\n  otherwise ask "boss"\n'
    )
    assert run(waits, pay(amount=6), pay(amount=1)) == ["ask", "allow"]
    capped = (
        "clause d\n  forbid call pay where amount > 5 and order = \"A\"\n"
        "  otherwise rewrite amount to 5\n" + forbid("sum of amount over call pay > 7")
    )  # fmt: skip
    assert run(capped, pay(amount=90), pay("B", 1), pay("B", 2), pay("B", 1)) == [
        "rewrite", "allow", "allow", "deny",
    ]  # fmt: skip


def test_L59() -> None:
    """`earlier` looks at all, `previous` at the last one."""
    assert last(forbid("earlier call approve"), approve(), log(), pay()) == "deny"
    assert last(forbid("previous call approve"), approve(), log(), pay()) == "allow"
    text = forbid("previous (call approve where order = this.order)")
    assert last(text, approve("A"), pay("A")) == "deny"
    assert last(text, approve("B"), pay("A")) == "allow"
    assert last(text, pay("A")) == "allow"


def test_L60() -> None:
    """After the last one, itself included; without one from the beginning."""
    text = forbid("earlier call approve since message from user")
    assert last(text, approve(), pay()) == "deny"
    assert last(text, approve(), GO, pay()) == "allow"
    assert last(text, approve(), GO, approve(), pay()) == "deny"
    itself = forbid("earlier call approve since call approve")
    assert last(itself, approve(), log(), pay()) == "deny"
    own = forbid(
        "earlier (call approve where order = this.order) since (call pay where order = this.order)"
    )
    assert last(own, approve("A"), approve("B"), pay("C"), pay("A")) == "deny"
    other = "earlier (call approve where order = this.order) since (call pay where order = this.{})"
    assert codes(forbid(other.format("order"))) == []
    assert codes(forbid(other.format("note"))) == ["R0508"]


def test_L60_two_keys_in_any_order() -> None:
    """Names sort differently in the two acts, and the values of `this` are the same."""
    text = forbid(
        "earlier (call pay where order = this.order and amount = this.amount)"
        " since (call approve where cost = this.amount and order = this.order)"
    )
    assert last(text, pay("A", 1), approve("A", 2), pay("A", 1)) == "deny"
    assert last(text, pay("A", 1), approve("A", 1), pay("A", 1)) == "allow"


def test_L61() -> None:
    """Both ends belong to the window; time does not go back; a denied step moves no clock."""
    text = forbid("earlier call approve within 10s")
    assert last(text, approve(time=0), pay(time=10)) == "deny"
    assert last(text, approve(time=0), pay(time=10.5)) == "allow"
    assert last(text, approve(time=0), log(time=11), pay(time=5)) == "allow"
    assert last(text, log(time=20), approve(time=5), pay(time=30)) == "deny"
    held = text + forbid("amount = 99").replace("clause c", "clause d")
    assert run(held, approve(time=0), pay(amount=99, time=500), pay(time=9)) == [
        "allow", "deny", "deny",
    ]  # fmt: skip


def test_L61_steps_and_turns() -> None:
    """Steps of all kinds count one; a turn begins with a message of someone with authority."""
    text = forbid("earlier call approve within 2 steps")
    assert last(text, approve(), Result("approve", "ok"), pay()) == "deny"
    assert last(text, approve(), Result("approve", "ok"), says(), pay()) == "allow"
    turn = forbid("earlier call approve within 1 turns")
    assert last(turn, GO, approve(), says(), Result("x", "y"), pay()) == "deny"
    assert last(turn, GO, approve(), GO, pay()) == "allow"
    assert last(turn.replace("1 turns", "2 turns"), GO, approve(), GO, pay()) == "deny"
    talk = forbid("count of message from user within 1 turns >= 1", "message from user")
    assert last(talk, GO, GO) == "allow"  # the message that is judged begins its own turn
    assert codes(forbid("earlier call approve within end of turn")) == ["R0508"]


def test_L62() -> None:
    """Each fold; of nothing a count and a sum are 0 and the others absent."""
    pays = [pay("A", 3, time=1), pay("B", 1, time=2), pay("A", 3, time=3), pay("C", 2, time=4)]
    for window in ("", " within 1h"):
        assert value(f"count of call pay{window}", *pays) == 4
        assert value(f"sum of amount over call pay{window}", *pays) == 9
        assert value(f"smallest of amount over call pay{window}", *pays) == 1
        assert value(f"largest of amount over call pay{window}", *pays) == 3
        assert value(f"distinct of order over call pay{window}", *pays) == 3
        assert value(f"distinct of amount over call pay{window}", *pays) == 3
        for fold, none in (("count", 0), ("sum", 0), ("smallest", None), ("distinct", 0)):
            of = "" if fold == "count" else "amount over "
            assert value(f"{fold} of {of}call pay{window}", log(time=9)) == none
    assert value("sum of amount over call pay within 2s", *pays) == 6
    assert codes(forbid("average of amount over call pay > 3")) == ["R0301"]
    assert codes(forbid("sum of order over call pay > 3")) == ["R0401"]


def test_L62_first_and_last() -> None:
    """The value may be absent, and is then what the fold comes to."""
    pays = [pay(note="a"), pay(), pay(note="c")]
    text = 'first of note over call pay {} "a"'
    assert last(forbid(text.format("="), "call log"), *pays, log()) == "deny"
    gone = forbid("last of note over call pay is missing", "call log")
    assert last(gone, *pays[:2], log()) == "deny"
    assert last(gone, *pays, log()) == "allow"


def test_L62_absent_values_are_not_counted() -> None:
    """Not added up, not told apart."""
    assert value("distinct of note over call pay", pay(note="a"), pay(), pay()) == 1


@pytest.mark.parametrize("window", ["", " within 5s"])
def test_L62_sums_are_exact(window: str) -> None:
    """What is huge leaves no trace when it has gone; tenths add up as they do once rounded."""
    pays = [pay(amount=1e200, time=0), pay(amount=0.1, time=6), pay(amount=0.2, time=6)]
    rest = pays if window else pays[1:]
    assert value(f"sum of amount over call pay{window}", *rest) == 0.1 + 0.2


def test_L63() -> None:
    """A set, of lists the items; in the order in which they came, each once."""
    memory = "remember seen = words of text in message from user\n"
    text = memory + forbid("order not in seen")
    assert last(text, Message("user", "pay A and B"), pay("B")) == "allow"
    assert last(text, Message("user", "pay A and B"), pay("C")) == "deny"
    counts = memory + forbid("count of seen = 3")
    assert last(counts, Message("user", "a b"), Message("user", "b c"), pay()) == "deny"


def test_L63_at_most() -> None:
    """Beyond it what is in the memory is known, and what is not is unknown."""
    memory = "remember seen = words of text in message from user at most 2\n"
    steps = [Message("user", "a b c"), pay("a"), pay("c")]
    assert run(memory + forbid("order in seen") + "  if unknown warn\n", *steps) == [
        "allow", "deny", "warn",
    ]  # fmt: skip
    assert run(memory + forbid("seen is empty") + "  if unknown warn\n", steps[0], pay()) == [
        "allow", "allow",
    ]  # fmt: skip
    for most in ("0", "10001"):
        assert codes(memory.replace("most 2", f"most {most}")) == ["R0508"]
    assert codes("remember x = this.order in call pay\n") == ["R0301"]


def test_L63_unknown() -> None:
    """A value that cannot be told may be any; an empty memory may then not be empty."""
    text = "remember paid = order in call pay\n" + forbid("{}", "call log") + "  if unknown warn\n"
    steps = [pay(order=7), log()]
    assert last(text.format('paid contains "A"'), *steps) == "warn"
    assert last(text.format("paid is empty"), *steps) == "warn"
    assert last(text.format('paid in ["A"]'), *steps) == "warn"
    assert last(text.format('paid in ["A"]'), pay("B"), *steps) == "allow"


# ---- require


def test_L64() -> None:
    """The act waits for what it requires."""
    text = "clause c\n  require call approve where order = this.order before call pay\n"
    assert run(text, pay("A"), approve("B"), pay("A"), approve("A"), pay("A")) == [
        "deny", "allow", "deny", "allow", "allow",
    ]  # fmt: skip
    fresh = (
        "clause c\n  require message from user where agrees since result within 10s"
        " before call pay\n"
    )
    assert last(fresh, Message("user", "yes", time=0), pay(time=5)) == "allow"
    assert last(fresh, Message("user", "yes", time=0), pay(time=11)) == "deny"
    steps = [Message("user", "yes", time=0), Result("x", "y", time=1), pay(time=2)]
    assert last(fresh, *steps) == "deny"
    spared = "clause c\n  require call approve before call pay unless amount < 5\n"
    assert run(spared, pay(amount=4), pay(amount=5)) == ["allow", "deny"]


OWED = "clause c\n  require call log within {} after call pay where amount > 5\n"
BIG = pay(amount=9)


def test_L65() -> None:
    """Steps and turns and time, both ends in time."""
    assert run(OWED.format("2 steps"), BIG, says(), says(), says()) == [*["allow"] * 3, "deny"]
    assert run(OWED.format("1 turns"), GO, BIG, says(), GO, says()) == [*["allow"] * 4, "deny"]
    assert run(OWED.format("2 turns"), GO, BIG, GO, says(), GO, says()) == [*["allow"] * 5, "deny"]
    timed = [pay(amount=9, time=0), says(time=10), says(time=11)]
    assert run(OWED.format("10s"), *timed) == ["allow", "allow", "deny"]
    assert last(OWED.format("2 steps"), pay(amount=1), says(), says(), says()) == "allow"


def test_L65_the_agent_can_do_nothing_else() -> None:
    """Users and results go on; what is owed goes on, and settles all of it."""
    held = [says(), pay(), Handoff("x")]
    steps = [BIG, BIG, *held, GO, Result("y", "z"), log(), says(), pay(amount=1)]
    assert run(OWED.format("1 steps"), *steps) == [
        "allow", "allow", "deny", "deny", "deny", "allow", "allow", "allow", "allow", "allow",
    ]  # fmt: skip


def test_L65_ends() -> None:
    """The turn ends where the agent speaks or hands on; a conversation ends with the host."""
    turn = OWED.format("end of turn")
    assert run(turn, BIG, pay(), says(), log(), says()) == [
        "allow", "allow", "deny", "allow", "allow",
    ]  # fmt: skip
    assert run(turn, BIG, Handoff("x")) == ["allow", "deny"]
    assert run(turn, GO, BIG, GO, pay()) == ["allow", "allow", "allow", "deny"]
    session = remit.load(HEAD + OWED.format("end of conversation")).session()
    for step in (BIG, says(), GO, says()):
        decision = session.decide(step)
        assert decision
    ((_, due),) = decision.owed
    assert due.sure
    assert due.at.step == 0
    session.decide(log())
    assert not session.decide(says()).owed
    assert codes(OWED.format("2 steps").replace("amount > 5", "amount = this.cost")) == ["R0508"]
    assert codes(OWED.format("2 steps") + "    unless true\n") == ["R0504"]


def test_L65_many_debts_do_not_put_off_the_first() -> None:
    """The oldest counts, however many there are after it."""
    steps = [BIG] * 1_500
    verdicts = run(OWED.format("1200 steps"), *steps)
    assert verdicts.index("deny") == 1_201


def test_L65_what_may_be_owed() -> None:
    """An unknown Y, an unknown X, a bound in time without times, a past that was not seen."""
    text = OWED.format("1 steps") + "  if unknown warn\n"
    assert run(text, pay(amount="x"), log(), says()) == ["allow", "allow", "allow"]
    assert run(text, pay(amount="x"), says(), says()) == ["allow", "allow", "warn"]
    maybe = OWED.format("1 steps").replace("call log", "call approve where cost > 1")
    steps = [BIG, approve(cost="x"), says()]
    assert run(maybe + "  if unknown warn\n", *steps) == ["allow", "allow", "warn"]
    assert run(OWED.format("1h") + "  if unknown warn\n", BIG, says()) == ["allow", "warn"]
    assert run(text, says(), log(), says(), truncated=True) == ["warn", "allow", "allow"]
