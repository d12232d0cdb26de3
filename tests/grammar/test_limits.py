"""Input that is too deep, too wrong or too long ends in time with few words."""

from __future__ import annotations

import time

import pytest

from remit_grammar.diagnostic import Diagnostic
from remit_grammar.parse import MOST_ERRORS, parse
from remit_grammar.source import Source

MANY = 10_000


def _parse(text: str) -> list[Diagnostic]:
    return parse(Source("made", text))[1]


@pytest.mark.parametrize(
    "condition",
    [
        "(" * MANY + "a" + ")" * MANY,
        "(" * MANY,
        "[" * MANY,
        "not " * MANY + "a",
        "- " * MANY + "a",
        "count of " * MANY + "a",
        "1" + " + 1" * MANY,
        "any x in y satisfies " * MANY + "a",
    ],
    ids=lambda text: text[:12],
)
def test_too_deep_is_one_finding(condition: str) -> None:
    """And the clause behind it is read."""
    found = _parse(f"clause a\n  forbid call x where {condition}\nclause b\n  forbid\n")
    assert [one.code for one in found] == ["R0106", "R0102"]


def test_wide_is_not_deep() -> None:
    """Ten thousand alternatives are long-winded, no more."""
    assert not _parse("define x = a" + " or a" * MANY)
    assert not _parse("define x = a in [" + "1, " * MANY + "1]")


def test_findings_are_capped() -> None:
    """A file of another language does not give a thousand findings, nor take long."""
    began = time.monotonic()
    found = _parse("clause ( }\n" * MANY)
    assert len(found) == MOST_ERRORS
    assert time.monotonic() - began < 20


@pytest.mark.parametrize(
    "text",
    ['"' * 50_001, '"""' + "a\n" * 50_000, "`" * 50_000, "a." * 50_000, "#\n" * 50_000,
     "a" + " " * 100_000 + "b", "a, " * 30_000, "/" * 50_000, "\\" * 50_000, "a\n" * 30_000,
     "default " * 20_000, "a" + "\n#" * 50_000, "clause a" + " unless" * 20_000],
    ids=lambda text: repr(text[:6]),
)  # fmt: skip
def test_time_grows_with_length_only(text: str) -> None:
    """No pattern of the lexer and no recovery looks at the same characters again and again."""
    began = time.monotonic()
    _parse(text)
    assert time.monotonic() - began < 20
