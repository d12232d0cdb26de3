"""Scenarios: what they do, how they fail, and what they cover."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from remit import Policy, load
from remit.scenarios import ScenarioResult, measure, run_scenarios

Golden = Callable[[Path, str], None]
DATA = Path(__file__).parent / "data"


@pytest.fixture(autouse=True)
def _beside_the_data(monkeypatch: pytest.MonkeyPatch) -> None:
    """Findings then name a file as the golden files do."""
    monkeypatch.chdir(DATA)


@pytest.fixture(scope="module")
def passing() -> Policy:
    """A policy whose scenarios use every kind of statement, and pass."""
    return load(DATA / "passing.spec")


def test_what_should_pass_passes(passing: Policy) -> None:
    """And every expectation was looked at."""
    results = run_scenarios(passing)
    told = [failure.render() for one in results for failure in one.failures]
    assert not told, "\n".join(told)
    assert sum(one.expects for one in results) == (DATA / "passing.spec").read_text("utf-8").count(
        "\n  expect "
    )
    assert [one.title for one in results] == [one.title for one in passing.checked.scenarios]


def test_every_kind_of_failure(golden: Golden) -> None:
    """What was expected, what happened, and the explanation of the decision."""
    results = run_scenarios(load(Path("failing.spec")))
    assert not any(one.passed for one in results)
    golden(Path("data/failing.txt"), "\n".join(_told(one) for one in results))


def _told(result: ScenarioResult) -> str:
    failures = "\n".join(one.render() for one in result.failures)
    return f"### {result.title}\n\n{failures}"


def test_some_can_be_chosen(passing: Policy) -> None:
    """By whatever the caller asks of them."""
    results = run_scenarios(passing, lambda one: "handoff" in one.title)
    assert [one.title for one in results] == ["a handoff"]


def test_a_run_leaves_no_trace(passing: Policy) -> None:
    """Scenarios are conversations of their own: a second run says the same."""
    first, second = ([one.to_json() for one in run_scenarios(passing)] for _ in range(2))
    assert first == second


COVERED = """
spec covered
author developer
tool pay(amount: number, to: text)
act payment = call pay where amount > 10
clause low at user
  forbid payment where to is "x" or to is "y"
clause high
  protect payment where to is "y"
clause idle
  forbid handoff
scenario "one"
  agent calls pay(amount: 20, to: "x")
  agent calls pay(amount: 20, to: "y")
  agent calls pay(amount: 20)
  user "hi"
  expect allow
"""


def test_coverage() -> None:
    """Decided, in force, lost; each term's truths; what is shared counts once."""
    policy = load(COVERED)
    seen = measure(policy, run_scenarios(policy))
    low, high, idle = seen.norms
    assert (low.decided, low.in_force, low.lost) == (2, 2, 1)
    assert (high.decided, high.in_force, high.lost) == (1, 1, 0)
    assert (idle.decided, idle.in_force, idle.lost) == (0, 0, 0)
    terms = {(atom.text, atom.true, atom.false, atom.unknown) for atom in low.atoms}
    assert terms == {
        ("amount > 10", 3, 0, 0), ('to is "x"', 1, 1, 1), ('to is "y"', 1, 1, 1),
    }  # fmt: skip
    assert [(atom.text, atom.true, atom.false) for atom in high.atoms] == [('to is "y"', 1, 1)]
    assert [text for text, _ in seen.unseen] == [
        "`amount > 10` was never false in `low`",
        "`idle` never decided",
    ]
    assert seen.percent == pytest.approx(100 * 9 / 11)
    assert seen.to_json()["unseen"][0]["place"] == "spec:5:30"


def test_nothing_ran_nothing_seen() -> None:
    """Without scenarios everything is unseen."""
    policy = load(COVERED)
    assert measure(policy, []).percent == 0
    assert measure(load("spec a\nauthor developer\n"), []).percent == 100
