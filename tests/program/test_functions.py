"""Built-in functions on values of every kind, where no other test looks closer."""

from __future__ import annotations

from typing import Any

import pytest

from remit.program.functions import call
from remit.program.values import UNKNOWN


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("50", 50), (" 1,250.50 ", 1250.5), ("$3", 3), ("-2", -2), (7, 7), (2.5, 2.5),
        ("fifty", UNKNOWN), ("", UNKNOWN), ("1 to 2", UNKNOWN), (True, UNKNOWN), (["1"], UNKNOWN),
        (float("nan"), UNKNOWN), (None, None), (UNKNOWN, UNKNOWN),
    ],
)  # fmt: skip
def test_number(value: Any, number: Any) -> None:
    """A text that says one number; a number is itself; anything else is unknown."""
    found = call("number", value)
    assert (found is number) if number is UNKNOWN or number is None else found == number


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"a": 1, "b": None}, [1, None]), ({}, []), (["x"], UNKNOWN), ("x", UNKNOWN),
        (None, None), (UNKNOWN, UNKNOWN),
    ],
)  # fmt: skip
def test_values(value: Any, found: Any) -> None:
    """What a record holds, absent values too; nothing else has values."""
    assert call("values", value) == found
