"""The contract in a loop of our own: what a gate gives a host that has every point."""

from __future__ import annotations

from tests.adapters.contract import Contract
from tests.adapters.loop import Loop


class TestLoop(Contract):
    """All of it."""

    driver = Loop()
