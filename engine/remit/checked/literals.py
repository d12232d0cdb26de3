"""Types and values that stand in declarations: what is fixed before any step is seen."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from remit.checked import types as ty
from remit.checked.model import Context, Setting
from remit.checked.types import Type
from remit_grammar import tree as t


def type_of(node: t.TypeExpr) -> Type | None:
    """The type that a type expression names, None if it names none."""
    if isinstance(node, t.OneOfType):
        return ty.one_of(*node.choices)
    if isinstance(node, t.ListType):
        item = type_of(node.item)
        return Type(node.name.text, item) if item and node.name.text in ty.COLLECTIONS else None
    return ty.NAMED.get(node.name.text)


def context_of(node: t.Context) -> Context:
    """The checked form of a context declaration; an unknown type counts as any."""
    return Context(node.name, type_of(node.type) or ty.ANY, literal(node.default), node.span)


def setting_of(node: t.Setting, spec: str = "") -> Setting:
    """The checked form of a setting's declaration; an unknown type counts as any."""
    kind, every = type_of(node.type) or ty.ANY, isinstance(node.default, t.Every)
    default = None if isinstance(node.default, t.Every) else literal(node.default)
    return Setting(node.name, kind, default, every, spec, node.span)


def moment(node: t.Date) -> float:
    """A date or moment, in seconds since the epoch; without a zone it is UTC."""
    try:
        found = datetime.fromisoformat(node.text)
    except ValueError:  # reported when the file was parsed
        found = datetime.fromtimestamp(0, UTC)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def literal(node: t.Expr | None) -> Any:
    """The plain value of a literal; None for anything else."""
    if isinstance(node, (t.Text, t.Number)):
        return node.value
    if isinstance(node, t.Duration):
        return node.seconds
    if isinstance(node, t.Date):
        return moment(node)
    if isinstance(node, t.Ref):
        text = node.name.text
        return {"true": True, "false": False}.get(text, text)
    if isinstance(node, t.Negative):
        inner = literal(node.operand)
        return -inner if isinstance(inner, (int, float)) else None
    if isinstance(node, t.Listing):
        return [literal(item) for item in node.items]
    if isinstance(node, t.Record):
        return {one.name: literal(one.value) for one in node.fields}
    return None
