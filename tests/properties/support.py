"""What the laws share: from a generated spec set to a policy, through the text."""

from __future__ import annotations

from collections.abc import Sequence

from tests.properties.strategies import Specs

import remit
from remit.checked.model import WEIGHT
from remit_grammar.diagnostic import Diagnostic, render_all
from remit_grammar.source import Source

CIRCLE = "R0701"


def compiled(sources: Sequence[tuple[str, str]]) -> tuple[remit.Policy | None, list[Diagnostic]]:
    """The policy of named texts, each after those it extends."""
    return remit.check(*(Source(name, text) for name, text in sources))


def policy_of(specs: Specs) -> remit.Policy | None:
    """The policy of a set; None if its norms beat each other in a circle, which nothing else is."""
    policy, found = compiled(specs.sources())
    errors = {one.code for one in found if one.is_error}
    assert errors <= {CIRCLE}, f"{render_all(found)}\n{told(specs)}"
    return policy


def told(specs: Specs) -> str:
    """All texts of a set, for a failing case."""
    return "\n".join(text for _, text in specs.sources())


def weight(verdict: str) -> int:
    """How grave a verdict is."""
    return WEIGHT[verdict]
