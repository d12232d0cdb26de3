"""Strands: the contract, and what only it has."""

from __future__ import annotations

import pytest

pytest.importorskip("strands")

from tests.adapters.contract import Contract
from tests.adapters.stranded import Agents


class TestAgents(Contract):
    """All of it."""

    driver = Agents()
