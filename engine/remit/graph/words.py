"""What a norm says, in a few words: for tables, pictures and exports of the graph."""

from __future__ import annotations

from remit.checked.model import HOLDS_BACK, Norm
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


def place(span: Span | None) -> str | None:
    """`file:line`, the line from 1."""
    return None if span is None else f"{span.source.name}:{span.line}"
