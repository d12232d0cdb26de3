"""Scenarios about what was done before, and those that the language reference shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from remit import load
from remit.scenarios import run_scenarios

DATA = Path(__file__).parent / "data"
PAGE = Path(__file__).resolve().parents[2] / "docs" / "language.md"
BLOCKS = [
    block
    for block in re.findall(r"```spec\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    if "\nscenario " in block
]


def _failures(spec: str | Path) -> list[str]:
    results = run_scenarios(load(spec))
    assert results
    return [failure.render() for one in results for failure in one.failures]


def test_a_policy_about_the_past() -> None:
    """Every form at work, each expectation met, and each of them looked at."""
    spec = DATA / "past_passing.spec"
    assert not _failures(spec)
    assert sum(one.expects for one in run_scenarios(load(spec))) == spec.read_text("utf-8").count(
        "\n  expect "
    )


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.split("\n")[0])
def test_what_the_reference_shows(block: str) -> None:
    """The scenarios in the blocks of the page pass."""
    assert not _failures(block)


CONFIRMED = """
spec confirmed
author developer
tool pay(amount: number)
clause c
  forbid call pay unless confirmed by boss
  otherwise ask boss
scenario "approved"
"""


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("agent calls pay(amount: 1)\n  boss approves\n  agent calls pay(amount: 1)", ""),
        ("boss approves\n  agent calls pay(amount: 1)", "nobody was asked about anything yet"),
        ("agent calls pay(amount: 1)\n  bos approves", "asked about this call, but `boss`"),
        ("agent calls pay(amount: 1)\n  boss approves\n" * 2, "or not any more"),
    ],
)  # fmt: skip
def test_approvals(body: str, told: str) -> None:
    """The host's word on the call that was last answered `ask`; what nobody was asked fails."""
    verdict = "ask" if told and "any more" not in told else "allow"
    found = _failures(f"{CONFIRMED}  {body}\n  expect {verdict}\n")
    assert [told in one and "R1102" in one for one in found] == ([True] if told else [])
