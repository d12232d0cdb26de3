"""The pack's policy for a suite."""

from __future__ import annotations

from functools import cache

import remit
from remit_grammar.source import Source

SUITES = ("banking", "slack", "workspace", "travel")


@cache
def policy_for(suite: str) -> remit.Policy | None:
    """The policy of a suite; None for one that the pack does not know."""
    if suite not in SUITES:
        return None
    text = f"spec bench.{suite}\nauthor developer\nextends remit.agentdojo.{suite}\n"
    return remit.load(Source(f"{suite}.spec", text))
