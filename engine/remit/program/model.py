"""The program: what a decision needs, and no more.

Norms are numbered as in the priority graph, winners first. `beaten_by[i]` is a bit mask of the
norms that beat norm `i`. Immutable after it was made, but for the index buckets, which are filled
as tools and roles turn up; filling one twice gives the same bucket, so threads need no lock.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from remit.conversation.model import CALL, KINDS, MESSAGE, RESULT
from remit.program.bucket import Bucket, has_effects
from remit.program.rule import ANY_NAME, Applies, Rule
from remit.program.together import nothing
from remit_grammar.value import field, thing

if TYPE_CHECKING:
    from remit.checked.model import Constraint, Directive, Loan, Norm, Setting
    from remit.program.outline import Index, Outline, Wanted
    from remit.program.view import Known, View
    from remit.program.watches import Concerned, Owing, Watch
    from remit.text.finders import Finder

    Buckets = Mapping[str, dict[str, Bucket]]  # by kind, then by tool or role

UNMENTIONED = "\0\0"  # the bucket of tools or roles that no norm mentions; no spec holds a NUL
MOST_NAMES, LONGEST_NAME = 1_000, 100  # of those that are kept with their bucket, and characters


class Template(NamedTuple):
    """A directive as it runs: what hears it, and the rule that it becomes.

    `value` is what a directive about a setting sets it to.
    """

    directive: Directive
    hears: Finder | None
    rule: Rule | None = None
    value: Callable[[View], object] | None = None


class Lending(NamedTuple):
    """A loan as it runs: whether it speaks of a step, and whether it reaches one."""

    loan: Loan
    applies: Applies
    reaches: Applies


class Setter(NamedTuple):
    """A standing norm on a setting, as it runs."""

    constraint: Constraint
    value: Callable[[View], object]


@thing
class Program:
    """All rules, who beats whom, and the index by kind of step and tool or role.

    Rules and masks are made when they are first looked at, so nothing here goes through all of them
    to load a policy or to decide.

    `goals` is empty where their order decides nothing. `setters` are the standing norms on each
    setting.
    """

    rules: Sequence[Rule]
    beaten_by: Sequence[int]
    outline: Outline
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
    buckets: Buckets = field(default_factory=lambda: {kind: {} for kind in KINDS})
    calls: dict[str, Bucket] = field(default_factory=dict)  # of `buckets`, as the next two
    results: dict[str, Bucket] = field(default_factory=dict)
    messages: dict[str, Bucket] = field(default_factory=dict)
    atoms: dict[int, tuple[Callable[[View], object], str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        of = self.buckets
        self.calls, self.results, self.messages = of[CALL], of[RESULT], of[MESSAGE]

    @property
    def reads_origins(self) -> bool:
        """Whether a condition asks where a value came from."""
        return bool(self.origins)

    def candidates(self, view: View) -> tuple[Rule, ...]:
        """The standing rules that can apply to a step, winners first."""
        return self.bucket(view).rules

    def bucket(self, view: View) -> Bucket:
        """The standing rules that can apply to steps like this one."""
        kind, name = key = self.key(view)
        some = self.buckets[kind]
        bucket = some.get(name or UNMENTIONED)
        if bucket is None:
            bucket = self._filled(key)
        own = view.tool or view.role
        if not name and len(own) <= LONGEST_NAME and len(some) < MOST_NAMES:
            some[own] = bucket  # to be found at once the next time
        return bucket

    def _filled(self, key: tuple[str, str]) -> Bucket:
        kind, name = key
        tool = self.known.tools.get(name) if kind in (CALL, RESULT) else None
        some = [self.rules[number] for number in numbers(self.outline.by_kind, key)]
        rules = [rule for rule in some if has_effects(rule.norm.act, tool)]
        exact = name != ANY_NAME
        made = Bucket(rules, self.known.contexts, exact=exact, tool=tool)
        self.buckets[kind][name or UNMENTIONED] = made
        return made

    def concerned(self, view: View) -> Concerned:
        """What is remembered of steps like this one."""
        bucket = self.bucket(view)
        if bucket.concerned is None:
            from remit.program.watches import concerned

            bucket.concerned = found = concerned(self, self.key(view))
            keeps = self.reads_calls or self.reads_origins
            bucket.passing = found.together.alone is nothing and not keeps
        return bucket.concerned

    def key(self, view: View) -> tuple[str, str]:
        """What the index tells steps apart by: kind, and tool or role."""
        if view.unnamed:
            return view.kind, ANY_NAME
        name = view.tool or view.role
        return view.kind, name if name in self.named else ""  # "" for all that nothing mentions

    def reason(self, winner: Rule, loser: Rule) -> str:
        """Which of the six reasons decides between two rules, where the first beats the other."""
        if winner.norm.said is None and loser.norm.said is None:
            return self.outline.beaten[loser.index][winner.index]
        from remit.graph.opposition import verdict

        return verdict(winner.norm, loser.norm, self.goals_for(winner.norm))[0][1]

    def beats(self, one: Rule, other: Rule) -> bool:
        """Whether the first of two rules, one of them spoken, beats the second."""
        from remit.graph.opposition import opposes, verdict

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


def numbers(index: Index, key: tuple[str, str]) -> list[int]:
    """The numbers of the norms that may be of a kind by a tool, role or unmentioned name."""
    kind, name = key
    by_name = index[kind]
    if name == ANY_NAME:
        return sorted({number for some in by_name.values() for number in some})
    named = by_name.get(name, ()) if name else ()
    return sorted({*by_name.get("", ()), *named})
