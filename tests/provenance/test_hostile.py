"""Large and hostile input: bounded memory, linear work, and no silence at a cap."""

from __future__ import annotations

import os
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

from remit.provenance import Caps, Index
from remit.provenance.forms import _of_chunk
from remit.provenance.measure import message
from remit.provenance.normal import _spaced_short
from remit.provenance.save import from_json, to_json

Make = Callable[..., Index]
MB = 1 << 20


def test_what_is_too_large_is_noted(index: Make) -> None:
    made = index("early", "x " * 600, "late", caps=Caps(value=1000))
    assert made.is_cut
    assert made.origins_of("late").origins == {2}
    assert repr(made.origins_of("x").truth) == "unknown"
    assert made.origins_of("x", before=1).truth is False
    assert made.origins_of("early").truth is True
    assert repr(made.quotes("y " * 600).truth) == "unknown"
    assert made.origins_of("y " * 600).unknown
    assert made.origins_of(["y" * 600, "y" * 600]).unknown


def test_the_oldest_of_the_largest_group_goes_first() -> None:
    index = Index(Caps(memory=MB))
    index.add(0, "the user says: pay alice@x.org", 1)
    for origin in range(1, 6000):
        index.add(origin, message(origin), 2)
    assert index.is_cut
    assert index.origins_of("alice@x.org").origins == {0}
    assert index.origins_of("person5999@host82.example").origins == {5999}
    gone = index.origins_of("person1@host1.example")
    assert not gone.hits
    assert gone.gaps == {2}
    assert gone.among([1]) is False
    assert repr(gone.among([1, 2])) == "unknown"
    assert index.origins_of("person1@host1.example", before=1).truth is False


def test_slots_are_used_again() -> None:
    index = Index(Caps(memory=MB))
    for origin in range(9000):
        index.add(origin, message(origin))
    store = index.store
    assert len(store.blocks) < 2 * sum(block is not None for block in store.blocks)
    for origin in (8999, 8950, 8900):
        address = f"person{origin}@host{origin % 97}.example"
        assert index.origins_of(address).origins == {origin}


def _peak(adds: int, traced: int = 2_000) -> tuple[int, Index]:
    """The most memory taken in the last adds, and the index; tracing takes its time."""
    index = Index(Caps(memory=MB))
    try:
        for origin in range(adds):
            if origin == max(adds - traced, 0):
                data = to_json(index)
                tracemalloc.start()
                index = from_json(data)
                tracemalloc.reset_peak()
            index.add(origin, f"m{origin} {origin * 7} yes")
        return tracemalloc.get_traced_memory()[1], index
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("adds", [20_000, pytest.param(1_000_000, marks=pytest.mark.slow)])
def test_memory_is_bounded(adds: int) -> None:
    peak, index = _peak(adds)
    assert index.is_cut
    assert index.size < 1.1 * MB
    assert peak < 2 * MB
    assert index.origins_of(f"m{adds - 1}").origins == {adds - 1}


def test_the_size_that_is_told_is_the_memory_taken() -> None:
    tracemalloc.start()
    try:
        index = _filled(4_000)
        _spaced_short.cache_clear()  # what is remembered of words belongs to no index
        _of_chunk.cache_clear()
        taken = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert 0.7 * index.size < taken < 1.2 * index.size


def _filled(messages: int) -> Index:
    index = Index(Caps(memory=8 * MB))
    for origin in range(messages):
        index.add(origin, message(origin))
    return index


LARGE = """
import resource
from remit.provenance import Index

def taken():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

MB = 1 << 20
texts = [
    "word and more " * 70_000, "a" * MB, "a." * (MB // 2), "1,234," * 150_000,
    "100 " * 250_000 + "5", chr(0xfdfa) * 50_000, chr(0x7684) * 300_000, "-" * (MB // 2),
    "a@" * (MB // 2), "+1 " * (MB // 2), "de89 " * 200_000, "a-" * (MB // 2), "%41" * (MB // 3),
    chr(0xd800) * MB,
]
before = taken()
for text in texts:
    index = Index()
    index.add(0, text)
    index.origins_of(text)
    index.quotes(text[:3000])
    print(taken() - before, ascii(text[:8]))
"""


def _lines_of(script: str) -> list[str]:
    """What a script prints in a process of its own, whose memory nothing else takes."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


@pytest.mark.slow
def test_large_values_take_bounded_memory() -> None:
    """All one after the other in a process that never takes more than one of them may."""
    told = _lines_of(LARGE)
    assert len(told) == 14
    assert [one for one in told if int(one.split()[0]) >= 80] == []


TEN_MB = """
import resource
from remit.provenance import Index
index, text = Index(), "words and more " * 690_000
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
index.add(0, text)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
print(index.is_cut, index.origins_of("and more words").origins)
"""


@pytest.mark.slow
def test_ten_megabytes_take_bounded_memory() -> None:
    taken, found = _lines_of(TEN_MB)
    assert int(taken) < 120
    assert found == "False frozenset({0})"


def _work(index: Index, ask: Callable[[object], Any], value: object) -> int:
    before = index.work
    ask(value)
    return index.work - before


def _adding(value: object) -> int:
    index = Index()
    index.add(0, value)
    index.file()
    return index.work


@pytest.mark.parametrize("unit", ["some words 1,250 a@b.org ", "ab", "a ", "的", "x-"])
def test_adding_is_linear(unit: str) -> None:
    assert _adding(unit * 16_000) < 4.5 * _adding(unit * 4000)


def test_asking_is_linear_and_does_not_grow() -> None:
    index, costs = Index(), []
    for end in (200, 2000, 6000):
        for origin in range(index.end, end):
            index.add(origin, message(origin), origin % 3)
        at = end - 7
        value = f"person{at}@host{at % 97}.example"
        texts = [" ".join(message(10**7 + one) for one in range(many)) for many in (5, 20)]
        quoting = [_work(index, index.quotes, text) for text in texts]
        costs.append((_work(index, index.origins_of, value), *quoting))
    assert costs[-1][0] <= costs[0][0] + 4
    assert all(large < 6 * small for _, small, large in costs)
    words = len(texts[-1].split())
    assert max(large for *_, large in costs) < words / 2  # most are told at one glance


def test_a_question_has_a_bound_of_work() -> None:
    index = Index(Caps(work=500))
    for origin in range(3000):
        index.add(origin, f"so we go on like this and then {origin} we stop it")
    asked = (f"{'x ' * (at % 5)}so we go on like this and no {at}" for at in range(300))
    assert index.quotes(" ".join(asked)).unknown
    assert index.origins_of([f"none{at}" for at in range(1000)]).unknown
    assert index.origins_of("absent").truth is False


def test_groups_are_bounded() -> None:
    index = Index()
    for group in range(64):
        index.add(group, "x", group)
    with pytest.raises(ValueError, match="64 groups"):
        index.add(64, "x", 64)
    assert len(index.origins_of("x").groups) == 64


@pytest.mark.parametrize("wrong", [0, -1, 1.5, True, "9", None, 1 << 60])
def test_caps_are_whole_numbers(wrong: Any) -> None:
    with pytest.raises(ValueError, match="memory"):
        Caps(memory=wrong)
