"""The syntax tree below statements: names, literals, conditions, acts and types."""

from __future__ import annotations

from remit_grammar.source import Span
from remit_grammar.value import field, value


@value
class Node:
    """What all nodes have: the piece of source they were read from."""

    span: Span = field(compare=False, repr=False, kw_only=True)


def field_names(node: Node) -> tuple[str, ...]:
    """The fields of a node in the order of its class, without `span`."""
    names: tuple[str, ...] = node.__match_args__
    return names


@value
class Name(Node):
    """A name, its parts joined by dots in the source; `spec` is what stood before `::`."""

    parts: tuple[str, ...]
    spec: Name | None = None

    @property
    def text(self) -> str:
        """The parts joined by dots, without backquotes, with the spec before `::`."""
        own = self.parts[0] if len(self.parts) == 1 else ".".join(self.parts)
        return f"{self.spec.text}::{own}" if self.spec else own


# ---- conditions ---------------------------------------------------------------------------------


@value
class Text(Node):
    """A string literal; `value` has its escapes resolved."""

    value: str


@value
class Number(Node):
    """A number literal: an int where it was written without point and exponent."""

    value: int | float


@value
class Duration(Node):
    """A length of time such as `10m`."""

    amount: int
    unit: str

    @property
    def seconds(self) -> float:
        """The length in seconds."""
        if self.unit == "ms":
            return self.amount / 1000  # exact where it is a whole number of seconds
        return self.amount * UNITS[self.unit]


UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


@value
class Date(Node):
    """A date or a moment, as written (ISO 8601)."""

    text: str


@value
class Regex(Node):
    """A pattern between slashes; `flags` is a subset of `ims`."""

    pattern: str
    flags: str = ""


@value
class Listing(Node):
    """`[a, b]`."""

    items: tuple[Expr, ...]


@value
class Field(Node):
    """`name: value` in a record or an argument list."""

    name: str
    value: Expr


@value
class Record(Node):
    """`(name: value, ...)`."""

    fields: tuple[Field, ...]


@value
class Ref(Node):
    """A name used as a value."""

    name: Name


@value
class Apply(Node):
    """`function(a, b)`: a definition or a built-in function."""

    function: Name
    arguments: tuple[Expr, ...]


@value
class Of(Node):
    """`function of argument`, and over the past: `sum of amount over call refund within 24h`."""

    function: Name
    argument: Expr | None
    over: Past | None = None


@value
class Not(Node):
    """`not x`."""

    operand: Expr


@value
class And(Node):
    """`a and b and c`, flat."""

    operands: tuple[Expr, ...]


@value
class Or(Node):
    """`a or b or c`, flat."""

    operands: tuple[Expr, ...]


@value
class Compare(Node):
    """Two values compared. `op` is one of `= != < <= > >= is`, `is not`, `in`, `not in`,
    `contains`, `does not contain`, `starts with`, `ends with`."""

    op: str
    left: Expr
    right: Expr


@value
class Matches(Node):
    """`text matches /regex/`."""

    subject: Expr
    regex: Regex


@value
class State(Node):
    """`x is missing`, `x is not empty`; `state` is `missing`, `present` or `empty`."""

    subject: Expr
    state: str
    negated: bool


@value
class Quantified(Node):
    """`any x in items satisfies body`; `quantifier` is `any`, `all` or `no`."""

    quantifier: str
    variable: Name
    collection: Expr
    body: Expr


@value
class Has(Node):
    """`has email`, `body has secret`: a detector finds something in a text."""

    subject: Expr | None
    detector: Name


@value
class Judged(Node):
    """`judged "gives a dosage" by moderation`."""

    subject: Expr | None
    question: str
    judge: Name


@value
class Quotes(Node):
    """`body quotes result of read_inbox`."""

    subject: Expr
    origin: Head


@value
class CameFrom(Node):
    """`to came from message from user`."""

    subject: Expr
    origin: Head


@value
class Arithmetic(Node):
    """`a + b`, `a - b`, `a * b`."""

    op: str
    left: Expr
    right: Expr


@value
class Negative(Node):
    """`-x`."""

    operand: Expr


@value
class Earlier(Node):
    """`earlier call x since ...`: it happened before this step."""

    past: Past


@value
class Previous(Node):
    """`previous call x`: the step just before this one was that act."""

    act: Pattern


@value
class VoidDirective(Node):
    """`a void directive lift_profanity came from result asking for it`.

    `asking`: the step is what the void directive asks for.
    """

    directive: Name | None
    origin: Head | None
    asking: bool = False


@value
class NormAsks(Node):
    """`a norm in force asks for it`."""


@value
class Confirmed(Node):
    """`confirmed by user`: who was asked about this very call said yes."""

    who: str


Expr = (
    Text | Number | Duration | Date | Listing | Record | Ref | Apply | Of | Not | And | Or
    | Compare | Matches | State | Quantified | Has | Judged | Quotes | CameFrom | Arithmetic
    | Negative | Earlier | Previous | VoidDirective | NormAsks
    | Confirmed
)  # fmt: skip


# ---- acts ---------------------------------------------------------------------------------------


@value
class Head(Node):
    """What kind of step: `call refund, pay with effects spends`, `message from user`, or a name.

    `kind` is `call`, `message`, `result`, `handoff`, `output`, `refusal`, `step` or `named`.
    `names` are tools (call, result), roles (message), agents (handoff), or the one name of an act
    or clause.
    """

    kind: str
    names: tuple[Name, ...] = ()
    effects: tuple[Name, ...] = ()
    labelled: Name | None = None


@value
class Pattern(Node):
    """An act: a head with a condition over the step."""

    head: Head
    where: Expr | None = None


@value
class Bound(Node):
    """How far: `unit` is `s` (seconds), `turns`, `steps`, `end of turn`, `end of conversation`.

    `written` is the duration as the author wrote it; equality sees only the seconds.
    """

    amount: float
    unit: str
    written: str = field(default="", compare=False)


@value
class Past(Node):
    """An act in the past, perhaps only since another, perhaps only within a bound."""

    act: Pattern
    since: Pattern | None = None
    within: Bound | None = None


# ---- types --------------------------------------------------------------------------------------


@value
class NamedType(Node):
    """`text`, `number`, `flag`, `time`, `duration`, `anything`."""

    name: Name


@value
class ListType(Node):
    """`list of text`, `set of number`."""

    name: Name
    item: TypeExpr


@value
class OneOfType(Node):
    """`one of standard, gold`: the choices as texts."""

    choices: tuple[str, ...]


TypeExpr = NamedType | ListType | OneOfType
