"""Pins the rules of `docs/language.md` about where values come from."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import pytest
from tests.checked.past import GO, codes, forbid, last, pay, run, says

from remit import Call, Message, Part, Result
from remit.provenance import Caps

SAID = "Pay the bill A-17 of Zoë Meier today, and no sooner than noon"
LABEL = "label odd on result of log where text contains 'odd'\n".replace("'", '"')


def came(origin: str, text: Any, asked: Any, kind: str = "user") -> str:
    """The verdict on a payment for an order that a text was asked for."""
    step = Message(kind, text) if kind in ("user", "assistant") else Result(kind, text)
    return last(forbid(f"order came from {origin}"), step, pay(asked))


def test_L76() -> None:
    assert came("message from user", SAID, "A-17") == "deny"
    assert came("message from user", SAID, "A-18") == "allow"
    assert came("message from user", SAID, "A-17", "assistant") == "allow"
    assert came("result of log", SAID, "A-17", "log") == "deny"
    assert came("result of approve", SAID, "A-17", "log") == "allow"
    assert came("step", SAID, "A-17", "log") == "deny"


def test_L76_all_values_of_a_record() -> None:
    all_of_it = forbid("arguments came from message from user")
    assert last(all_of_it, Message("user", "A for 10, urgent"), pay(urgent=True)) == "deny"
    assert last(all_of_it, Message("user", "A for 11"), pay(urgent=True)) == "allow"
    assert last(forbid("urgent came from step"), GO, pay(urgent=True)) == "allow"


def test_L76_parts_are_nobodys_words() -> None:
    quoting = Message("user", "see below", (Part("A-17", "quoted"),))
    assert last(forbid("order came from message"), quoting, pay("A-17")) == "allow"
    assert last(forbid("order came from step"), quoting, pay("A-17")) == "deny"


def test_L77() -> None:
    quoting = forbid("note quotes message from user")
    said = Message("user", SAID)
    eight = "so: pay the bill A-17 of Zoë Meier tomorrow"
    assert last(quoting, said, pay(note=eight)) == "deny"
    assert last(quoting, said, pay(note="zoë meier  today")) == "deny"
    assert last(quoting, said, pay(note="Zoë Meier tomorrow")) == "allow"
    long = Message("user", "x" * 60)
    assert last(quoting, long, pay(note="y" + "x" * 40)) == "deny"
    assert last(quoting, long, pay(note="y" + "x" * 39)) == "allow"


SAME = [
    ("1000", "1,000.00"), (1000, "1.000,00"), (1000, "$1 000"), (1000, "1000kg"),
    ("+49 151 1234567", "0049 (151) 123-4567"),
    ("DE89370400440532013000", "DE89 3704 0044 0532 0130 00"),
    ("example.com", "https://www.example.com/a"), ("example.com", "bob@example.com"),
    ("bücher.de", "xn--bcher-kva.de"), ("2024/05/05", "2024-05-05T10:00:00Z"),
    ("2024-05-05T10:00:00Z", "2024-05-05 12:00+02:00"), ("It’s  HERE", "it's here"),
    ("alice at home", json.dumps({"who": ["Alice at home"]})),
    ("alice at home", b64encode(b"alice at home").decode()), ("alice at home", "alice%20at%20home"),
    ("alice at home", b"alice at home".hex()),
]  # fmt: skip
OTHERS = [("port", "report"), ("corp.com", "evil-corp.com"), ("000", "1,000.00"), (1000, "1000.5")]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_L78(one: Any, other: str) -> None:
    """Alone, in lists, records and JSON, on both sides."""
    asks = "clause c\n  forbid call where arguments came from result\n"
    for there in (other, json.dumps([other]), f"it is\n{other} .\n"):
        for asked in (one, [one], {"x": {"y": one}}, json.dumps([one])):
            assert last(asks, Result("log", there), Call("send", {"to": asked})) == "deny"


@pytest.mark.parametrize(("asked", "there"), OTHERS)
def test_L78_what_only_looks_alike(asked: Any, there: str) -> None:
    asks = "clause c\n  forbid call where arguments came from result\n"
    assert last(asks, Result("log", there), Call("send", {"to": asked})) == "allow"


def test_L79() -> None:
    odd = Result("log", "an odd place: A-17")
    asks = LABEL + forbid("order came from {} labelled odd")
    assert last(asks.format("result"), odd, pay("A-17")) == "deny"
    assert last(asks.format("message"), odd, pay("A-17")) == "allow"
    assert last(asks.format("message"), odd, says("A-17"), pay("A-17")) == "deny"
    assert last(asks.format("message"), odd, says("place"), says("place"), pay("place")) == "deny"
    assert last(asks.format("message"), odd, says("I saw A-17"), pay("A-17")) == "allow"
    quoting = says("An odd place: A-17")
    assert last(asks.format("message"), odd, quoting, pay("A-17")) == "deny"
    assert last(asks.format("message"), odd, Message("user", "A-17"), pay("A-17")) == "allow"
    assert codes(forbid("order came from result labelled even")) == ["R0301"]


def test_L80() -> None:
    """Not seen, too long, too many: unknown, so the forbid counts."""
    asks = forbid("not order came from message from user")
    assert run(asks, pay("A-17"), truncated=True) == ["deny"]
    permits = "default deny for call\nclause c\n  permit call where arguments came from step\n"
    caps = Caps()
    large = {"x": "y" * (caps.value + 1)}
    many = {"x": ["go"] * (caps.leaves + 1)}
    deep: Any = "go"
    for _ in range(caps.depth + 1):
        deep = [deep]
    for args in (large, many, {"x": deep}):
        assert last(forbid("arguments came from step", "call"), GO, Call("send", args)) == "deny"
        assert run(permits, GO, Call("send", args)) == ["allow", "deny"]
    assert (caps.memory >> 20, caps.value // 10**6, caps.leaves, caps.depth) == (20, 10, 10**5, 64)
