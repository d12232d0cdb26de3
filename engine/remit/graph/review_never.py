"""`never ... allow ACT without HAPPENING before`: whether a `require` that nothing beats says so.

Sound, not complete: a claim that no single `require` shows is refused, though several may show it.
"""

from __future__ import annotations

from collections.abc import Iterator

from remit.checked.identity import canonical
from remit.checked.model import REQUIRE, Checked, Happening, NeverAllow, Norm, Term
from remit.graph.model import PriorityGraph
from remit.graph.opposition import can_meet, opposes, verdict
from remit.graph.review_said import would_be
from remit_grammar.diagnostic import Diagnostic, Label

HOLDS = ("deny", "ask", "halt")  # remedies with which a step does not go on


def never_allowed(graph: PriorityGraph, checked: Checked) -> list[Diagnostic]:
    """A finding for each claim that nothing in the policy bears out."""
    return [one for claim in checked.never_allow for one in _of_claim(claim, graph, checked)]


def _of_claim(claim: NeverAllow, graph: PriorityGraph, checked: Checked) -> Iterator[Diagnostic]:
    if claim.span is None:
        return
    saying = [index for index, norm in enumerate(graph.norms) if _says_so(norm, claim)]
    if not saying:
        help = f"write a clause that requires it before `{claim.act.text}`, with nothing besides"
        message = f"no `require` shows that `{claim.title}` cannot happen"
        yield Diagnostic("R0704", message, Label(claim.span), help=help)
        return
    beaten = {index: name for index in saying for name in _beaters(index, graph, checked)}
    if len(beaten) == len(saying):
        norm = graph.norms[saying[0]]
        where = (Label(norm.head, "loses"),) if norm.head else ()
        message = f"`{claim.title}` can happen: `{beaten[saying[0]]}` beats `{norm.name}`"
        yield Diagnostic("R0704", message, Label(claim.span), where)


def _says_so(norm: Norm, claim: NeverAllow) -> bool:
    """Whether a `require` needs at least what the claim speaks of, of the same act."""
    if norm.modality != REQUIRE or norm.unless is not None or norm.act.key != claim.act.key:
        return False
    if norm.remedy.kind not in HOLDS or norm.if_unknown not in (None, *HOLDS):
        return False
    where = norm.where
    return where is not None and where.op == "not" and _implies(where.args[0], claim.needed)


def _implies(needed: Term, claimed: Term) -> bool:
    """Whether what is needed, since something or within a window, is at least what is claimed."""
    if needed.op != "past" or [*map(canonical, needed.args)] != [*map(canonical, claimed.args)]:
        return False
    mine, other = needed.value, claimed.value
    if _same(mine.what) != _same(other.what):
        return False
    same_since = other.since is None or (
        mine.since is not None and _same(mine.since) == _same(other.since)
    )
    if other.within is None or mine.within is None or mine.unit != other.unit:
        return same_since and other.within is None
    return same_since and mine.within <= other.within


def _same(happening: Happening) -> tuple[str, list[str]]:
    """What makes two happenings the same: the act, and the values by which it is looked up."""
    return happening.act.key, [*map(canonical, happening.keys)]


def _beaters(index: int, graph: PriorityGraph, checked: Checked) -> Iterator[str]:
    """Names of what can beat a norm: standing norms, and directives that someone may say."""
    for edge in graph.edges.values():
        if edge.loser == index:
            yield graph.norms[edge.winner].name
    norm = graph.norms[index]
    for directive in checked.directives:
        for rank in range(len(checked.chain)):
            made = would_be(directive, rank, checked)
            if made is None or not opposes(made, norm):
                continue
            if can_meet(made.act, norm.act, checked.tools) and verdict(made, norm, ())[0][0]:
                yield directive.name
