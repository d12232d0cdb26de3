"""What a setting may still take, case by case: values in force, words, and what is refused."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import reduce
from math import inf, nan
from typing import Any

import pytest

from remit.checked.types import ANY, DURATION, FLAG, NUMBER, RECORD, TEXT, TIME, Type, one_of
from remit.program.domain import ABSENT, EVERY, Domain, whole
from remit.program.values import UNKNOWN

TONE = one_of("full", "args", "none")
TEXTS, NUMBERS, TONES = Type("set", TEXT), Type("set", NUMBER), Type("set", TONE)
Step = tuple[str, Any]


def narrowed(kind: Type, path: list[Step]) -> Domain | None:
    """What all the constraints leave."""
    start: Domain | None = whole(kind)
    return reduce(lambda at, step: None if at is None else at.narrow(*step), path, start)


@pytest.mark.parametrize(
    ("kind", "path", "default", "value"),
    [
        (NUMBER, [], 50, 50),
        (NUMBER, [], ABSENT, UNKNOWN),
        (NUMBER, [("<=", 100)], 50, 50),
        (NUMBER, [("<=", 100)], 500, 100),
        (NUMBER, [("<=", 100)], ABSENT, 100),
        (NUMBER, [("<", 100)], 500, UNKNOWN),
        (NUMBER, [("<", 100)], ABSENT, UNKNOWN),
        (NUMBER, [(">=", 10), ("<", 100)], 0, 10),
        (NUMBER, [(">=", 10), ("<", 100)], 100, UNKNOWN),
        (NUMBER, [(">=", 10), ("<=", 100)], ABSENT, UNKNOWN),
        (NUMBER, [(">", 10), ("<=", 100)], 10, UNKNOWN),
        (NUMBER, [(">", 10), ("<=", 100)], 10.5, 10.5),
        (NUMBER, [(">=", 10), ("<=", 10)], ABSENT, 10),
        (NUMBER, [("in", [1, 2])], ABSENT, UNKNOWN),
        (NUMBER, [("in", [1, 4])], 2, 1),
        (NUMBER, [("in", [1, 3])], 2, UNKNOWN),
        (NUMBER, [("in", [10**400, 0.5])], 10**300, 0.5),
        (NUMBER, [("<=", 100)], "500", UNKNOWN),
        (NUMBER, [("<=", 100)], True, UNKNOWN),
        (NUMBER, [("<=", 100)], inf, UNKNOWN),
        (NUMBER, [("<=", 100)], UNKNOWN, UNKNOWN),
        (NUMBER, [("=", 7)], UNKNOWN, 7),
        (TIME, [("<=", 100)], 500, 100),
        (DURATION, [(">=", 3600)], 60, 3600),
        (TEXT, [], "en", "en"),
        (TEXT, [], ABSENT, UNKNOWN),
        (TEXT, [("in", ["en", "fr"])], "de", UNKNOWN),
        (TEXT, [("in", ["en", "fr"])], "en", "en"),
        (FLAG, [], ABSENT, UNKNOWN),
        (FLAG, [("=", True)], False, True),
        (TONE, [("in", ["full", "args"])], "args", "args"),
        (TEXTS, [], EVERY, EVERY),
        (TEXTS, [], ABSENT, EVERY),
        (TEXTS, [], ["b", "a", "b"], ["a", "b"]),
        (TEXTS, [("<=", ["b", "a"])], EVERY, ["a", "b"]),
        (TEXTS, [("<=", ["b", "a"])], ABSENT, ["a", "b"]),
        (TEXTS, [("<=", ["b", "a"])], ["a", "c"], ["a"]),
        (TEXTS, [(">=", ["b"])], ["a"], ["a", "b"]),
        (TEXTS, [(">=", ["b"])], EVERY, EVERY),
        (TEXTS, [("<=", [])], EVERY, []),
        (TEXTS, [("=", EVERY)], ["a"], EVERY),
        (TEXTS, [("<=", ["a"])], UNKNOWN, UNKNOWN),
        (TEXTS, [("<=", ["a"])], [["a"]], UNKNOWN),
        (NUMBERS, [("<=", [2, 1.0])], EVERY, [1, 2]),
        (TONES, [], EVERY, ["args", "full", "none"]),
        (TONES, [("<=", ["full", "loud"])], EVERY, ["full"]),
        (TONE, [("in", ["full", "loud"])], ABSENT, "full"),
        (TONE, [], "loud", UNKNOWN),
        (Type("set", FLAG), [(">=", [True])], EVERY, [False, True]),
    ],
)
def test_the_value_in_force(kind: Type, path: list[Step], default: Any, value: Any) -> None:
    """The list of semantics 5, case by case."""
    domain = narrowed(kind, path)
    assert domain is not None
    found = domain.in_force(default)
    assert found is value or (found == value and type(found) is type(value))


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        (NUMBER, [(">=", 2), ("<", 2)]),
        (NUMBER, [(">", 2), ("<=", 2)]),
        (NUMBER, [(">", 2), ("<", 2)]),
        (NUMBER, [(">", 2), ("<", 1)]),
        (NUMBER, [("in", [1, 2]), (">", 2)]),
        (NUMBER, [("in", [])]),
        (TEXT, [("in", [])]),
        (FLAG, [("=", True), ("=", False)]),
        (TONE, [("=", "loud")]),
        (TONE, [("in", ["loud"])]),
        (TONES, [("=", ["full", "loud"])]),
        (TONES, [(">=", ["loud"])]),
        (TEXTS, [(">=", ["a", "b"]), ("<=", ["a", "c"])]),
        (TEXTS, [("=", EVERY), ("<=", ["a"])]),
    ],
)
def test_nothing_is_left(kind: Type, path: list[Step]) -> None:
    """In either order."""
    assert narrowed(kind, path) is None
    assert narrowed(kind, path[::-1]) is None


@pytest.mark.parametrize(
    ("kind", "path", "words"),
    [
        (TEXT, [], "any text"),
        (TEXT, [("in", ["fr", "en"])], '"en" or "fr"'),
        (TEXT, [("=", 'a "b"\n\\')], 'exactly "a \\"b\\"\\u{A}\\\\"'),
        (TEXT, [("=", "x" * 1000)], f'exactly "{"x" * 59}…"'),
        (FLAG, [], "false or true"),
        (FLAG, [("=", True)], "exactly true"),
        (TONE, [], '"args", "full" or "none"'),
        (NUMBER, [], "any number"),
        (NUMBER, [("=", 3.0)], "exactly 3"),
        (NUMBER, [("=", -0.0)], "exactly 0"),
        (NUMBER, [("<=", 100)], "at most 100"),
        (NUMBER, [(">", 0), ("<=", 100)], "more than 0 and at most 100"),
        (NUMBER, [(">=", 0.25), ("<", 1)], "at least 0.25 and less than 1"),
        (NUMBER, [("<", 10**20)], "less than 1e+20"),
        (NUMBER, [(">", -(10**5000))], "more than a negative number of more than 300 digits"),
        (NUMBER, [("in", range)], "1, 2, 3, 4, 5, 6, 7, 8, 9, 10 or 9,990 more"),
        (DURATION, [("<=", 5400)], "at most 90m"),
        (DURATION, [(">", 0.5), ("<", 0)], None),
        (DURATION, [(">", 0), ("<=", 86400)], "more than 0s and at most 1d"),
        (TIME, [("<", 1766016000)], "before 2025-12-18T00:00:00Z"),
        (TIME, [(">=", 0), ("<=", 1e18)],
         "not before 1970-01-01T00:00:00Z and not after 1e+18s after 1970"),
        (TEXTS, [], "any items"),
        (TEXTS, [("<=", ["b", "a"])], 'at most "a", "b"'),
        (TEXTS, [(">=", ["b"])], 'at least "b"'),
        (TEXTS, [(">=", ["b"]), ("<=", ["a", "b"])], 'at least "b" and at most "a", "b"'),
        (TEXTS, [("=", ["b", "a"])], 'exactly "a", "b"'),
        (TEXTS, [("=", [])], "no items"),
        (TEXTS, [("=", EVERY)], "every item"),
    ],
)  # fmt: skip
def test_words(kind: Type, path: list[Step], words: str | None) -> None:
    path = [(op, list(range(1, 10_001)) if value is range else value) for op, value in path]
    domain = narrowed(kind, path)
    assert (domain and domain.words()) == words


@pytest.mark.parametrize(
    ("kind", "op", "value"),
    [
        (TEXT, "<=", "a"), (TEXT, ">", "a"), (TEXT, "=", 1), (TEXT, "in", "en"), (TEXT, "in", [1]),
        (TEXT, "=", ["a"]), (TEXT, "in", [["a"]]), (TEXT, "=", None), (TEXT, "=", UNKNOWN),
        (FLAG, "=", 1), (FLAG, "=", "true"), (FLAG, "<", True), (TONE, "=", 1),
        (TONE, "in", ["full", 1]), (NUMBER, "=", "1"), (NUMBER, "=", True),
        (NUMBER, "<=", nan), (NUMBER, "<=", inf), (NUMBER, ">", -inf), (NUMBER, "in", [1, nan]),
        (NUMBER, "in", 1), (NUMBER, "<", [1]), (NUMBER, "in", EVERY), (TIME, "=", "2025-12-18"),
        (DURATION, "=", {}), (TEXTS, "<", ["a"]), (TEXTS, ">", ["a"]), (TEXTS, "=", "a"),
        (TEXTS, "<=", ["a", 1]), (TEXTS, "<=", [["a"]]), (TEXTS, "<=", [{}]),
        (NUMBERS, ">=", [True]), (NUMBERS, ">=", [nan]), (NUMBER, "==", 1), (TEXT, "", "a"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(kind: Type, op: str, value: Any) -> None:
    """In a sentence that names the operator or the value."""
    with pytest.raises(ValueError, match=r"^(`|that|a list|a record).* (is no|does not|takes)"):
        whole(kind).narrow(op, value)


@pytest.mark.parametrize("value", [nan, inf, True, None, UNKNOWN, [], {}, "1", object(), EVERY])
def test_what_is_no_number_is_not_held(value: object) -> None:
    assert not whole(NUMBER).holds(value)


@pytest.mark.parametrize("kind", [ANY, RECORD, Type("list", TEXT), Type("set"), Type("set", ANY),
                                  Type("set", TEXTS), Type("one_of"), Type("nothing")])  # fmt: skip
def test_other_types_have_no_domain(kind: Type) -> None:
    with pytest.raises(ValueError, match="cannot be of type"):
        whole(kind)


def test_domains_of_different_types_do_not_meet() -> None:
    with pytest.raises(ValueError, match="`number` does not meet one of `time`"):
        whole(NUMBER).meet(whole(TIME))


def test_flags_and_numbers_do_not_mix() -> None:
    """Although Python holds that True is 1."""
    one = whole(NUMBER).narrow("in", [0, 1])
    assert one is not None
    assert not one.holds(True)
    assert not whole(FLAG).holds(1)


def test_every_holds_everything_and_is_a_value() -> None:
    assert "any" in EVERY
    assert whole(TEXTS).holds(EVERY)
    limited = whole(TEXTS).narrow("<=", ["a"])
    assert limited is not None
    assert not limited.holds(EVERY)


@pytest.mark.parametrize("kind", [TEXT, NUMBER, TEXTS, NUMBERS])
def test_long_lists_take_no_time(kind: Type) -> None:
    """Ten thousand items, narrowed in turn; comparing each with each would take far longer."""
    make: Callable[[int], Any] = str if TEXT in (kind, kind.item) else float
    start = time.perf_counter()
    domain: Domain | None = whole(kind)
    for skip in range(20):
        assert domain is not None
        domain = domain.narrow("in", [make(one) for one in range(skip, 10_000)])
    assert domain is not None
    assert len(domain.words()) < 200
    left = domain.in_force() if kind.kind == "set" else domain.values
    assert left is not None
    assert len(left) == 10_000 - 19
    assert time.perf_counter() - start < 60
