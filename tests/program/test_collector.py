"""The garbage collector rests while a policy is compiled, and is as it was afterwards."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import suppress

import pytest

import remit
from remit.collector import resting

SPEC = "spec acme\nauthor user\nclause a\n  forbid call x\n"


@pytest.fixture(autouse=True)
def _on() -> Iterator[None]:
    gc.enable()
    yield
    gc.enable()


def test_it_rests_inside_and_runs_afterwards() -> None:
    with resting():
        assert not gc.isenabled()
        with resting():
            assert not gc.isenabled()
        assert not gc.isenabled(), "the outer one goes on"
    assert gc.isenabled()


def test_it_runs_again_whatever_happens() -> None:
    with suppress(ZeroDivisionError), resting():
        _ = 1 / 0
    assert gc.isenabled()
    assert remit.check("nonsense\n")[0] is None
    assert gc.isenabled()


def test_a_host_that_runs_without_it_goes_on_without_it() -> None:
    gc.disable()
    remit.load(SPEC)
    assert not gc.isenabled()


def test_what_a_host_has_frozen_stays_frozen() -> None:
    gc.freeze()
    try:
        frozen = gc.get_freeze_count()
        remit.load(SPEC)
        assert gc.get_freeze_count() > frozen // 2 > 0
    finally:
        gc.unfreeze()
    remit.load(SPEC)
    assert gc.get_freeze_count() == 0


def test_cycles_from_a_compilation_are_collected_later() -> None:
    gc.collect()
    remit.load(SPEC)
    one: list[object] = []
    one.append(one)
    del one
    assert gc.collect() >= 1
