"""Google's ADK: the contract, and what only it has."""

from __future__ import annotations

import pytest

pytest.importorskip("google.adk")

from tests.adapters.adked import Agents
from tests.adapters.contract import Contract


class TestAgents(Contract):
    """All of it."""

    driver = Agents()
