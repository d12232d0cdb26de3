"""What the laws share: from a generated spec set to a policy, through the text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

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


def standing_alone(part: Specs) -> Specs | None:
    """A part by itself: nothing overrides what is gone. None if a permit names what is gone."""
    names = {clause.name for clause in part.clauses}
    if any(clause.lifts is not None and clause.lifts not in names for clause in part.clauses):
        return None
    files = []
    for file in part.files:
        kept = [
            replace(one, overrides=tuple(name for name in one.overrides if name in names))
            for one in file.clauses
        ]
        files.append(replace(file, clauses=tuple(kept)))
    return replace(part, files=tuple(files))
