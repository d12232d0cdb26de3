"""The stages of a policy as rows of plain data, for `remit show`. Computes nothing new."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

from remit.checked.model import HOLDS_BACK
from remit.graph.words import why
from remit_grammar.source import Source, Span

if TYPE_CHECKING:
    from remit.checked.model import Constraint, Norm
    from remit.policy import Policy
    from remit_grammar.tree import Spec

Row = dict[str, Any]


def norm_rows(policy: Policy) -> list[Row]:
    """The norms on steps, winners first, and those that set settings, the strongest first."""
    sets = sorted(policy.checked.constraints, key=lambda one: (one.setting, one.strength, one.id))
    return [_norm(policy, one) for one in policy.graph.norms] + [_set(policy, one) for one in sets]


def _norm(policy: Policy, norm: Norm) -> Row:
    """A norm with the names of its levels."""
    level = policy.checked.level
    return {
        "norm": norm.id,
        "modality": norm.modality,
        "author": level(norm.author),
        "strength": level(norm.strength),
        "act": norm.act.text,
        "otherwise": norm.remedy.kind if norm.modality in HOLDS_BACK else None,
        "at": norm.span.place if norm.span else None,
    }


def _set(policy: Policy, one: Constraint) -> Row:
    level = policy.checked.level
    return {
        "norm": one.id,
        "modality": "set",
        "author": level(one.author),
        "strength": level(one.strength),
        "act": set_text(one),
        "otherwise": None,
        "at": one.span.place if one.span else None,
    }


def set_text(one: Constraint) -> str:
    """What a `set` says, without the word: `spend <= 100`."""
    return f"{one.setting} {one.op} {one.value.text}"


def graph_data(policy: Policy) -> list[Row]:
    """Every edge, in the order of winners and losers."""
    norms = policy.graph.norms
    return [
        {
            "winner": norms[edge.winner].id,
            "beats": norms[edge.loser].id,
            "reason": edge.reason,
            "because of": [label.span.place for label in why(policy.graph, edge)],
        }
        for _, edge in sorted(policy.graph.edges.items())
    ]


def program_data(policy: Policy) -> list[Row]:
    """Every rule with its condition and its cost in simple steps."""
    from remit.checked.costs import norm_cost

    beaten_by = policy.ground.program.beaten_by
    return [
        {
            "rule": rule.index,
            "norm": rule.norm.id,
            "asked of": _asked_of(rule.norm),
            "condition": _condition(rule.norm),
            "cost": norm_cost(rule.norm),
            "beaten by": [i for i in range(rule.index) if beaten_by[rule.index] >> i & 1],
        }
        for rule in policy.ground.program.rules
    ]


def _asked_of(norm: Norm) -> str:
    names = sorted((norm.act.tools or frozenset()) | (norm.act.roles or frozenset()))
    return " ".join([norm.act.kind, ", ".join(names)]).strip()


def _condition(norm: Norm) -> str:
    from remit.verdict.terms import conditions

    parts = [f"{'' if wanted else 'not '}({term.text})" for term, wanted in conditions(norm)]
    return " and ".join(parts) or "always"


def tool_data(policy: Policy) -> list[Row]:
    """Every tool with its parameters, those that may be left out marked with `?`."""
    return [
        {
            "tool": tool.name,
            "parameters": [
                f"{name}{'' if param.required else '?'}: {param.type}"
                for name, param in tool.params.items()
            ],
            "effects": sorted(tool.effects),
            "others allowed": "no" if tool.closed else "yes",
        }
        for tool in policy.checked.tools.values()
    ]


# ---- the syntax tree


def tree_data(value: Any) -> Any:
    """A node as plain data: its kind, its place, and what it holds."""
    if isinstance(value, tuple):
        return [tree_data(one) for one in value]
    if not is_dataclass(value):
        return value
    held = {one.name: getattr(value, one.name) for one in fields(value)}
    span = held.pop("span", None)
    data: Row = {"node": type(value).__name__}
    if isinstance(span, Span):
        data["place"] = span.place
    return {**data, **{name: tree_data(one) for name, one in held.items()}}


def tree_lines(spec: Spec) -> list[str]:
    """The tree as indented lines."""
    return [spec.source.name, *(line for block in spec.blocks for line in _lines(block, "", 1))]


def _lines(value: Any, label: str, depth: int) -> Iterator[str]:
    lead = "  " * depth + (f"{label}: " if label else "")
    if isinstance(value, tuple):
        for one in value:
            yield from _lines(one, label, depth)
    elif is_dataclass(value):
        held = {one.name: getattr(value, one.name) for one in fields(value) if one.name != "span"}
        plain = {name: one for name, one in held.items() if not _is_inner(one)}
        shown = " ".join(f"{name}={one!r}" for name, one in plain.items() if one not in (None, ()))
        yield f"{lead}{type(value).__name__} {shown}".rstrip()
        for name in (name for name in held if name not in plain):
            yield from _lines(held[name], name, depth + 1)
    elif value is not None:
        yield f"{lead}{value!r}"


def _is_inner(value: Any) -> bool:
    if isinstance(value, tuple):
        return any(is_dataclass(one) for one in value)
    return is_dataclass(value) and not isinstance(value, (Source, Span))
