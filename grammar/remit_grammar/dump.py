"""Syntax tree -> something to look at: indented text for people, plain data for programs.

Shows what is in the tree and nothing else; how a spec is written is `unparse.py`'s business.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from remit_grammar import tree as t


def dump(spec: t.Spec) -> str:
    """The tree of a spec, a node or value a line, children indented; absent parts left out."""
    lines = [line for block in spec.blocks for line in _lines("", block, 0)]
    return "".join(f"{line}\n" for line in lines)


def _lines(label: str, value: Any, depth: int) -> Iterator[str]:
    margin = "  " * depth
    if isinstance(value, t.Name):
        yield f"{margin}{label}{value.text}"
    elif isinstance(value, t.Node):
        simple, rest = _split(value)
        words = [type(value).__name__, *(f"{name}={_shown(one)}" for name, one in simple)]
        yield f"{margin}{label}{' '.join(words)}"
        for name, one in rest:
            yield from _part(name, one, depth + 1)
    else:
        yield f"{margin}{label}{_shown(value)}"


def _part(name: str, value: Any, depth: int) -> Iterator[str]:
    if not isinstance(value, tuple):
        yield from _lines(f"{name}: ", value, depth)
        return
    yield f"{'  ' * depth}{name}:"
    for one in value:
        yield from _lines("", one, depth + 1)


def _split(node: t.Node) -> tuple[list[tuple[str, Any]], list[tuple[str, Any]]]:
    """The parts that fit on the node's line, and the others; without those that are absent."""
    parts = [(name, getattr(node, name)) for name in _names(node)]
    present = [(name, value) for name, value in parts if value is not None and value != ()]
    simple = [one for one in present if isinstance(one[1], str | int | float | t.Name)]
    return simple, [one for one in present if one not in simple]


def _names(node: t.Node) -> list[str]:
    return [name for name in t.field_names(node) if name != "written"]


def _shown(value: Any) -> str:
    if isinstance(value, t.Name):
        return value.text
    return json.dumps(value, ensure_ascii=False)


def to_json(node: t.Node | t.Spec) -> dict[str, Any]:
    """A node as plain data.

    `node` is its class, `span` its start and end as offsets in characters, the rest its fields;
    names are texts.
    """
    if isinstance(node, t.Spec):
        blocks, comments = map(_data, (node.blocks, node.comments))
        return {"node": "Spec", "file": node.source.name, "blocks": blocks, "comments": comments}
    data: dict[str, Any] = {"node": type(node).__name__, "span": [node.span.start, node.span.end]}
    return data | {name: _data(getattr(node, name)) for name in _names(node)}


def _data(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_data(one) for one in value]
    if isinstance(value, t.Name):
        return value.text
    return to_json(value) if isinstance(value, t.Node) else value
