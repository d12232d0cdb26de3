"""MCP: the contract, and what only it has."""

from __future__ import annotations

import pytest

pytest.importorskip("mcp.server.mcpserver")

from tests.adapters.contract import Contract
from tests.adapters.served import Served, with_sdk


class TestOfOld(Contract):
    """Servers of the SDK, with the handshake."""

    driver = Served(with_sdk, "legacy")


class TestOfNow(Contract):
    """Servers of the SDK, without it."""

    driver = Served(with_sdk, "2026-07-28")
