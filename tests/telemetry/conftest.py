"""The policy, and what telemetry tells of decisions under it."""

from __future__ import annotations

import pytest
from tests.telemetry.traced import SPEC, Traced

import remit


@pytest.fixture(scope="session")
def policy() -> remit.Policy:
    """The policy; compiled once."""
    return remit.load(SPEC)


@pytest.fixture
def traced() -> Traced:
    """Telemetry with the default settings, but for the key."""
    return Traced()
