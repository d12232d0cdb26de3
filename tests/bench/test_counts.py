"""Operations are counted, and the same each time."""

from __future__ import annotations

import re2

import remit
from remit.bench.arena import by_remit, texts
from remit.bench.counts import count_calls, count_texts, replay, scanned


def test_counts_are_the_same_each_time() -> None:
    """So that a change of them is a change of the code."""
    assert count_calls((10, 20), named=True) == count_calls((10, 20), named=True)


def test_an_index_tries_few_clauses() -> None:
    """W1 names tools; where no clause does, all are tried."""
    named, unnamed = (count_calls((40,), named=one).rows[0].values[0] for one in (True, False))
    assert isinstance(named, float)
    assert isinstance(unnamed, float)
    assert 0 < named < unnamed


def test_characters_are_counted_and_re2_is_left_as_it_was() -> None:
    """Each scan of each pattern or set counts the text once."""
    before = re2.compile, re2.Set
    work = texts.workload(3, 200)
    spec, step = by_remit.texts_spec(work), remit.Message("assistant", work.text)
    characters = scanned(lambda: remit.load(spec), [step])
    assert 200 <= characters <= 3 * 200
    assert (re2.compile, re2.Set) == before
    assert remit.load(spec).session().decide(step)


def test_the_table_of_texts_has_a_row_a_size() -> None:
    """With the characters in it."""
    table = count_texts((1, 2), 100)
    assert [row.name for row in table.rows] == ["1", "2"]
    assert all(row.values[1] for row in table.rows)


def test_more_work_is_more_instructions() -> None:
    """A longer conversation of the same step."""
    policy = remit.load("spec s\nauthor developer\nclause a\n  forbid call x where y = 1\n")
    step = remit.Call("x", {"y": 2})
    one, two = replay(policy, [step]), replay(policy, [step, step])
    assert 0 < one.instructions < two.instructions
    assert (one.clauses, two.clauses) == (1, 2)
