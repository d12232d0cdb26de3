"""Three values, through whole policies: what each operation says of present, absent and odd values.

A `forbid` whose condition is unknown counts as applying, and so does a forbid whose condition is
the negation. So `TRUE`, `FALSE` and `UNKNOWN` are told apart by asking for a condition and its
`not`.
"""

from __future__ import annotations

from functools import cache
from math import nan
from typing import Any

import pytest

import remit
from remit import Call, Message, Policy, Step
from remit.program.values import LONGEST

TRUE, FALSE, UNKNOWN = "true", "false", "unknown"
HEAD = """
spec values
author developer
tool pay(to: text, amount: number, sure: flag, items: list of text, extra: record,
  note?: text, tip?: number, tags?: list of text, more?: record, fee: number = 5)
tool other(x: text)
context tier: one of standard, gold
context limit: number default 200
"""
FULL = {"to": "Bob", "amount": 10, "sure": True, "items": ["a", "b"], "extra": {"k": 1}}
ABSENT = object()


@cache
def _policy(act: str, condition: str) -> Policy:
    return remit.load(
        f"{HEAD}\nclause holds\n  forbid {act} where {condition}\n"
        f"clause fails\n  forbid {act} where not ({condition})\n"
    )


def truth(condition: str, step: Step, act: str = "call pay", **context: Any) -> str:
    """What the condition is on the step."""
    decision = _policy(act, condition).session(context).decide(step)
    assert not decision.errors, decision.errors
    yes, no = ("values::holds" in decision.in_force), ("values::fails" in decision.in_force)
    doubtful = {doubt.norm for doubt in decision.unknown}
    if yes and no:
        assert doubtful == {"values::holds", "values::fails"}
        return UNKNOWN
    assert yes != no, "either the condition or its negation holds"
    assert not doubtful
    return TRUE if yes else FALSE


def pay(**changes: Any) -> Call:
    """A call with good arguments but for the changes."""
    args = {key: value for key, value in {**FULL, **changes}.items() if value is not ABSENT}
    return Call("pay", args)


# condition, argument it asks about (required), and (wrong type, another wrong type)
REQUIRED = [
    ('to = "Bob"', "to", (1, ["Bob"])),
    ('to != "Bob"', "to", (1, True)),
    ("amount < 20", "amount", ("10", [10])),
    ("amount <= 20", "amount", ("10", True)),
    ("amount > 5", "amount", ("10", nan)),
    ("amount >= 5", "amount", (True, {})),
    ("amount = 10", "amount", ("10", nan)),
    ('to in ["Bob"]', "to", (1, {})),
    ('items contains "a"', "items", ("a b", 3)),
    ('to contains "bo"', "to", (1, {})),
    ('to starts with "b"', "to", (1, ["Bob"])),
    ('to ends with "B"', "to", (1, None)),
    ("to matches /B/", "to", (1, ["Bob"])),
    ("to has email", "to", (1, {})),
    ("to is empty", "to", (1, True)),
    ('any one in items satisfies one = "a"', "items", ("a", {"a": 1})),
    ('all one in items satisfies one != "z"', "items", ("a", 1)),
    ('no one in items satisfies one = "z"', "items", ("a", 1)),
    ("amount + 1 > 2", "amount", ("10", nan)),
    ("amount - 1 > 2", "amount", ("10", True)),
    ("amount * 2 > 2", "amount", ("10", [1])),
    ("-amount < 0", "amount", ("10", True)),
    ("sure", "sure", ("yes", 1)),
    ("sure is true", "sure", ("true", 0)),
    ("extra.k = 1", "extra", ("k", [1])),
    ("length of to = 3", "to", (1, True)),
    ("count of items = 2", "items", ("ab", 2)),
    ('lower of to = "bob"', "to", (1, ["Bob"])),
    ('first of items = "a"', "items", ("a", 1)),
    ("amount is present", "amount", ()),
]


@pytest.mark.parametrize(("condition", "name", "wrong"), REQUIRED, ids=lambda one: str(one)[:40])
def test_a_required_argument(condition: str, name: str, wrong: tuple[Any, ...]) -> None:
    """Known where it is there; unknown where it is left out, null, or of another type."""
    assert truth(condition, pay()) in (TRUE, FALSE)
    for value in (ABSENT, None, *wrong):
        assert truth(condition, pay(**{name: value})) == UNKNOWN, value


ABSENCE = [
    ('note = "x"', FALSE), ('note != "x"', TRUE), ("tip > 5", FALSE), ("tip < 5", FALSE),
    ('note contains "x"', FALSE), ('note does not contain "x"', TRUE),
    ('note starts with "x"', FALSE),
    ('note ends with "x"', FALSE), ("note matches /x/", FALSE), ("note has email", FALSE),
    ('note in ["x"]', FALSE), ('note not in ["x"]', TRUE), ("note is missing", TRUE),
    ("note is present", FALSE), ("note is empty", TRUE), ("tip + 1 > 0", FALSE),
    ("-tip < 0", FALSE),
    ("more.part = 1", FALSE), ("more.part is missing", TRUE), ("length of note > 0", FALSE),
    ("any one in tags satisfies one = to", FALSE), ("all one in tags satisfies one = to", TRUE),
    ("no one in tags satisfies one = to", TRUE), ("tags contains to", FALSE),
]  # fmt: skip


@pytest.mark.parametrize(("condition", "expected"), ABSENCE)
def test_an_optional_argument_that_is_known_to_be_absent(condition: str, expected: str) -> None:
    """Left out and null are the same: known absence, so every plain test of it is false."""
    name = condition.strip("-").split()[0].split(".")[0]
    name = {"length": "note", "any": "tags", "all": "tags", "no": "tags"}.get(name, name)
    assert truth(condition, pay()) == expected
    assert truth(condition, pay(**{name: None})) == expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [("fee = 5", TRUE), ("fee > 5", FALSE), ("fee is missing", FALSE)],
)
def test_a_default_stands_in(condition: str, expected: str) -> None:
    """A parameter with a default is never absent."""
    assert truth(condition, pay()) == expected


CONNECTED = [
    ("T and T", TRUE), ("T and F", FALSE), ("T and U", UNKNOWN), ("F and U", FALSE),
    ("U and U", UNKNOWN), ("T or U", TRUE), ("F or U", UNKNOWN), ("F or F", FALSE),
    ("not U", UNKNOWN), ("not T", FALSE), ("T and F or T", TRUE), ("not F and U", UNKNOWN),
]  # fmt: skip


@pytest.mark.parametrize(("condition", "expected"), CONNECTED)
def test_connectives_are_kleenes(condition: str, expected: str) -> None:
    """Unknown decides nothing unless the other side does."""
    terms = {"T": 'to = "Bob"', "F": 'to = "Ann"', "U": "amount > 5"}
    written = " ".join(terms.get(word, word) for word in condition.split())
    assert truth(written, pay(amount="ten")) == expected


def test_quantifiers_over_unknown_items() -> None:
    """One item that is unknown does not hide one that decides."""
    step = pay(items=["a", 1])
    assert truth('any one in items satisfies one = "a"', step) == TRUE
    assert truth('any one in items satisfies one = "z"', step) == UNKNOWN
    assert truth('all one in items satisfies one = "a"', step) == UNKNOWN
    assert truth('all one in items satisfies one = "z"', step) == FALSE


@pytest.mark.parametrize("size", [LONGEST, LONGEST + 1])
def test_a_huge_text(size: int) -> None:
    """What a text above 16 MiB contains is unknown, not false."""
    step = Message("assistant", "x" * size)
    expected = FALSE if size <= LONGEST else UNKNOWN
    for condition in ('text contains "y"', "text matches /y/"):
        assert truth(condition, step, "message") == expected


def test_arguments_that_are_no_object() -> None:
    """Nothing is known of any argument."""
    step = Call("pay", {}, bad_args="{oops")
    for condition in ("amount > 5", "note is missing", "note is empty", "fee = 5"):
        assert truth(condition, step) == UNKNOWN


def test_an_undeclared_tool() -> None:
    """Its effects are unknown, and so is what is left out of a call of it."""
    policy = remit.load(
        "spec s\nauthor developer\ntool pay(to: text) effects spends\n"
        "clause a\n  forbid call with effects spends\n"
    )
    session = policy.session()
    assert session.decide(Call("pay", {"to": "x"})).unknown == ()
    doubtful = session.decide(Call("secret_tool", {}))
    assert [doubt.norm for doubt in doubtful.unknown] == ["s::a"]
    assert doubtful.verdict == "deny"


def test_contexts() -> None:
    """Without a value and a default a context is unknown; a wrong type is unknown too."""
    assert truth("tier is gold", pay()) == UNKNOWN
    assert truth("tier is gold", pay(), tier="gold") == TRUE
    assert truth("tier is gold", pay(), tier="standard") == FALSE
    assert truth("amount > limit", pay()) == FALSE
    assert truth("amount > limit", pay(), limit=3) == TRUE
    assert truth("amount > limit", pay(), limit="3") == UNKNOWN


def test_numbers_at_the_edge() -> None:
    """Whole numbers are exact at any size; results out of range are unknown."""
    assert truth("amount > 9007199254740992", pay(amount=9007199254740993)) == TRUE
    assert truth("amount > 5", pay(amount=float("inf"))) == TRUE
    assert truth("amount * amount > 5", pay(amount=1e200)) == UNKNOWN
    assert truth("amount = 10", pay(amount=10.0)) == TRUE


def test_unknown_counts_against_the_step() -> None:
    """A forbid that is unknown applies, a permit does not, and `if unknown` changes that."""
    text = (
        "spec s\nauthor developer\ntool pay(amount: number)\n"
        "clause a{at}\n  {modality} call pay where amount > 5\n  {more}\n"
    )
    step = Call("pay", {"amount": "ten"})
    forbid = remit.load(text.format(at="", modality="forbid", more=""))
    assert forbid.session().decide(step).verdict == "deny"
    permit = remit.load(text.format(at="", modality="permit", more="") + "default deny for call\n")
    assert permit.session().decide(step).verdict == "deny"
    warned = remit.load(text.format(at="", modality="forbid", more="if unknown warn"))
    assert warned.session().decide(step).verdict == "warn"
    assert warned.session().decide(Call("pay", {"amount": 6})).verdict == "deny"


def test_an_argument_too_many_makes_what_is_left_out_unknown() -> None:
    """A tool described in full has no such argument: the note may stand under another name."""
    assert truth('note contains "x"', pay()) == FALSE
    assert truth('note contains "x"', pay(Note="x")) == UNKNOWN
    assert truth("amount > 5", pay(Note="x")) == TRUE


def test_the_text_of_a_result_is_what_it_says() -> None:
    """Its text and error; what is structured only where no text says it."""
    where, act = 'text contains "x-ray"', "result of pay"
    assert truth(where, remit.Result("pay", text="an x-ray"), act) == TRUE
    assert truth(where, remit.Result("pay", text="none", error="no x-ray"), act) == TRUE
    assert truth(where, remit.Result("pay", value={"a": ["x-ray"]}), act) == TRUE
    assert truth(where, remit.Result("pay", text="none"), act) == FALSE


def test_a_loop_beyond_the_budget_is_unknown() -> None:
    """Work is counted, not time, so the answer is the same on every machine."""
    few, many = ["b"] * 1_000, ["b"] * 600_000
    where = 'any item in items satisfies item = "x"'
    assert truth(where, pay(items=few)) == FALSE
    assert truth(where, pay(items=many)) == UNKNOWN
    assert truth(where, pay(items=["x", *many])) == TRUE
