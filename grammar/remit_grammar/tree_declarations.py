"""The syntax tree of the header and the vocabulary: statements without a body."""

from __future__ import annotations

from remit_grammar.tree_conditions import (
    Date,
    Expr,
    Head,
    Name,
    Node,
    Past,
    Pattern,
    Regex,
    Text,
    TypeExpr,
)
from remit_grammar.value import value

# ---- statements: header -------------------------------------------------------------------------


@value
class Remit(Node):
    """`remit 1`: the version of the language the file is written in."""

    version: int | float


@value
class SpecName(Node):
    """`spec acme.support`."""

    name: Name


@value
class Author(Node):
    """`author developer`: the level whose voice the file is."""

    level: Name


@value
class Fact(Node):
    """`version`, `owner` or `source` with a text: facts for readers of decisions."""

    key: str
    value: str


@value
class Effective(Node):
    """`effective 2026-12-01`."""

    date: Date


@value
class File(Node):
    """A spec by name, or a file by path."""

    name: Name | None
    path: str | None


@value
class Extends(Node):
    """`extends a, b`: their clauses are in force too."""

    files: tuple[File, ...]


@value
class Import(Node):
    """`import a, b`: their vocabulary may be used; their clauses stay out."""

    files: tuple[File, ...]


@value
class Chain(Node):
    """`chain root > system > user`, strongest first."""

    levels: tuple[Name, ...]


@value
class Goals(Node):
    """`goals a > b strict`, highest first."""

    goals: tuple[Name, ...]
    strict: bool


@value
class Role(Node):
    """`role system speaks as system`; the level may be `none`."""

    role: Name
    level: Name


# ---- statements: vocabulary ---------------------------------------------------------------------


@value
class Tools(Node):
    """`tools from "tools.json"`."""

    path: str


@value
class Param(Node):
    """A parameter of a tool; `optional` where its name ends in `?` or it has a default."""

    name: str
    type: TypeExpr
    optional: bool
    default: Expr | None = None


@value
class Tool(Node):
    """`tool refund(order: text, amount: number) effects spends, irreversible`."""

    name: Name
    params: tuple[Param, ...]
    gives: TypeExpr | None
    effects: tuple[Name, ...]


@value
class Context(Node):
    """`context customer_tier: one of standard, gold default standard`."""

    name: str
    type: TypeExpr
    default: Expr | None


@value
class Every(Node):
    """`every tool`, as the default of a setting."""

    what: Name


@value
class Setting(Node):
    """`setting reply_language: text default "en"`."""

    name: str
    type: TypeExpr
    default: Expr | Every | None


@value
class Detector(Node):
    """`detector card = /.../`: what `has card` and `redact card` find."""

    name: Name
    patterns: tuple[Text | Regex, ...]


@value
class Define(Node):
    """`define ours(address) = ...`."""

    name: Name
    params: tuple[Name, ...]
    body: Expr


@value
class Remember(Node):
    """`remember addresses = emails in message from user at most 1000`."""

    name: Name
    value: Expr
    act: Pattern
    at_most: int | None


@value
class Act(Node):
    """`act outside_mail = call send_email where ...`."""

    name: Name
    pattern: Pattern


@value
class LabelOn(Node):
    """`label untrusted on result of fetch_page`."""

    name: Name
    act: Pattern


@value
class Default(Node):
    """`default deny for call at user`."""

    verdict: str
    head: Head
    at: Name | None


@value
class Delegate(Node):
    """`delegate user to message from agent for call where ...`."""

    level: Name
    to: Pattern
    acts: Pattern | None


@value
class NeverBeats(Node):
    """`never "..." a norm spoken by user beats a norm of strength root`."""

    title: str
    speaker: Name
    strength: Name


@value
class NeverAllow(Node):
    """`never "..." allow call x without ... before`."""

    title: str
    act: Pattern
    without: Past
