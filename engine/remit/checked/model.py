"""What a set of specs says, names bound, types known, authority checked.

Norms and their conditions stand in `norm.py`, apart from what only some policies or only people
need, and are named here too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from remit.checked.norm import (
    DEFAULT,
    FORBID,
    HOLDS_BACK,
    LANGUAGE,
    PERMIT,
    PROTECT,
    REQUIRE,
    SEVERITY,
    WEIGHT,
    Act,
    Context,
    Norm,
    Remedy,
    Term,
    Tool,
    conditions_of,
)  # fmt: skip
from remit_grammar.value import field, value

if TYPE_CHECKING:
    from remit.checked.types import Type
    from remit.text.model import Pattern
    from remit_grammar import tree as t
    from remit_grammar.source import Source, Span

__all__ = [
    "DEFAULT",
    "FORBID",
    "HOLDS_BACK",
    "LANGUAGE",
    "PERMIT",
    "PROTECT",
    "REQUIRE",
    "SEVERITY",
    "WEIGHT",
    "Act",
    "Checked",
    "Constraint",
    "Context",
    "Debt",
    "Directive",
    "Happening",
    "History",
    "Labelling",
    "Loan",
    "NeverAllow",
    "Norm",
    "Remedy",
    "Scenario",
    "Setting",
    "SpecFile",
    "Term",
    "Tool",
    "conditions_of",
]


@value
class Happening:
    """A step of the past: an act, a condition besides, and values that tell such steps apart."""

    act: Act
    where: Term | None = None
    keys: tuple[Term, ...] = ()


@value
class History:
    """What a condition asks of the past: something folded over steps that happened.

    `fold` is `earlier`, `previous`, `count`, `distinct`, `sum`, `first`, `last`, `smallest`,
    `largest` or `remember`. `of` is the value that is folded. Only steps after the last `since`
    count, and only those within `within` seconds, `steps` or `turns` (`unit`). `most` bounds what a
    memory holds. Two of the same `id` ask the same.
    """

    id: str
    fold: str
    what: Happening
    of: Term | None = None
    since: Happening | None = None
    within: float | None = None
    unit: str = ""
    most: int = 0

    def __repr__(self) -> str:
        return self.id


@value
class Debt:
    """`require X within BOUND after Y`: what is owed once something has happened.

    `unit` is `s`, `steps`, `turns`, `end of turn` or `end of conversation`.
    """

    id: str
    owed: Happening
    after: Happening
    bound: float
    unit: str

    def __repr__(self) -> str:
        return self.id


@value
class Setting:
    """A typed value that norms narrow (semantics 5). `default` is None where there is none.

    `every`: a set that holds every item until something narrows it.
    """

    name: str
    type: Type
    default: object = None
    every: bool = False
    spec: str = ""
    span: Span | None = field(default=None, compare=False, repr=False)


@value
class Constraint:
    """A `set` norm: it narrows a setting to what `op` and `value` leave open.

    `op` is one of `= in < <= > >=`; `value` reads no step. In a directive `author` and `strength`
    are those of whoever says it.
    """

    id: str
    name: str
    spec: str
    author: int
    strength: int
    setting: str
    op: str
    value: Term
    goal: str | None = None
    doc: str | None = None
    cites: tuple[str, ...] = ()
    span: Span | None = field(default=None, compare=False, repr=False)
    head: Span | None = field(default=None, compare=False, repr=False)
    marks: Mapping[str, Span] = field(default_factory=dict, compare=False, repr=False)


@value
class Directive:
    """How an instruction is recognised, and the norm that it becomes (semantics 5).

    `norm` is a pattern of norms: whoever says it is the author, and the strength is that level or
    `weakest`, the weaker of the two; `author` is the file's, and nobody says more than that.
    `words` are the names of what the patterns take from the text;
    the variable of a word is `directive's name:word`. `judged` is a question and a judge's name.
    """

    id: str
    name: str
    spec: str
    norm: Norm | Constraint
    patterns: tuple[Pattern, ...] = ()
    judged: tuple[str, str] | None = None
    words: tuple[str, ...] = ()
    implied: bool = False
    weakest: int = 0
    doc: str | None = None
    span: Span | None = field(default=None, compare=False, repr=False)
    head: Span | None = field(default=None, compare=False, repr=False)
    author: int = 0

    def variable(self, word: str) -> str:
        """The name under which a condition finds a word."""
        return f"{self.id}:{word}"


@value
class Loan:
    """`delegate`: texts of steps that are `act` speak as `level`; a revocation lends `none`.

    `author` is the lender. `only` is the act that the loan is limited to, `setting` the setting.
    """

    id: str
    spec: str
    author: int
    level: int
    act: Act
    where: Term | None = None
    only: Act | None = None
    only_where: Term | None = None
    setting: str | None = None
    span: Span | None = field(default=None, compare=False, repr=False)


@value
class Labelling:
    """`label NAME on ACT`: steps that are the act carry the label."""

    name: str
    act: Act
    where: Term | None = None


@value
class NeverAllow:
    """`never "..." allow ACT without HAPPENING before`: a claim about the whole policy."""

    title: str
    act: Act
    needed: Term
    span: Span | None = field(default=None, compare=False, repr=False)


@value
class SpecFile:
    """Facts of one file: for readers of decisions."""

    name: str
    author: int
    source: Source = field(compare=False, repr=False)
    version: str | None = None
    owner: str | None = None
    origin: str | None = None
    effective: str | None = None


@value
class Scenario:
    """A scenario as written, with the file whose names it uses.

    `directives` are the ids of the directives that it names, by the names as written.
    """

    spec: str
    block: t.Block
    title: str
    directives: Mapping[str, str] = field(default_factory=dict)


@value
class Checked:
    """The whole set. `chain` is strongest first; `goals` is highest first.

    `goals_rank` is the author of the order of goals: it decides between norms that are no stronger.
    """

    chain: tuple[str, ...]
    goals: tuple[str, ...]
    strict_goals: bool
    roles: Mapping[str, int]
    tools: Mapping[str, Tool]
    contexts: Mapping[str, Context]
    detectors: Mapping[str, tuple[Pattern, ...]]
    norms: tuple[Norm, ...]
    files: tuple[SpecFile, ...]
    scenarios: tuple[Scenario, ...]
    goals_rank: int = 0
    settings: Mapping[str, Setting] = field(default_factory=dict)
    constraints: tuple[Constraint, ...] = ()
    directives: tuple[Directive, ...] = ()
    loans: tuple[Loan, ...] = ()
    never_beats: tuple[tuple[str, int, int, Span], ...] = ()
    never_allow: tuple[NeverAllow, ...] = ()
    labels: tuple[Labelling, ...] = ()
    content: str = ""

    @property
    def judges(self) -> frozenset[str]:
        """The names of every judge that a condition or a directive asks."""
        terms = [term for norm in self.norms for term in conditions_of(norm)]
        for directive in self.directives:
            if isinstance(directive.norm, Norm):
                terms += conditions_of(directive.norm)
        names = {name for term in terms for name in _judges(term)}
        return frozenset(names | {one.judged[1] for one in self.directives if one.judged})

    def level(self, rank: int) -> str:
        """The name of a rank; `none` below the last level."""
        return self.chain[rank] if rank < len(self.chain) else "none"


def _judges(term: Term) -> Iterator[str]:
    if term.op == "judged":
        yield term.value[1]
    for arg in term.args:
        yield from _judges(arg)
