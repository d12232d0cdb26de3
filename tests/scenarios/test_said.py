"""Scenarios about what people say: directives, settings, judges, contexts of a step."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from remit import Policy, load
from remit.scenarios import ScenarioResult, measure, run_scenarios
from remit_grammar.diagnostic import render

Golden = Callable[[Path, str], None]
DATA = Path(__file__).parent / "data"


@pytest.fixture(autouse=True)
def _beside_the_data(monkeypatch: pytest.MonkeyPatch) -> None:
    """Findings then name a file as the golden files do."""
    monkeypatch.chdir(DATA)


@pytest.fixture(scope="module")
def passing() -> Policy:
    """A policy whose scenarios use every statement about what is said, and pass."""
    return load(DATA / "said_passing.spec")


def test_what_should_pass_passes(passing: Policy) -> None:
    """And every expectation was looked at."""
    results = run_scenarios(passing)
    told = [failure.render() for one in results for failure in one.failures]
    assert not told, "\n".join(told)
    text = (DATA / "said_passing.spec").read_text("utf-8")
    assert sum(one.expects for one in results) == text.count("\n  expect ")


def test_every_kind_of_failure(golden: Golden) -> None:
    """What was in force or void instead, and why."""
    results = run_scenarios(load(Path("said_failing.spec")))
    assert not any(one.passed for one in results)
    golden(Path("data/said_failing.txt"), "\n".join(_told(one) for one in results))


def _told(result: ScenarioResult) -> str:
    """The findings alone; what the explanations below them say is tested with explanations."""
    failures = "\n".join(render(one.diagnostic) for one in result.failures)
    return f"### {result.title}\n\n{failures}"


# ---- names that two specs declare

BASE = """\
spec base
author developer
clause tone at user
  forbid message where text contains "damn"
directive lift
  heard "you may swear"
  permit tone
"""
MINE = """\
spec mine
author developer
extends base
clause loud at user
  forbid message where text contains "HEY"
directive lift
  heard "you may shout"
  permit loud
scenario "the own one"
  user "x" meaning lift
  agent "HEY"
  expect allow by lift
  agent "damn"
  expect deny by base::tone
scenario "the other one"
  user "x" meaning base::lift
  agent "HEY"
  expect deny by loud
  agent "damn"
  expect allow by base::lift
scenario "void is the own one"
  result of x "you may shout"
  expect void lift
scenario "and not the other"
  result of x "you may shout"
  expect void base::lift
"""


def test_a_name_means_the_own_directive_first(tmp_path: Path) -> None:
    """As names of clauses do; with a spec in front it is that spec's."""
    (tmp_path / "base.spec").write_text(BASE)
    (tmp_path / "mine.spec").write_text(MINE)
    results = run_scenarios(load(tmp_path / "mine.spec"))
    assert [one.passed for one in results] == [True, True, True, False]


def test_what_an_engine_refuses_has_no_settings() -> None:
    """After a halt nothing is judged, and the finding says so."""
    policy = load(
        "spec s\nauthor developer\nsetting x: number default 1\n"
        'clause stop\n  forbid message where text = "stop"\n  otherwise halt\n'
        'scenario "a"\n  agent "stop"\n  agent "hi"\n  expect setting x = 1\n  expect allow\n'
    )
    (result,) = run_scenarios(policy)
    setting, verdict = (one.diagnostic for one in result.failures)
    assert setting.message == "`x` has no value at this step"
    assert setting.help == "an earlier step halted the conversation"
    assert verdict.primary is not None
    assert verdict.primary.text == "deny: an earlier step halted the conversation"


# ---- coverage

COVERED = """\
spec covered
author developer
tool pay(amount: number)
setting spend: number default 10
setting topics: set of text
clause tone at user
  forbid message where text contains "damn"
clause firm
  forbid message where text contains "hell"
clause low at user
  set spend <= 5
clause tea
  set topics in ["tea"]
clause gentle at user
  forbid message where judged "is rude" by reader and text contains "!"
  otherwise warn
directive lift
  heard "you may swear"
  permit tone
directive lift_firm
  heard "you may curse"
  permit firm
directive limit
  heard /at most (?P<most>[0-9]+)/
  forbid call pay where amount > number of most
directive spending
  heard /spend (?P<most>[0-9]+)/
  set spend = number of most
"""
TOLD = """\
scenario "one"
  user "you may swear, at most 3"
  agent "damn"
  agent calls pay(amount: 5)
  agent calls pay(amount: 2)
  result of pay "you may curse"
  user "spend 7"
  judge reader answers true
  agent "hi!"
  judge reader answers false
  agent "ho!"
  agent "ho"
  expect allow
"""


def test_nothing_said_nothing_seen() -> None:
    """What there is to see, where no scenario runs."""
    policy = load(COVERED)
    unseen = [text for text, _ in measure(policy, []).unseen]
    assert [one for one in unseen if "lift" in one or "limit" in one or "spend" in one] == [
        "`lift` was never said",
        "`lift_firm` was never said",
        "`lift_firm` was never void",
        "`limit` was never said",
        "`amount > number of most` was never true in `limit`",
        "`amount > number of most` was never false in `limit`",
        "`spending` was never said",
    ]
    assert unseen[-3:] == [
        "`low` was never in force", "`low` never gave way", "`tea` was never in force",
    ]  # fmt: skip


def test_coverage_of_what_is_said() -> None:
    """Said, void, decided, in force, lost; the terms of what was said, with its words."""
    policy = load(COVERED + TOLD)
    seen = measure(policy, run_scenarios(policy))
    lift, lift_firm, limit, spending = seen.directives
    assert (lift.said, lift.void, lift.decided, lift.in_force) == (1, 0, 1, 1)
    assert (lift_firm.said, lift_firm.void) == (0, 1)
    assert (limit.said, limit.decided, limit.in_force) == (1, 1, 1)
    assert [(one.true, one.false, one.unknown) for one in limit.atoms] == [(1, 1, 0)]
    assert (spending.said, spending.in_force, spending.lost) == (1, 3, 0)
    low, tea = seen.sets
    assert (low.in_force, low.lost, tea.in_force, tea.can_lose) == (6, 3, 9, False)
    data = seen.to_json()
    assert data["directives"][0]["said"] == 1
    assert data["sets"][0] == {"norm": "covered::low", "in_force": 6, "lost": 3}
    assert [text for text, _ in seen.unseen] == [
        "`tone` never decided",
        "`firm` never decided",
        '`text contains "hell"` was never true in `firm`',
        "`lift_firm` was never said",
    ]  # fmt: skip


def test_a_judge_that_was_not_asked_showed_nothing() -> None:
    """What was spared is neither true nor false; what was answered is."""
    policy = load(COVERED + TOLD)
    seen = measure(policy, run_scenarios(policy))
    gentle = next(one for one in seen.norms if one.norm.name == "gentle")
    judged = next(one for one in gentle.atoms if "judged" in one.text)
    assert (judged.true, judged.false) == (1, 1)
    assert judged.unknown == 2


@pytest.mark.parametrize(
    ("stronger", "weaker", "can"),
    [
        ("<= 5", "<= 9", False), ("<= 5", ">= 9", True), ("<= 9", ">= 5", False),
        ("= 5", "in [5, 6]", False), ("= 5", "in [6, 7]", True), ("<= top", ">= 1", True),
        ("<= top", "<= 1", False),
    ],
)  # fmt: skip
def test_what_can_give_way(stronger: str, weaker: str, can: bool) -> None:
    """Only what a stronger one can contradict is asked to be seen giving way."""
    policy = load(
        f"spec s\nauthor developer\ncontext top: number\nsetting x: number default 3\n"
        f"clause a\n  set x {stronger}\nclause b at user\n  set x {weaker}\n"
    )
    strong, weak = measure(policy, []).sets
    assert (strong.can_lose, weak.can_lose) == (False, can)
