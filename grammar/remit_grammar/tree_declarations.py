"""The syntax tree of the header and the vocabulary: statements without a body."""

from __future__ import annotations

from dataclasses import dataclass

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

# ---- statements: header -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Remit(Node):
    """`remit 1`: the version of the language the file is written in."""

    version: int | float


@dataclass(frozen=True, slots=True)
class SpecName(Node):
    """`spec acme.support`."""

    name: Name


@dataclass(frozen=True, slots=True)
class Author(Node):
    """`author developer`: the level whose voice the file is."""

    level: Name


@dataclass(frozen=True, slots=True)
class Fact(Node):
    """`version`, `owner` or `source` with a text: facts for readers of decisions."""

    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Effective(Node):
    """`effective 2026-12-01`."""

    date: Date


@dataclass(frozen=True, slots=True)
class File(Node):
    """A spec by name, or a file by path."""

    name: Name | None
    path: str | None


@dataclass(frozen=True, slots=True)
class Extends(Node):
    """`extends a, b`: their clauses are in force too."""

    files: tuple[File, ...]


@dataclass(frozen=True, slots=True)
class Import(Node):
    """`import a, b`: their vocabulary may be used; their clauses stay out."""

    files: tuple[File, ...]


@dataclass(frozen=True, slots=True)
class Chain(Node):
    """`chain root > system > user`, strongest first."""

    levels: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class Goals(Node):
    """`goals a > b strict`, highest first."""

    goals: tuple[Name, ...]
    strict: bool


@dataclass(frozen=True, slots=True)
class Role(Node):
    """`role system speaks as system`; the level may be `none`."""

    role: Name
    level: Name


# ---- statements: vocabulary ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tools(Node):
    """`tools from "tools.json"`."""

    path: str


@dataclass(frozen=True, slots=True)
class Param(Node):
    """A parameter of a tool; `optional` where its name ends in `?` or it has a default."""

    name: str
    type: TypeExpr
    optional: bool
    default: Expr | None = None


@dataclass(frozen=True, slots=True)
class Tool(Node):
    """`tool refund(order: text, amount: number) effects spends, irreversible`."""

    name: Name
    params: tuple[Param, ...]
    gives: TypeExpr | None
    effects: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class Context(Node):
    """`context customer_tier: one of standard, gold default standard`."""

    name: str
    type: TypeExpr
    default: Expr | None


@dataclass(frozen=True, slots=True)
class Every(Node):
    """`every tool`, as the default of a setting."""

    what: Name


@dataclass(frozen=True, slots=True)
class Setting(Node):
    """`setting reply_language: text default "en"`."""

    name: str
    type: TypeExpr
    default: Expr | Every | None


@dataclass(frozen=True, slots=True)
class Detector(Node):
    """`detector card = /.../`: what `has card` and `redact card` find."""

    name: Name
    patterns: tuple[Text | Regex, ...]


@dataclass(frozen=True, slots=True)
class Define(Node):
    """`define ours(address) = ...`."""

    name: Name
    params: tuple[Name, ...]
    body: Expr


@dataclass(frozen=True, slots=True)
class Remember(Node):
    """`remember addresses = emails in message from user at most 1000`."""

    name: Name
    value: Expr
    act: Pattern
    at_most: int | None


@dataclass(frozen=True, slots=True)
class Act(Node):
    """`act outside_mail = call send_email where ...`."""

    name: Name
    pattern: Pattern


@dataclass(frozen=True, slots=True)
class LabelOn(Node):
    """`label untrusted on result of fetch_page`."""

    name: Name
    act: Pattern


@dataclass(frozen=True, slots=True)
class Default(Node):
    """`default deny for call at user`."""

    verdict: str
    head: Head
    at: Name | None


@dataclass(frozen=True, slots=True)
class Delegate(Node):
    """`delegate user to message from agent for call where ...`."""

    level: Name
    to: Pattern
    acts: Pattern | None


@dataclass(frozen=True, slots=True)
class NeverBeats(Node):
    """`never "..." a norm spoken by user beats a norm of strength root`."""

    title: str
    speaker: Name
    strength: Name


@dataclass(frozen=True, slots=True)
class NeverAllow(Node):
    """`never "..." allow call x without ... before`."""

    title: str
    act: Pattern
    without: Past
