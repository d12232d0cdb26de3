"""What a setting may still take: narrowing against a naive reading of the operators."""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import reduce
from itertools import permutations, product
from math import nan
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from remit.checked.types import DURATION, FLAG, NUMBER, TEXT, TIME, Type, one_of
from remit.program.domain import ABSENT, Domain, whole
from remit.program.values import UNKNOWN

TEXTS, NUMBERS = Type("set", TEXT), Type("set", NUMBER)
TONES = ("full", "args", "none")
TONE = one_of(*TONES)
KINDS = [TEXT, FLAG, TONE, NUMBER, TIME, DURATION, TEXTS, NUMBERS]
Step = tuple[str, Any]

# Few values, so that constraints meet often. Between any two numbers that constraints name, and
# beyond the outermost, lie two that are tried: for intervals, trying these is exact.
LETTERS = ["a", "b", "c"]
DIGITS: list[float] = [0, 1, 2, 2.0, 2.5, -1.0]
TRIED: list[float] = [-9, -8, -1, -0.5, -0.25, 0, 0.5, 0.75, 1, 1.5, 1.75, 2, 2.2, 2.3, 2.5, 8, 9]

TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "in": lambda value, listed: value in listed,
    "<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt,
}  # fmt: skip
SET_TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda value, items: value == set(items), "in": lambda value, items: value <= set(items),
    "<=": lambda value, items: value <= set(items), ">=": lambda value, items: value >= set(items),
}  # fmt: skip


def basis(kind: Type) -> list[Any]:
    """The single values (of sets: the items) that constraints name."""
    if kind.kind == "set":
        return LETTERS if kind.item == TEXT else [0, 1, 2.5]
    named: dict[str, list[Any]] = {"text": LETTERS, "flag": [False, True], "one_of": list(TONES)}
    return named.get(kind.kind, DIGITS)


def universe(kind: Type) -> list[Any]:
    """The values that are tried: enough to tell any two domains of the generated steps apart."""
    if kind.kind == "set":
        items = [*basis(kind), "other" if kind.item == TEXT else 77]
        chosen = product([False, True], repeat=len(items))
        return [[one for one, is_in in zip(items, row, strict=True) if is_in] for row in chosen]
    if kind.kind in ("number", "time", "duration"):
        return list(TRIED)
    return [*basis(kind), "other"] if kind == TEXT else basis(kind)


def true_of(kind: Type, step: Step, value: Any) -> bool:
    """Whether the constraint is true of the value, the naive way."""
    op, operand = step
    return SET_TESTS[op](set(value), operand) if kind.kind == "set" else TESTS[op](value, operand)


def steps(kind: Type) -> st.SearchStrategy[Step]:
    """Constraints that fit the type."""
    values = st.sampled_from(basis(kind))
    lists = st.lists(values, max_size=4)
    if kind.kind == "set":
        return st.tuples(st.sampled_from(list(SET_TESTS)), lists)
    ops = list(TESTS) if kind.kind in ("number", "time", "duration") else ["=", "in"]
    ones = st.tuples(st.sampled_from([op for op in ops if op != "in"]), values)
    return st.one_of(ones, st.tuples(st.just("in"), lists))


def narrowed(kind: Type, path: list[Step]) -> Domain | None:
    """What all the constraints leave."""
    start: Domain | None = whole(kind)
    return reduce(lambda at, step: None if at is None else at.narrow(*step), path, start)


def held(domain: Domain | None, kind: Type) -> list[Any]:
    """The tried values that are left."""
    return [] if domain is None else [one for one in universe(kind) if domain.holds(one)]


def paths(most: int = 4) -> st.SearchStrategy[tuple[Type, list[Step]]]:
    """A type with constraints that fit it."""
    return st.sampled_from(KINDS).flatmap(
        lambda kind: st.tuples(st.just(kind), st.lists(steps(kind), max_size=most))
    )


@st.composite
def domains(draw: st.DrawFn, count: int) -> tuple[Type, list[Domain]]:
    """Domains of one type with values left."""
    kind = draw(st.sampled_from(KINDS))
    one = st.lists(steps(kind), max_size=3).map(lambda path: narrowed(kind, path))
    found = [draw(one.filter(lambda at: at is not None)) for _ in range(count)]
    return kind, [at for at in found if at is not None]


@given(paths())
def test_what_is_left_is_what_every_constraint_allows(case: tuple[Type, list[Step]]) -> None:
    """And so nothing widens, and None comes exactly where no value is left."""
    kind, path = case
    wanted = [one for one in universe(kind) if all(true_of(kind, step, one) for step in path)]
    domain = narrowed(kind, path)
    assert held(domain, kind) == wanted
    assert (domain is None) == (not wanted)


@given(paths())
def test_narrowing_never_widens(case: tuple[Type, list[Step]]) -> None:
    """What holds after a step held before it, whatever the step."""
    kind, path = case
    for at in range(len(path)):
        before, after = (held(narrowed(kind, path[:end]), kind) for end in (at, at + 1))
        assert all(one in before for one in after)


@given(paths(most=3))
def test_the_order_of_narrowing_does_not_matter(case: tuple[Type, list[Step]]) -> None:
    """Nor does it show: values and words are the same, to the letter."""
    kind, path = case
    ends = [narrowed(kind, list(order)) for order in permutations(path)]
    seen = {at and (at, repr(at.values), at.words(), repr(at.in_force())) for at in ends}
    assert len(seen) == 1


@given(domains(3))
def test_meeting_is_a_semilattice(case: tuple[Type, list[Domain]]) -> None:
    """Commutative, associative, idempotent, with the whole type as the top."""
    kind, (one, two, three) = case
    assert one.meet(two) == two.meet(one)
    assert one.meet(one) == one == one.meet(whole(kind)) == whole(kind).meet(one)
    left, right = one.meet(two), two.meet(three)
    assert (left and left.meet(three)) == (right and one.meet(right))


@given(domains(2))
def test_meeting_leaves_what_is_in_both(case: tuple[Type, list[Domain]]) -> None:
    kind, (one, two) = case
    both = [value for value in held(one, kind) if two.holds(value)]
    assert held(one.meet(two), kind) == both


@given(domains(1), st.data())
def test_the_value_in_force_is_left(case: tuple[Type, list[Domain]], data: st.DataObject) -> None:
    """Or unknown; and of what is left, the default comes first."""
    kind, (domain,) = case
    default = data.draw(st.sampled_from([ABSENT, UNKNOWN, nan, [{}], *universe(kind)]))
    value = domain.in_force(default)
    assert value is UNKNOWN or domain.holds(value)
    if default is not ABSENT and domain.holds(default):
        assert value == default
    if domain.only is not ABSENT:
        assert value == domain.only


@given(domains(1))
def test_the_only_value_is_the_only_one(case: tuple[Type, list[Domain]]) -> None:
    kind, (domain,) = case
    assert (domain.only is not ABSENT) == (len(held(domain, kind)) == 1)
    if domain.only is not ABSENT:
        assert held(domain, kind) == [domain.only]
        assert domain.values == (domain.only,)


@given(st.lists(st.sampled_from(DIGITS), min_size=1), st.sampled_from(TRIED))
def test_of_listed_numbers_the_nearest_is_in_force(listed: list[float], default: float) -> None:
    """Where two are equally near, neither is."""
    domain = whole(NUMBER).narrow("in", listed)
    assert domain is not None
    gap = min(abs(one - default) for one in listed)
    nearest = {one for one in listed if abs(one - default) == gap}
    wanted = nearest.pop() if len(nearest) == 1 else UNKNOWN
    assert domain.in_force(default) == wanted
