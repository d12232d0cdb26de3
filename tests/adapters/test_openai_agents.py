"""The OpenAI Agents SDK: the contract, and what only it has."""

from __future__ import annotations

from tests.adapters.agents_sdk import Runs
from tests.adapters.contract import Contract


class TestRuns(Contract):
    """All of it."""

    driver = Runs()
