"""`number of TEXT`: what is read as a number, and what is left alone."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remit.text.numbers import CODES, SIGNS, parse_number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0), ("007", 7), ("250", 250), (" 250\n", 250), ("+5", 5), ("-5", -5),
        ("\u22125", -5), ("-0", 0), ("1.5", 1.5), ("-0.25", -0.25), (".5", 0.5), ("1.0", 1.0),
        ("1.500", 1.5), ("1,000", 1000), ("1,000,000.50", 1000000.5), ("12 000", 12000),
        ("1 000 000", 1000000), ("1\u00a0000", 1000), ("1\u202f000.5", 1000.5), ("1_000", 1000),
        ("$5", 5), ("$ 5", 5), ("-$5", -5), ("$-5", -5),
        ("5€", 5), ("5 €", 5), ("€1,200.5", 1200.5),
        ("USD 5", 5), ("5 USD", 5), ("5USD", 5), ("12 000 SEK", 12000), ("9" * 300, int("9" * 300)),
    ],
)  # fmt: skip
def test_numbers(text: str, value: float) -> None:
    """Whole numbers stay whole."""
    found = parse_number(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "-", ".", "$", "USD", "five", "1,5", "1,50", "1,0000", "1,000,00", "10,00,000",
        "1000,000", "0,500", "012,345", ",500", "1,", "1.", "1.2.3", "1.000,50", "1.000.000",
        "1,000 000", "1,000_000", "1_00", "1__000", "_1", "1  000", "10 00", "1 2", "1\n000",
        "12e4000", "1e5", "0x10", "1/2", "5%", "5 %", "50¢", "--5", "+-5", "- 5", "5-", "(5)",
        "$5 USD", "$$5", "€5$", "usd 5", "ABC 5", "5 dollars", "a 5", "5 a", "5k", "inf", "nan",
        "٣", "५", "²", "5\u200b", "1'000", "9" * 301, "0." + "0" * 400 + "1",
    ],
)  # fmt: skip
def test_no_numbers(text: str) -> None:
    """Nothing is guessed."""
    assert parse_number(text) is None


@given(st.integers(-(10**30), 10**30), st.sampled_from([",", "_"]))
def test_a_written_integer_reads_back(value: int, separator: str) -> None:
    assert parse_number(str(value)) == value
    assert parse_number(f"{value:{separator}}") == value
    assert parse_number(f"{value:,}".replace(",", " ")) == value


@given(st.decimals(-(10**12), 10**12, places=4), st.sampled_from([*SIGNS, *CODES.split()]))
def test_a_written_amount_reads_back(value: object, money: str) -> None:
    """With money before or after it."""
    for text in (f"{value:,}", f"{money} {value:,}", f"{value}{money}", f"{money}{value}"):
        assert parse_number(text) == float(str(value))


@given(st.text(alphabet="0123456789.,_ -+$€%eUSD\u00a0\n"))
def test_any_text_is_read_or_left(text: str) -> None:
    """What is read has the digits of the text, and no more than one point."""
    value = parse_number(text)
    if value is not None:
        digits = "".join(one for one in text if one in "0123456789.")
        assert abs(value) == (float(digits) if "." in digits else int(digits))


@pytest.mark.parametrize("piece", ["1", ",111", " 111", "-", "$", "USD ", " ", "1.", "1,111 "])
def test_long_texts_take_no_time(piece: str) -> None:
    start = time.perf_counter()
    assert parse_number("1" + piece * 1_000_000) in (None, 1)
    assert time.perf_counter() - start < 20  # quadratic work takes minutes
