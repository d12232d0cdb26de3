"""Crude rules, as a floor: what a single thought about tool results comes to, in the same loop."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import remit
from remit_grammar.source import Source

CLAUSES: Mapping[str, str] = {
    "no write after any tool result": "earlier result",
    "all that is written stands in the user's words": "not arguments came from message from user",
}


@cache
def crude_rules(suite: str) -> Mapping[str, remit.Policy]:
    """Policies of one clause each, for the tools of a suite."""
    return {name: _policy(suite, where) for name, where in CLAUSES.items()}


def _policy(suite: str, where: str) -> remit.Policy:
    text = (
        f"spec bench.crude\nauthor developer\nimport remit.agentdojo.{suite}\n"
        f"clause crude\n  forbid call with effects writes where {where}\n"
    )
    return remit.load(Source("crude.spec", text))
