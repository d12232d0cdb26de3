"""What a norm says, in a few words: for tables, pictures and exports of the graph."""

from __future__ import annotations

from remit.checked.model import DEFAULT, HOLDS_BACK, Norm
from remit.graph.model import Edge, PriorityGraph
from remit.graph.reasons import AUTHORITY, CAUTION, EXCEPTION, GOAL
from remit_grammar.diagnostic import Label
from remit_grammar.source import Span


def does(norm: Norm) -> str:
    """What the norm does, as its author wrote it, on one line."""
    if norm.span is None:
        return f"{norm.modality} {norm.act.text}"
    return " ".join(norm.span.text.split())


def remedy(norm: Norm) -> str | None:
    """What happens on a violation: `ask manager`; None for norms that nothing violates."""
    if norm.modality not in HOLDS_BACK:
        return None
    it = norm.remedy
    if it.kind == "ask":
        return f"ask {it.who or 'a person'}"
    if it.kind == "redact":
        what = it.what or ", ".join(one.text for one in it.patterns)
        return " ".join(["redact", *([what] if what else []), f'as "{it.replacement}"'])
    if it.kind == "rewrite":
        value = f" to {it.value.text}" if it.value and it.value.text else ""
        return f"rewrite {'.'.join(it.target)}{value}"
    return it.kind


def why(graph: PriorityGraph, edge: Edge) -> tuple[Label, ...]:
    """The pieces of source that decided between two norms."""
    winner, loser = graph.norms[edge.winner], graph.norms[edge.loser]
    texts = {
        AUTHORITY: [f"strength {graph.level(norm.strength)}" for norm in (winner, loser)],
        EXCEPTION: ["says that it overrides", "what it overrides"],
        GOAL: [f"serves {norm.goal}" for norm in (winner, loser)],
        CAUTION: [f"holds back ({winner.modality})", f"gives way ({loser.modality})"],
    }[edge.reason]
    if edge.reason == EXCEPTION and loser.modality == DEFAULT:
        texts = [f"a {winner.modality} speaks", "the default, where nothing speaks"]
    spans = [norm.marks.get("at") or norm.span for norm in (winner, loser)]
    pairs = zip(spans, texts, strict=True)
    return tuple(Label(span, text) for span, text in pairs if span is not None)


def why_said(graph: PriorityGraph, edge: Edge) -> str:
    """The same on one line."""
    return "; ".join(f"{one.text} ({place(one.span)})" for one in why(graph, edge))


def place(span: Span | None) -> str | None:
    """`file:line`, the line from 1."""
    return None if span is None else f"{span.source.name}:{span.line}"
