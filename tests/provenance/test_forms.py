"""Every normal form: which spellings of a value are the same value, and which are not."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from typing import Any

import pytest

from remit.provenance import Index
from remit.provenance.forms import readings

Make = Callable[..., Index]

SAME = [
    # case, Unicode, spacing
    ("text", "STRASSE 5", "zur straße 5 bitte"),
    ("text", "ﬁnal\u00a0report", "the Final   Report, please"),
    ("text", "the\nplan", "The Plan"),
    ("text", "pass\u200bword\u00ad", "my password"),
    ("text", "it's", "It’s late"),
    ("text", "２０２４", "in 2024"),
    ("text", "٣", "take 3"),
    ("text", "张三", "请联系张三。"),
    ("text", "é", "caf e\u0301 !"),
    ("text", "a - b", "a-b"),
    ("text", "\ud800x", "say \ud800x"),
    ("text", "👍", "ok 👍"),
    ("text", "user_id", "by user_id 5"),
    # numbers
    ("number", 1000, "pay 1,000.00 now"),
    ("number", 1000, "pay 1.000,00 now"),
    ("number", 1000.0, "$1000"),
    ("number", "1,000.00", "1000"),
    ("number", "1 000 000", "1,000,000"),
    ("number", "1'000", 1000),
    ("number", 1000, "1.000 €"),
    ("number", "USD 12.50", 12.5),
    ("number", "12,50 €", 12.5),
    ("number", 12.5, "it is 12,5"),
    ("number", -5, "balance: -5.00"),
    ("number", "−5", -5),
    ("number", 5, "5"),
    ("number", "$5", 5),
    ("number", 10, "10kg"),
    ("number", 1.5, "1.50"),
    ("number", 10**21, "1000000000000000000000"),
    ("number", 1e21, 10**21),
    ("number", 0.1, "0.10"),
    ("text", True, {"ok": True}),
    ("text", "true", True),
    # digits and IBAN
    ("digits", "+49 151 1234567", "call +49 (151) 123-4567."),
    ("digits", "0049 151 1234567", "+491511234567"),
    ("digits", "(212) 555-0100", "dial 212-555-0100 or wait"),
    ("digits", 2125550100, "(212) 555-0100"),
    ("digits", "212.555.0100", "2125550100"),
    ("digits", "4111111111111111", "card 4111 1111 1111 1111"),
    ("iban", "DE89370400440532013000", "to DE89 3704 0044 0532 0130 00 please"),
    ("iban", "de89-3704-0044-0532-0130-00", "DE89370400440532013000"),
    ("iban", "GB82 WEST 1234 5698 7654 32", "iban gb82west12345698765432."),
    # hosts, URLs, addresses
    ("url", "https://www.example.com/", "see example.com"),
    ("text", "example.com", "at HTTPS://Example.com/a?b=c#d"),
    ("text", "www.example.com", "http://example.com"),
    ("url", "http://example.com/pay/", "https://www.example.com/pay?id=1"),
    ("url", "example.com/pay/", "(https://example.com/pay)."),
    ("host", "example.com", "mail bob@example.com"),
    ("host", "http://example.com", "mail bob@example.com"),
    ("text", "Bob@Example.COM", "to: <bob@example.com>, asap"),
    ("email", "mailto:bob@example.com", "bob@example.com"),
    ("text", "jim.o'neil+x@example.co.uk", "jim.o'neil+x@example.co.uk."),
    ("host", "xn--bcher-kva.de", "bei bücher.de"),
    ("host", "bücher.de", "xn--bcher-kva.de"),
    ("text", "bill.txt", "read /home/me/bill.txt."),
    # dates
    ("date", "2024-05-05", "at 2024-05-05T10:00:00Z"),
    ("date", "2024/05/05", "on 2024-05-05"),
    ("time", "2024-05-05T10:00:00Z", "2024-05-05 12:00+02:00"),
    ("time", "2024-05-05 10:00", "2024-05-05T10:00:00"),
]
OTHERS = [
    ("ab", "a b"), ("a b", "a-b"), ("port", "report"), ("a", "abc"),
    (1, "1,000.00"), ("000", "1,000.00"), (0, "1,000.00"), (5, "1.5"), (2, "1.2.3"),
    (5, -5.5), (-5, "5"), (-50, "10-50"), ("007", 7), (1000, "1,0000"), (100, "10"),
    (1000.5, 1000), (1234, "12 34"), ("12", "123"), (True, 1), (1, True), (False, 0),
    ("bob@corp.com", "jim.bob@corp.com"), ("corp.com", "sub.corp.com"),
    ("corp.com", "evil-corp.com"), ("corp.com", "corp.com.evil.org"),
    ("bob@corp.com", "bob@corp.com.evil.org"), ("bob@corp.com", "bob at corp.com"),
    ("https://good.com/", "https://good.com@evil.com/"),
    ("https://example.com/a", "https://example.com/b"),
    ("DE89370400440532013000", "DE89 3704 0044 0532 0130 01"),
    ("+49 151 1234567", "+49 151 1234568"), ("555-0100", "1555-0100"),
    ("2024-05-05", "2024-05-06"), ("2024-05-05T10:00", "2024-05-05"),
    ("2024-02-30T10:00", "2024-02-30"), ("a", ["b", {"c": None}]), ("none", None), ("null", None),
    ("n:1000", "1,000.00"), ("h:corp.com", "bob@corp.com"),
]  # fmt: skip


@pytest.mark.parametrize(("form", "asked", "added"), SAME)
def test_spellings_of_the_same_value(index: Make, form: str, asked: object, added: object) -> None:
    found = index("nothing like it", added).origins_of(asked)
    assert found.origins == {1}
    assert found.forms <= {form, "text", "number", "digits", "host"}
    assert found.truth is True


@pytest.mark.parametrize(("asked", "added"), OTHERS)
def test_values_that_only_look_alike(index: Make, asked: object, added: object) -> None:
    found = index(added).origins_of(asked)
    assert not found.hits
    assert found.truth is False


@pytest.mark.parametrize("form", sorted({form for form, _, _ in SAME}))
def test_the_form_is_told(index: Make, form: str) -> None:
    forms = [index(added).origins_of(asked).forms for one, asked, added in SAME if one == form]
    assert any(form in one for one in forms)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object(), datetime.UTC, 10**2000])
def test_what_is_no_value_is_unknown(index: Make, value: Any) -> None:
    found = index("nan inf object").origins_of(value)
    assert found.unknown
    assert repr(found.truth) == "unknown"


@pytest.mark.parametrize("value", [None, "", " \n", [], {}, "\u200b"])
def test_nothing_occurs_nowhere(index: Make, value: object) -> None:
    found = index("", None, " ", [], "text").origins_of(value)
    assert found.sure
    assert found.truth is False


def test_a_number_with_two_readings_has_both() -> None:
    assert readings("1.250") == {"1.25", "1250"}
    assert readings("1,250") == {"1.25", "1250"}
    assert readings("1,250.00") == {"1250"}
    assert readings("1.250.000") == {"1250000"}
    assert readings("9" * 2000) == set()


def test_short_values_are_told_wherever_they_stand(index: Make) -> None:
    found = index("the cat", "other", "yes, the dog", {"n": 1}, "1 and 10").origins_of("the")
    assert found.origins == {0, 2}
    assert index("10", "x1", "1", "v 1", 1, 11).origins_of(1).origins == {2, 3, 4}


def test_numbers_in_json_text_are_numbers(index: Make) -> None:
    made = index(json.dumps({"amount": 1250.5, "to": ["a@b.org"]}))
    assert made.origins_of(1250.5).origins == {0}
    assert made.origins_of("A@B.org").origins == {0}
    assert made.origins_of("b.org").origins == {0}
