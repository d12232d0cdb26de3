"""Pydantic AI: the contract, and what only it has."""

from __future__ import annotations

from tests.adapters.contract import Contract
from tests.adapters.pydantic_runs import Runs


class TestRuns(Contract):
    """All of it."""

    driver = Runs()
