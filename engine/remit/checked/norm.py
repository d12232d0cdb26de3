"""A norm and what it is made of: the part of the checked form that every decision needs.

Levels are ranks: 0 is the strongest, `len(chain)` is no authority. So a smaller rank is *more*
authority. Terms are conditions in a uniform form: an operation with arguments (see `ops.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from remit_grammar.value import field, value

if TYPE_CHECKING:
    from remit.checked.types import Param, Type
    from remit.text.model import Pattern
    from remit_grammar.source import Span

LANGUAGE = 1  # the version of the language that is read here; part of every digest
FORBID, PERMIT, PROTECT, REQUIRE, DEFAULT = "forbid", "permit", "protect", "require", "default"
HOLDS_BACK = (FORBID, REQUIRE, DEFAULT)  # modalities that a step can violate
SEVERITY = ("allow", "warn", "redact", "rewrite", "ask", "deny", "halt")  # weakest first
WEIGHT = {"allow": 0, "warn": 1, "redact": 2, "rewrite": 2, "ask": 3, "deny": 4, "halt": 5}


@value
class Term:
    """An operation with arguments; leaves keep what they need in `value`.

    `op` is a key of `remit.checked.ops.OPS`. Equality ignores `span` and `text`; `text` is how the
    author wrote it, for explanations.
    """

    op: str
    args: tuple[Term, ...]
    type: Type
    value: Any = None
    span: Span | None = field(default=None, compare=False, repr=False)
    text: str = field(default="", compare=False, repr=False)


@value
class Act:
    """A pattern over one step.

    `key` is the act's identity: two acts are the same where their keys are equal (a named act's key
    is its name). `kind` is `message`, `call`, `result`, `handoff` or `step` (any). The sets are
    None where any will do. `effects` are declared effects, all of which the tool must have;
    `label` is a label that the step must carry.
    """

    key: str
    kind: str
    tools: frozenset[str] | None = None
    roles: frozenset[str] | None = None
    agents: frozenset[str] | None = None
    effects: frozenset[str] = frozenset()
    where: Term | None = None
    label: str | None = None
    span: Span | None = field(default=None, compare=False, repr=False)
    text: str = field(default="", compare=False)


class Remedy(NamedTuple):
    """What happens on a violation. `kind` is a verdict other than allow.

    ask: `who`. redact: `what` (a detector's name, or patterns) and `replacement`. rewrite: `target`
    (path of an argument, or `text`) and `value`.
    """

    kind: str
    who: str | None = None
    what: str | None = None
    patterns: tuple[Pattern, ...] = ()
    replacement: str = "[redacted]"
    target: tuple[str, ...] = ()
    value: Term | None = None


_DENY = Remedy("deny")  # what happens where nothing else is said


@value
class Norm:
    """One norm: a clause, an exception inside a clause, or a default.

    It applies to a step that is its `act`, where `where` holds and `unless` does not. `author` and
    `strength` are ranks. `lifts` are ids of clauses that a permit names; `overrides` those it says
    it beats. `parent` is the clause an exception belongs to. `said` is where a spoken norm was
    said, the step and the place in it; None of a standing norm.
    """

    id: str
    name: str
    spec: str
    modality: str
    author: int
    strength: int
    act: Act
    where: Term | None = None
    unless: Term | None = None
    lifts: tuple[str, ...] = ()
    overrides: tuple[str, ...] = ()
    goal: str | None = None
    remedy: Remedy = _DENY
    advice: str | None = None
    if_unknown: str | None = None
    parent: str | None = None
    doc: str | None = None
    cites: tuple[str, ...] = ()
    span: Span | None = field(default=None, compare=False, repr=False)
    head: Span | None = field(default=None, compare=False, repr=False)
    marks: Mapping[str, Span] = field(default_factory=dict, compare=False, repr=False)
    said: tuple[int, int] | None = None


@value
class Tool:
    """A tool's signature. `closed`: arguments that are not in `params` are malformed."""

    name: str
    params: Mapping[str, Param]
    effects: frozenset[str] = frozenset()
    closed: bool = False
    span: Span | None = field(default=None, compare=False, repr=False)


@value
class Context:
    """A value that the host declares about the conversation or the step."""

    name: str
    type: Type
    default: object = None
    span: Span | None = field(default=None, compare=False, repr=False)


def atoms(term: Term) -> Iterator[Term]:
    """The atoms of a condition, in the order in which they are written."""
    if term.op in ("and", "or", "not"):
        for arg in term.args:
            yield from atoms(arg)
    else:
        yield term


def conditions_of(norm: Norm) -> list[Term]:
    """Every condition that decides whether a norm applies."""
    return [term for term in (norm.act.where, norm.where, norm.unless) if term is not None]
