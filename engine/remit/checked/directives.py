"""Directives: how an instruction is heard, and the norm that it becomes (semantics 5).

Nobody can say more than the author of the file in which it is declared how it is heard: else a
developer could word a pattern so that the platform's own words lift the platform's rules.
"""

from __future__ import annotations

from collections.abc import Sequence

from remit.checked.acts import Acts
from remit.checked.clauses import Clauses, first
from remit.checked.model import Constraint, Directive, Norm, Term
from remit.checked.types import TEXT
from remit.text.model import Pattern
from remit_grammar import tree as t


def read_directive(clauses: Clauses, block: t.Block) -> Directive | None:
    """A directive block in its checked form; None, and findings, where it has a mistake."""
    head = block.head
    assert isinstance(head, t.Directive), "a directive is needed"
    key = f"{clauses.unit.name}::{head.name.text}"
    patterns, words = _heard(clauses, block)
    bound = {word: Term("var", (), TEXT, f"{key}:{word}") for word in words}
    norm = _norm(clauses, block, bound)
    judged = first(block, t.HeardJudged)
    if judged is not None:
        clauses.names.asks(judged.judge.text, judged.question)
    implied = first(block, t.Implied) is not None
    lowered = clauses.level(head.at) if head.at is not None else None
    weakest = max(clauses.author, lowered or 0)
    if norm is None:
        return None
    return Directive(
        key, head.name.text, clauses.unit.name, norm, patterns,
        None if judged is None else (judged.question, judged.judge.text), words, implied,
        len(clauses.chain) - 1 if implied else weakest, head.doc, block.span, head.name.span,
        clauses.author,
    )  # fmt: skip


def _heard(clauses: Clauses, block: t.Block) -> tuple[tuple[Pattern, ...], tuple[str, ...]]:
    """The patterns, and the words that each of them takes from the text."""
    from remit.text.patterns import group_names

    conditions = clauses.conditions(None)
    patterns: list[Pattern] = []
    words: tuple[str, ...] | None = None
    for heard in (one for one in block.body if isinstance(one, t.Heard)):
        for node in heard.patterns:
            pattern = conditions.pattern(node)
            if pattern is None:
                continue
            names = group_names(pattern)
            if words is not None and set(names) != set(words):
                _other_words(clauses, node, names, words)
            patterns.append(pattern)
            words = names if words is None else words
    return tuple(patterns), words or ()


def _other_words(
    clauses: Clauses, node: t.Node, names: Sequence[str], words: Sequence[str]
) -> None:
    """Report a pattern that does not take the words that the first one takes."""
    told = " and ".join(f"`{one}`" for one in words) or "no words"
    mine = " and ".join(f"`{one}`" for one in names) or "none"
    message = f"this pattern takes {mine} from the text, and the first one takes {told}"
    help = "give each pattern the same named groups, `(?P<name>...)`, or write two directives"
    clauses.complain("R0507", node.span, message, help=help)


def _norm(clauses: Clauses, block: t.Block, words: dict[str, Term]) -> Norm | Constraint | None:
    head = block.head
    assert isinstance(head, t.Directive), "a directive is needed"
    whole, clauses.acts = clauses.acts, Acts(clauses.names, clauses.unit, clauses.tools, words)
    try:
        return clauses.norm_of(block, head.name, None, head.doc)
    finally:
        clauses.acts = whole
