"""The program: what a decision needs, and no more.

Norms are numbered as in the priority graph, winners first. `beaten_by[i]` is a bit mask of the
norms that beat norm `i`. Immutable after it was made, but for the index buckets, which are filled
as tools and roles turn up; filling one twice gives the same bucket, so threads need no lock.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from remit.checked.model import Norm
from remit.program.values import Truth
from remit.program.view import Known, View
from remit.text.finders import Finder

ANY_NAME = "\0"  # the bucket of steps whose tool or role is not known; no spec holds a NUL
Applies = Callable[[View], Truth]


@dataclass(frozen=True, slots=True)
class Rule:
    """A norm that can be asked whether it applies. `redacts` finds what its remedy takes out.

    `is_act` is the part of the question that no condition asks: effects and agents.
    """

    index: int
    norm: Norm
    applies: Applies
    is_act: Applies
    redacts: tuple[Finder, ...] = ()
    rewrites: Callable[[View], object] | None = None


@dataclass(slots=True)
class Program:
    """All rules, who beats whom, and the index by kind of step and tool or role."""

    rules: tuple[Rule, ...]
    beaten_by: tuple[int, ...]
    reasons: Mapping[tuple[int, int], str]
    chain: tuple[str, ...]
    known: Known
    named: frozenset[str] = frozenset()
    buckets: dict[tuple[str, str], tuple[Rule, ...]] = field(default_factory=dict)
    atoms: dict[int, tuple[Callable[[View], object], str]] = field(default_factory=dict)

    def candidates(self, view: View) -> tuple[Rule, ...]:
        """The rules that can apply to a step, winners first."""
        name = view.tool or view.role
        if view.unnamed:
            name = ANY_NAME
        elif name not in self.named:
            name = ""  # every name that no norm mentions shares a bucket
        key = (view.kind, name)
        bucket = self.buckets.get(key)
        if bucket is None:
            bucket = tuple(rule for rule in self.rules if _may_be(rule.norm, *key, view.kind))
            self.buckets[key] = bucket
        return bucket

    def level(self, rank: int) -> str:
        """The name of a rank."""
        return self.chain[rank] if rank < len(self.chain) else "none"


def _may_be(norm: Norm, kind: str, name: str, of: str) -> bool:
    """Whether an act can be a step of a kind by a tool, role or unmentioned name."""
    act = norm.act
    if act.kind not in ("step", kind):
        return False
    names = act.tools if of in ("call", "result") else act.roles if of == "message" else None
    return names is None or name in names or name == ANY_NAME
