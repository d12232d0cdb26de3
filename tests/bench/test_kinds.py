"""Rules that ask of the past agree with oracles that walk it, and both answers occur."""

from __future__ import annotations

import pytest

import remit
from remit.bench.history import CHECKED, check
from remit.bench.kinds import KINDS, Kind, asked, happens, probe
from remit.bench.memory import grow, held
from remit.conversation.model import Step


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_kind_agrees_with_its_oracle(kind: Kind) -> None:
    """Along one conversation."""
    found = check(kind, remit.load(kind.spec))
    assert (found.wrong, found.example) == (0, "")
    assert found.checked == CHECKED * 3 // 5


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_an_oracle_gives_both_answers(kind: Kind) -> None:
    """One that always says the same holds nobody to anything."""
    past: list[Step] = []
    given = []
    for number in range(CHECKED):
        past.append(happens(number))
        if number % 5 in (0, 1, 3):
            given.append(kind.oracle(past, asked(number)))
            if not given[-1]:
                past.append(asked(number))
    assert {True, False} == set(given)


def test_a_policy_that_forgets_is_noticed() -> None:
    """The rule of another kind gives other answers."""
    by_name = {kind.name: kind for kind in KINDS}
    forgetful = remit.load(by_name["previous"].spec)
    assert check(by_name["earlier"], forgetful).wrong > 0


def test_what_a_session_holds() -> None:
    """It grows where something is remembered, and the policy is no part of it."""
    (small, saved), (large, more) = grow("came from", (6, 60))
    assert 0 < small < large
    assert 0 < saved < more
    (idle, _), (still, _) = grow("nothing of the past", (6, 60))
    assert still < idle * 2 < 10_000


def test_held_counts_each_object_once() -> None:
    """However often it is reached, and not where it belongs to somebody else."""
    big, shared = "x" * 1_000, "y" * 5_000
    once, twice = held([big], None), held([big, big, (big,)], None)
    assert once < twice < once + 200
    assert held([big, shared], [shared]) < once + 200
    assert probe(1).args["amount"] == 1
