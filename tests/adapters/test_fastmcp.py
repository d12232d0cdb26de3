"""FastMCP: the contract, and what only it has."""

from __future__ import annotations

import pytest

pytest.importorskip("fastmcp")

from tests.adapters.contract import Contract
from tests.adapters.served import Served, with_fastmcp


class TestOfOld(Contract):
    """With the handshake."""

    driver = Served(with_fastmcp, "legacy")


class TestOfNow(Contract):
    """Without it."""

    driver = Served(with_fastmcp, "2026-07-28")
