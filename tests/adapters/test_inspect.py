"""Inspect: the contract, and what only it has."""

from __future__ import annotations

import pytest

pytest.importorskip("inspect_ai")

from tests.adapters.contract import Contract
from tests.adapters.inspected import Inspected, uncounted

__all__ = ["uncounted"]
# Inspect leaves event loops and logs open when an evaluation ends.
pytestmark = pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning"
)


class TestSamples(Contract):
    """All of it that an approver can do."""

    driver = Inspected()
