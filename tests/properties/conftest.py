"""How many cases the laws are tried on: `REMIT_CASES=100000 pytest tests/properties`.

Without the switch each law takes a few hundred; a case is a spec set with a few steps.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

from remit.program import together

CASES = int(os.environ.get("REMIT_CASES", "120"))

# building a spec set is slow on purpose, and what is filtered away (circles) is counted by the laws
settings.register_profile(
    "laws", max_examples=CASES, deadline=None, suppress_health_check=list(HealthCheck)
)


@pytest.fixture(autouse=True, scope="session")
def _at_once() -> None:
    """Functions for buckets are made at the first step, so that the laws hold for them too."""
    together.EAGER = 0
