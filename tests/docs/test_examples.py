"""The bundled example specs: they compile without findings, and every scenario goes as it says."""

from __future__ import annotations

from pathlib import Path

import pytest

import remit
from remit.scenarios import run_scenarios

EXAMPLES = sorted((Path(__file__).parents[2] / "docs" / "examples").glob("*.spec"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_holds(path: Path) -> None:
    """No finding, at least one scenario, and no expectation that is not met."""
    policy, found = remit.check(path)
    assert policy is not None
    assert not found
    results = run_scenarios(policy)
    assert results
    assert [one.title for one in results if one.failures] == []
