"""What a policy owner should know of directives: which lift nothing, and which win too much."""

from __future__ import annotations

from collections.abc import Iterator

from remit.checked.model import (
    HOLDS_BACK,
    PERMIT,
    Checked,
    Directive,
    Norm,
    Term,
    conditions_of,
)  # fmt: skip
from remit.graph.model import PriorityGraph
from remit.graph.opposition import can_meet, lifts, opposes, verdict
from remit_grammar.diagnostic import Diagnostic, Label
from remit_grammar.value import replace

NOW = (0, 0)  # where a directive is taken to be said, when it is only asked what it would beat


def review_directives(graph: PriorityGraph, checked: Checked) -> list[Diagnostic]:
    """Every finding about the norms that directives would become."""
    if not checked.directives:
        return []
    looked_for = set(_looked_for(checked))
    found = [_idle(one) for one in checked.directives
             if _is_idle(one, checked) and not {one.id, None} & looked_for]  # fmt: skip
    return found + list(_never_beats(graph, checked))


def _looked_for(checked: Checked) -> Iterator[str | None]:
    """The directives that `a void directive ... asking for it` looks for; None for any.

    To be looked for is use enough: such a permit says what an order is about.
    """
    norms = [one.norm for one in checked.directives if isinstance(one.norm, Norm)]
    for norm in (*checked.norms, *norms):
        for term in conditions_of(norm):
            yield from _asking(term)


def _asking(term: Term) -> Iterator[str | None]:
    if term.op == "void" and term.value[2]:
        yield term.value[0]
    for arg in term.args:
        yield from _asking(arg)


def would_be(directive: Directive, rank: int, checked: Checked) -> Norm | None:
    """The norm that a directive becomes when someone of a rank says it; None for a setting."""
    norm = directive.norm
    if not isinstance(norm, Norm):
        return None
    author = max(rank, directive.author)
    weakest = len(checked.chain) - 1 if directive.implied else directive.weakest
    return replace(norm, author=author, strength=max(author, weakest), said=NOW)


def _is_idle(directive: Directive, checked: Checked) -> bool:
    """Whether a permit finds nothing that it could lift, whoever says it."""
    if not isinstance(directive.norm, Norm) or directive.norm.modality != PERMIT:
        return False
    others = [one.norm for one in checked.directives if isinstance(one.norm, Norm)]
    closed = [one for one in (*checked.norms, *others) if one.modality in HOLDS_BACK]
    permit = replace(directive.norm, author=len(checked.chain))
    return not any(lifts(permit, one) for one in closed)


def _idle(directive: Directive) -> Diagnostic:
    label = Label(directive.norm.span, "nothing is forbidden here that it could lift") if (
        directive.norm.span) else None  # fmt: skip
    help = "name the clause that it lifts: `permit CLAUSE`"
    message = f"the permit `{directive.name}` lifts nothing"
    return Diagnostic("R0703", message, label, help=help)


def _never_beats(graph: PriorityGraph, checked: Checked) -> Iterator[Diagnostic]:
    """`never ... a norm spoken by X beats a norm of strength Y`, of what X could say."""
    for title, speaker, strength, span in checked.never_beats:
        held = [one for one in graph.norms
                if one.strength == strength and one.modality in HOLDS_BACK]  # fmt: skip
        for directive in checked.directives:
            made = would_be(directive, speaker, checked)
            if made is None or made.author != speaker:
                continue
            for norm in held:
                if _beats(made, norm, checked):
                    where = (Label(norm.head, "loses"),) if norm.head else ()
                    message = f"`{title}` can happen: `{directive.name}`, said by"
                    message += f" `{checked.level(speaker)}`, beats `{norm.name}`"
                    yield Diagnostic("R0704", message, Label(span), where)


def _beats(made: Norm, norm: Norm, checked: Checked) -> bool:
    if not (opposes(made, norm) and can_meet(made.act, norm.act, checked.tools)):
        return False
    goals = checked.goals if made.strength >= checked.goals_rank else ()
    return verdict(made, norm, goals if checked.strict_goals else ())[0][0]
