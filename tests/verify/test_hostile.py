"""Hostile records: whatever stands in the newer fields, the verifier finds it and never raises."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remit import Policy
from remit.verify import verify_records

Record = dict[str, Any]
Records = dict[str, list[Record]]

FIELDS = ("past", "said", "settings", "judged", "void")
WORDS = ["norm", "directive", "author", "strength", "words", "step", "place", "setting", "value",
         "sets", "op", "unknown", "said", "void", "turn", "answer", "judge", "lost"]  # fmt: skip
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.floats() | st.sampled_from(
        ["", "user", "none", "root", "true", "spared", "acme.support::speak", "lang", "spend"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner,
                                                                max_size=4),
    max_leaves=8,
)  # fmt: skip


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value inside a value."""
    if path:
        yield path
    items: Any = enumerate(value) if isinstance(value, list) else ()
    for key, one in value.items() if isinstance(value, dict) else items:
        yield from _places(one, (*path, key))


def _chosen(genuine: Records, which: int) -> Record:
    """One of the genuine records, to be changed."""
    every = [record for name in sorted(genuine) for record in genuine[name]]
    return copy.deepcopy(every[which % len(every)])


def _put(record: Record, path: tuple[Any, ...], value: Any) -> bool:
    """Put a value into a place; false where it is there already."""
    inside: Any = record
    for key in path[:-1]:
        inside = inside[key]
    if json.dumps(inside[path[-1]]) == json.dumps(value):
        return False
    inside[path[-1]] = value
    return True


def _said(record: Record) -> list[tuple[Any, ...]]:
    """The places of what the step says, is void or sets."""
    return [path for path in _places(record) if path[0] in ("said", "void", "settings")]


NUMBER = st.integers(0, 10_000)  # of what is chosen; what there is to choose from is not drawn


@settings(max_examples=300, deadline=None)
@given(which=NUMBER, where=NUMBER, junk=JUNK)
def test_junk_in_a_place_is_found(
    which: int, where: int, junk: Any, genuine: Records, policy: Policy
) -> None:
    """Any value of what the step says, is void or sets, replaced by another one."""
    record = _chosen(genuine, which)
    places = _said(record)
    if not places:
        return
    path = places[where % len(places)]
    if _put(record, path, junk):
        assert verify_records([record], policy), (path, junk)


@settings(max_examples=200, deadline=None)
@given(which=NUMBER, place=NUMBER, where=NUMBER, junk=JUNK)
def test_junk_in_the_past_is_found(
    which: int, place: int, where: int, junk: Any, genuine: Records, policy: Policy
) -> None:
    """Alone its past is on trust, and not all that differs is found; in its conversation it is."""
    records = copy.deepcopy(genuine[sorted(genuine)[which % len(genuine)]])
    at = 1 + place % (len(records) - 1)
    if "past" not in records[at] or records[at - 1]["errors"]:
        return
    past = {name: one for name, one in records[at]["past"].items() if name != "asked"}
    paths = list(_places(past, ("past",)))  # who is asked may end outside: see test_consent
    if not paths:
        return
    path = paths[where % len(paths)]
    if not _put(records[at], path, junk):
        return
    assert isinstance(verify_records([records[at]], policy), list)
    assert verify_records(records[at - 1 : at + 1], policy), (path, junk)


@settings(max_examples=200, deadline=None)
@given(
    which=NUMBER,
    junk=st.dictionaries(st.sampled_from([*FIELDS, "conversation", "index"]), JUNK),
)
def test_whole_fields_of_junk_never_raise(
    which: int, junk: Record, genuine: Records, policy: Policy
) -> None:
    """Nor fields that are not there at all."""
    record = {**_chosen(genuine, which), **junk}
    assert isinstance(verify_records([record, record], policy), list)


@settings(max_examples=100, deadline=None)
@given(which=NUMBER, where=NUMBER)
def test_any_part_may_be_missing(which: int, where: int, genuine: Records, policy: Policy) -> None:
    """Taken out of a place, a value is missed, but what is optional."""
    record = _chosen(genuine, which)
    places = _said(record)
    if not places:
        return
    path = places[where % len(places)]
    inside: Any = record
    for key in path[:-1]:
        inside = inside[key]
    empty = inside[path[-1]] in ([], {}) and path == (path[0],)
    del inside[path[-1]]
    assert verify_records([record], policy) or empty, path


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("past", []), ("past", {"x": 1}), ("past", {"said": {}}), ("past", {"said": [1]}),
        ("past", {"turn": [1]}), ("past", {"cap": 1}), ("past", {"cut": 1}),
        ("past", {"void": [{}]}), ("said", {}), ("said", [1]), ("said", [{}]),
        ("settings", [{}]), ("settings", 1),
        ("judged", [{}]), ("judged", [{"judge": "a", "question": "b", "text_sha256": "c"}]),
        ("judged", [{"judge": "a", "question": "b", "text_sha256": "c", "answer": "maybe"}]),
        ("void", [1]), ("void", [{"directive": 1}]),
    ],
)  # fmt: skip
def test_what_has_not_the_form_is_no_record(
    genuine: Records, policy: Policy, field: str, value: Any
) -> None:
    """Told apart from what does not follow."""
    record = {**genuine["lifted"][0], field: value}
    assert {one.code for one in verify_records([record], policy)} == {"R1001"}


@pytest.mark.parametrize("words", [{"lang": ["x"]}, {"lang": {"unknown": False}}, {"lang": {}}, 3])
def test_words_are_plain(genuine: Records, policy: Policy, words: Any) -> None:
    """Or known to be unknown."""
    record = copy.deepcopy(genuine["lifted"][0])
    record["said"][1]["words"] = words
    assert {one.code for one in verify_records([record], policy)} == {"R1001"}


def test_many_spared_questions_are_verified_in_time(genuine: Records, policy: Policy) -> None:
    """Of more than six not every combination is tried; ones that nobody asks are none at all."""
    record = copy.deepcopy(genuine["judged"][5])
    row = {"judge": "moderation", "text_sha256": "0", "answer": "spared"}
    record["judged"] += [{**row, "question": f"is it {one}?"} for one in range(5_000)]
    assert verify_records([record], policy) == []


def test_deep_values_are_found(genuine: Records, policy: Policy) -> None:
    """Nesting that no recursion survives."""
    deep: Any = 1
    for _ in range(100_000):
        deep = [deep]
    sets = {"setting": "spend", "op": "<=", "value": deep}
    for field in ("past", "said", "settings", "judged", "void"):
        assert verify_records([{**genuine["lifted"][1], field: deep}], policy)
    record = copy.deepcopy(genuine["handed on"][0])
    record["past"]["said"][-1]["sets"] = sets
    assert verify_records([record], policy)
    record["settings"][0]["value"] = deep
    assert verify_records([record], policy)
    while isinstance(deep, list):  # taken apart here, for the interpreter would recurse
        deep = deep.pop()
