"""The priority graph in forms that other tools read: JSON, DOT, Mermaid; and as a picture.

Every form names norms by their number in the graph, which depends only on what the specs say.
Nothing that a spec says can break out of its place in any form.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from remit.checked.model import Norm
from remit.graph import words
from remit.graph.model import Edge
from remit_grammar.diagnostic import Label, visible

if TYPE_CHECKING:
    from remit.policy import Policy

COLOURS = {
    "authority": "#6d4bd1", "exception": "#0b7f74", "spoken": "#1769c4", "later": "#4a7c1d",
    "goal": "#b26a00", "caution": "#6b7280",
}  # fmt: skip
SHAPES = {
    "forbid": "octagon", "default": "box", "require": "hexagon", "protect": "house",
    "permit": "ellipse",
}  # fmt: skip
_BRACKETS = {
    "forbid": '["{}"]', "default": '[["{}"]]', "require": '{{"{}"}}', "protect": '[/"{}"\\]',
    "permit": '("{}")',
}  # fmt: skip
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 _.,")


def to_json(policy: Policy) -> str:
    """Nodes, edges and chain as JSON text; the same text for the same policy."""
    owners = {one.name: one.owner for one in policy.checked.files}
    data = {
        "policy": {"id": policy.name, "digest": policy.digest},
        "chain": list(policy.graph.chain),
        "nodes": [_node(policy, norm, owners) for norm in policy.graph.norms],
        "edges": [_edge(policy, edge) for edge in _edges(policy)],
    }
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _node(policy: Policy, norm: Norm, owners: dict[str, str | None]) -> dict[str, Any]:
    level = policy.graph.level
    return {
        "id": norm.id, "name": norm.name, "spec": norm.spec, "owner": owners.get(norm.spec),
        "modality": norm.modality, "author": level(norm.author), "strength": level(norm.strength),
        "act": norm.act.text, "says": words.does(norm), "remedy": words.remedy(norm),
        "goal": norm.goal, "doc": norm.doc, "source": words.place(norm.head or norm.span),
    }  # fmt: skip


def _edges(policy: Policy) -> Iterator[Edge]:
    for pair in sorted(policy.graph.edges):
        yield policy.graph.edges[pair]


def _edge(policy: Policy, edge: Edge) -> dict[str, Any]:
    norms = policy.graph.norms
    return {
        "winner": norms[edge.winner].id, "loser": norms[edge.loser].id, "reason": edge.reason,
        "why": [_why(label) for label in words.why(policy.graph, edge)],
    }  # fmt: skip


def _why(label: Label) -> dict[str, Any]:
    span = label.span
    line, column = span.source.position(span.start)
    return {"text": label.text, "file": span.source.name, "line": line, "column": column}


# ---- DOT


def to_dot(policy: Policy) -> str:
    """The graph for Graphviz: one rank a level, edges from winner to loser."""
    graph = policy.graph
    lines = [
        f"digraph {_dot(policy.name)} {{",
        '  rankdir=TB; node [fontname="sans-serif"]; edge [fontname="sans-serif"];',
    ]
    for rank, level in enumerate(graph.chain):
        members = [(n, norm) for n, norm in enumerate(graph.norms) if norm.strength == rank]
        lines.append(f"  subgraph cluster_{rank} {{")
        lines.append(f"    label={_dot(level)};")
        lines += [f"    n{n} {_dot_node(norm)};" for n, norm in members]
        lines.append("  }")
    for edge in _edges(policy):
        colour = COLOURS[edge.reason]
        look = f'label={_dot(edge.reason)} color="{colour}" fontcolor="{colour}"'
        lines.append(f"  n{edge.winner} -> n{edge.loser} [{look}];")
    return "\n".join([*lines, "}"]) + "\n"


def _dot_node(norm: Norm) -> str:
    about = [norm.modality, *filter(None, [words.remedy(norm)])]
    label = _dot(norm.name, ", ".join(about))
    return f"[shape={SHAPES[norm.modality]} label={label} tooltip={_dot(norm.doc or norm.name)}]"


def _dot(*lines: str) -> str:
    """A quoted string. A backslash of the text is doubled, so that no escape of DOT is left in it.

    Ampersands are written out too, since DOT reads HTML entities in labels.
    """
    escaped = (
        visible(line).replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"')
        for line in lines
    )
    return '"' + "\\n".join(escaped) + '"'


# ---- Mermaid


def to_mermaid(policy: Policy) -> str:
    """The graph as a Mermaid flowchart, for pages that draw it (a README, a wiki)."""
    graph = policy.graph
    lines = ["flowchart TB"]
    for rank, level in enumerate(graph.chain):
        members = [(n, norm) for n, norm in enumerate(graph.norms) if norm.strength == rank]
        if members:
            lines.append(f'  subgraph L{rank}["{_mermaid(level)}"]')
            lines += [f"    n{n}{_mermaid_node(norm)}" for n, norm in members]
            lines.append("  end")
    edges = list(_edges(policy))
    lines += [f"  n{edge.winner} -->|{edge.reason}| n{edge.loser}" for edge in edges]
    for reason, colour in COLOURS.items():
        drawn = [str(number) for number, edge in enumerate(edges) if edge.reason == reason]
        if drawn:
            lines.append(f"  linkStyle {','.join(drawn)} stroke:{colour},color:{colour}")
    return "\n".join(lines) + "\n"


def _mermaid_node(norm: Norm) -> str:
    text = f"{_mermaid(norm.name)}<br/>{_mermaid(norm.modality)}"
    shape = _BRACKETS[norm.modality]
    if norm.modality == "require":
        return '{{"' + text + '"}}'
    return shape.format(text)


def _mermaid(text: str) -> str:
    """Text for a quoted label: all but letters, digits and blanks as numbered entities."""
    return "".join(one if one in _PLAIN else f"#{ord(one)};" for one in visible(text))


# ---- pictures


def to_svg(policy: Policy) -> str:
    """The graph as one SVG image that needs nothing else; light and dark."""
    from remit.graph.picture import draw

    return draw(policy, own_style=True)


def to_html(policy: Policy) -> str:
    """The graph as one HTML page that needs nothing else: picture, table, details of each norm."""
    from remit.graph.page import page

    return page(policy)
