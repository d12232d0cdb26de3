"""The priority graph as a web page for policy owners: picture, table, the details of each norm.

The page loads nothing: styles and script are in it, and its content policy forbids the rest.
Without scripts the links to details still work.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from remit.checked.model import Norm
from remit.graph import words
from remit.graph.document import document
from remit.graph.model import Edge
from remit.graph.picture import draw, escape, style
from remit.graph.sources import clause_texts

if TYPE_CHECKING:
    from remit.policy import Policy

COLUMNS = ("clause", "author", "strength", "what it does", "on violation", "owner")


def page(policy: Policy) -> str:
    """The text of the page."""
    body = [
        *_header(policy),
        '<div class="main">', *_picture(policy), *details(policy), "</div>",
        *_table(policy),
    ]  # fmt: skip
    styles = style("picture.css") + style("page.css")
    return document(f"{policy.name}: priority graph", styles, style("page.js"), body)


def _header(policy: Policy) -> Iterator[str]:
    norms, edges = len(policy.graph.norms), len(policy.graph.edges)
    chain = " &gt; ".join(escape(level) for level in policy.graph.chain)
    counts = (
        f"{norms} {'norm' if norms == 1 else 'norms'}, {edges} {'edge' if edges == 1 else 'edges'}"
    )
    yield f"<header><h1>{escape(policy.name)}</h1>"
    digest = f"<code>{policy.digest[:12]}</code>"
    yield f'<p class="about">{counts} · chain {chain} · digest {digest}</p>'
    yield "</header>"
    yield (
        '<div class="tools"><label for="filter">Filter</label>'
        '<input id="filter" type="search" autocomplete="off"'
        ' placeholder="name, level, tool, owner …">'
        '<output id="count" for="filter"></output></div>'
    )


def _picture(policy: Policy) -> Iterator[str]:
    yield '<section class="picture" aria-label="Who beats whom">'
    yield f'<div class="wide">{draw(policy)}</div>'
    yield f'<div class="narrow">{draw(policy, width=366, columns=2)}</div></section>'


# ---- details


def details(policy: Policy) -> Iterator[str]:
    """The clause of each norm, what it beats and what beats it."""
    texts = clause_texts(policy.graph.norms)
    yield '<aside class="side" aria-label="Details" aria-live="polite">'
    yield '<p id="hint">Choose a norm to see its clause, what it beats, and what beats it.</p>'
    for number, norm in enumerate(policy.graph.norms):
        yield from _detail(policy, number, norm, texts[number])
    yield "</aside>"


def _detail(policy: Policy, number: int, norm: Norm, text: str) -> Iterator[str]:
    level = policy.graph.level
    facts = {
        "author": level(norm.author), "strength": level(norm.strength), "kind": norm.modality,
        "on violation": words.remedy(norm), "advice": norm.advice, "serves": norm.goal,
        "cites": ", ".join(norm.cites), "spec": norm.spec, "owner": _owner(policy, norm),
        "source": words.place(norm.head or norm.span),
    }  # fmt: skip
    yield f'<article class="norm-detail" id="norm-{number}">'
    yield '<button type="button" class="close" aria-label="Close">×</button>'
    yield f"<h3>{escape(norm.name)}</h3>"
    if norm.doc:
        yield f"<div>{escape(norm.doc)}</div>"
    rows = (f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in facts.items() if value)
    yield f"<dl>{''.join(rows)}</dl><pre><code>{escape(text)}</code></pre>"
    edges = sorted(policy.graph.edges.values(), key=lambda one: (one.winner, one.loser))
    yield from _list(policy, "Beats", [one for one in edges if one.winner == number], number)
    yield from _list(policy, "Is beaten by", [one for one in edges if one.loser == number], number)
    yield "</article>"


def _list(policy: Policy, title: str, edges: list[Edge], number: int) -> Iterator[str]:
    if not edges:
        return
    yield f"<div>{title}</div><ul>"
    for edge in edges:
        other = edge.loser if edge.winner == number else edge.winner
        name = escape(policy.graph.norms[other].name)
        why = words.why_said(policy.graph, edge)
        yield (
            f'<li><a href="#norm-{other}">{name}</a> by {edge.reason}'
            f'<div class="where">{escape(why)}</div></li>'
        )
    yield "</ul>"


# ---- table


def _table(policy: Policy) -> Iterator[str]:
    heads = "".join(f'<th scope="col">{name}</th>' for name in COLUMNS)
    yield f"<h2>All norms</h2>\n<table>\n<thead><tr>{heads}</tr></thead>\n<tbody>"
    for number, norm in enumerate(policy.graph.norms):
        yield f'<tr data-norm="{number}">{_cells(policy, number, norm)}</tr>'
    yield "</tbody>\n</table>"


def _cells(policy: Policy, number: int, norm: Norm) -> str:
    level = policy.graph.level
    values = (
        level(norm.author), level(norm.strength), words.does(norm), words.remedy(norm) or "–",
        _owner(policy, norm) or "–",
    )  # fmt: skip
    first = f'<td class="id"><a href="#norm-{number}">{escape(norm.id)}</a></td>'
    rest = zip(COLUMNS[1:], values, strict=True)
    return first + "".join(f'<td data-label="{name}">{escape(text)}</td>' for name, text in rest)


def _owner(policy: Policy, norm: Norm) -> str | None:
    return next((one.owner for one in policy.checked.files if one.name == norm.spec), None)
