"""The program: what a decision needs, and no more.

Norms are numbered as in the priority graph, winners first. `beaten_by[i]` is a bit mask of the
norms that beat norm `i`. Immutable after it was made, but for the index buckets, which are filled
as tools and roles turn up; filling one twice gives the same bucket, so threads need no lock.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from remit.checked.model import Act, Constraint, Directive, Loan, Norm, Setting
from remit.graph.opposition import opposes, verdict
from remit.program.values import Truth
from remit.program.view import Known, View
from remit.program.watches import Owing, Watch
from remit.text.finders import Finder
from remit.text.patterns import Matcher

ANY_NAME = "\0"  # the bucket of steps whose tool or role is not known; no spec holds a NUL
Applies = Callable[[View], Truth]


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """A norm that can be asked whether it applies. `redacts` finds what its remedy takes out.

    `is_act` is the part of the question that no condition asks: effects and agents. A spoken norm
    has no number; its `beats` and `loses_to` are bit masks of the standing norms, and its `frame`
    lets conditions find its words, and tells whether it was said, and within its loan.
    """

    index: int
    norm: Norm
    applies: Applies
    is_act: Applies
    redacts: tuple[Finder, ...] = ()
    rewrites: Callable[[View], object] | None = None
    beats: int = 0
    loses_to: int = 0
    frame: Applies | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """A directive as it runs: what hears it, and the rule that it becomes.

    `value` is what a directive about a setting sets it to.
    """

    directive: Directive
    hears: Matcher | None
    rule: Rule | None = None
    value: Callable[[View], object] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Lending:
    """A loan as it runs: whether it speaks of a step, and whether it reaches one."""

    loan: Loan
    applies: Applies
    reaches: Applies


@dataclass(frozen=True, slots=True, eq=False)
class Setter:
    """A standing norm on a setting, as it runs."""

    constraint: Constraint
    value: Callable[[View], object]


class Wanted(NamedTuple):
    """What a condition asks of where values come from.

    `how`: `quotes` or `came from`. `kind` is a kind of step (`step` for all), `names` the tools,
    roles or agents that will do (none for all), `label` one that it must carry.
    """

    how: str
    kind: str
    names: tuple[str, ...]
    label: str | None

    def takes(self, kind: str, name: str) -> bool:
        """Whether texts of a kind of step, of a tool, role or agent, are meant."""
        return self.kind in ("step", kind) and (not self.names or name in self.names)

    def covers(self, other: Wanted) -> bool:
        """Whether whoever has all texts that this means has those that the other means."""
        return self.kind in ("step", other.kind) and (
            not self.names or (bool(other.names) and set(other.names) <= set(self.names))
        )


@dataclass(slots=True)
class Program:
    """All rules, who beats whom, and the index by kind of step and tool or role.

    `goals` is empty where their order decides nothing. `setters` are the standing norms on each
    setting.
    """

    rules: tuple[Rule, ...]
    beaten_by: tuple[int, ...]
    reasons: Mapping[tuple[int, int], str]
    chain: tuple[str, ...]
    known: Known
    named: frozenset[str] = frozenset()
    goals: tuple[str, ...] = ()
    goals_rank: int = 0
    roles: Mapping[str, int] = field(default_factory=dict)
    templates: Mapping[str, Template] = field(default_factory=dict)
    lendings: tuple[Lending, ...] = ()
    settings: Mapping[str, Setting] = field(default_factory=dict)
    setters: Mapping[str, tuple[Setter, ...]] = field(default_factory=dict)
    watches: tuple[Watch, ...] = ()
    owings: tuple[Owing, ...] = ()
    origins: tuple[Wanted, ...] = ()  # what conditions ask of where values came from
    labels: Mapping[str, Applies] = field(default_factory=dict)  # whether a step carries a label
    reads_calls: bool = False  # whether a condition on a result asks what the call was given
    reads_void: bool = False  # whether a condition asks for void directives
    masks: dict[tuple[str, int, int], tuple[int, int]] = field(default_factory=dict)
    buckets: dict[tuple[str, str], tuple[Rule, ...]] = field(default_factory=dict)
    atoms: dict[int, tuple[Callable[[View], object], str]] = field(default_factory=dict)

    @property
    def reads_origins(self) -> bool:
        """Whether a condition asks where a value came from."""
        return bool(self.origins)

    def candidates(self, view: View) -> tuple[Rule, ...]:
        """The standing rules that can apply to a step, winners first."""
        key = self.key(view)
        bucket = self.buckets.get(key)
        if bucket is None:
            bucket = tuple(rule for rule in self.rules if may_be(rule.norm.act, key))
            self.buckets[key] = bucket
        return bucket

    def key(self, view: View) -> tuple[str, str]:
        """What the index tells steps apart by: kind, and tool or role."""
        name = view.tool or view.role
        if view.unnamed:
            return view.kind, ANY_NAME
        return view.kind, name if name in self.named else ""  # "" for all that nothing mentions

    def reason(self, winner: Rule, loser: Rule) -> str:
        """Which of the six reasons decides between two rules, where the first beats the other."""
        if winner.norm.said is None and loser.norm.said is None:
            return self.reasons[winner.index, loser.index]
        return verdict(winner.norm, loser.norm, self.goals_for(winner.norm))[0][1]

    def beats(self, one: Rule, other: Rule) -> bool:
        """Whether the first of two rules, one of them spoken, beats the second."""
        if not opposes(one.norm, other.norm):
            return False
        return verdict(one.norm, other.norm, self.goals_for(one.norm))[0][0]

    def goals_for(self, norm: Norm) -> tuple[str, ...]:
        """The order of goals, where it decides between norms of this strength."""
        return self.goals if norm.strength >= self.goals_rank else ()

    @property
    def heard_judged(self) -> list[tuple[str, str]]:
        """What judges are asked about the texts that directives are heard in: question, judge."""
        return [one.directive.judged for one in self.templates.values() if one.directive.judged]

    def level(self, rank: int) -> str:
        """The name of a rank."""
        return self.chain[rank] if rank < len(self.chain) else "none"


def may_be(act: Act, key: tuple[str, str]) -> bool:
    """Whether an act can be a step of a kind by a tool, role or unmentioned name."""
    kind, name = key
    if act.kind not in ("step", kind):
        return False
    names = act.tools if kind in ("call", "result") else act.roles if kind == "message" else None
    return names is None or name in names or name == ANY_NAME
