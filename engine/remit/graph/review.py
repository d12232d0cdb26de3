"""What a policy owner should know about a graph without circles: ambiguities and idle permits."""

from __future__ import annotations

from collections.abc import Sequence

from remit.checked.model import FORBID, HOLDS_BACK, PERMIT, Checked, Norm
from remit.graph.model import Edge, PriorityGraph
from remit.graph.overlap import Rooms, exclude, rooms_of
from remit.graph.reasons import CAUTION, GOAL
from remit.graph.review_never import never_allowed
from remit.graph.review_said import review_directives
from remit_grammar.diagnostic import Diagnostic, Label

MOST_PAIRS = 50  # ambiguous pairs that are shown one by one


def review(graph: PriorityGraph, checked: Checked) -> list[Diagnostic]:
    """Every finding about the graph as a whole."""
    rooms = [rooms_of(norm) for norm in graph.norms]
    found = _ambiguities(graph, rooms)
    found += _idle_permits(graph)
    found += _never_beats(graph, checked)
    found += review_directives(graph, checked)
    found += never_allowed(graph, checked)
    pairs = zip(graph.norms, rooms, strict=True)
    found += [_never_applies(norm) for norm, room in pairs if room is None]
    return sorted(found, key=lambda one: (one.code, one.message))


def _ambiguities(graph: PriorityGraph, rooms: Sequence[Rooms | None]) -> list[Diagnostic]:
    """The pairs that only caution tells apart, as many as a person may still read."""
    pairs = [
        edge for edge in graph.edges.values()
        if edge.reason == CAUTION and not exclude(rooms[edge.winner], rooms[edge.loser])
    ]  # fmt: skip
    found = [_ambiguity(graph, edge) for edge in pairs[:MOST_PAIRS]]
    if len(pairs) > MOST_PAIRS:
        more = f"and {len(pairs) - MOST_PAIRS:,} more pairs that only caution tells apart"
        help = "most are of the same few acts: give those clauses different strengths, or goals"
        found.append(Diagnostic("R0702", more, help=help))
    return found


def _ambiguity(graph: PriorityGraph, edge: Edge) -> Diagnostic:
    winner, loser = graph.norms[edge.winner], graph.norms[edge.loser]
    level = graph.level(winner.strength)
    primary = Label(winner.span, "wins, since it holds back") if winner.span else None
    secondary = (Label(loser.span, "loses"),) if loser.span else ()
    return Diagnostic(
        "R0702", f"only caution decides between `{winner.name}` and `{loser.name}`",
        primary, secondary,
        notes=(f"both have the strength `{level}`, and one step can be both",),
        help=f"to settle it, write `overrides {loser.name}` in `{winner.name}`, or"
             f" `overrides {winner.name}` in `{loser.name}`, or lower one with `at`",
    )  # fmt: skip


def _idle_permits(graph: PriorityGraph) -> list[Diagnostic]:
    wins = {edge.winner for edge in graph.edges.values()}
    wins |= {edge.loser for edge in graph.edges.values() if edge.reason in (CAUTION, GOAL)}
    return [
        _idle(norm, index, graph)
        for index, norm in enumerate(graph.norms)
        if norm.modality == PERMIT and norm.parent is None and index not in wins
        if not norm.overrides  # an override that is too weak is R0602
    ]


def _idle(norm: Norm, index: int, graph: PriorityGraph) -> Diagnostic:
    """A permit with nothing to lift, with what the author most likely meant."""
    near = [
        other for other in graph.norms
        if other.modality == FORBID and other.act.kind == norm.act.kind
        and (other.act.tools is None or norm.act.tools is None or other.act.tools & norm.act.tools)
    ]  # fmt: skip
    near.sort(key=lambda other: (other.strength < norm.strength, other.spec != norm.spec))
    below = [other for other in near if other.author > norm.author]
    lost = [edge for edge in graph.edges.values() if edge.loser == index]
    if lost:
        return _outranked(norm, graph.norms[lost[0].winner], graph)
    if norm.lifts and below:
        help = (
            f"`{below[0].name}` was issued below this permit's author: who narrowed it can open it"
        )
    elif near and near[0].act.where is not None:
        help = f"to lift a clause, name it: `permit {near[0].name} where ...`"
    elif near:
        help = f"to lift `{near[0].name}`, write `permit {near[0].name}`"
    else:
        help = "nothing forbids this; to keep others from forbidding it, write `protect`"
    label = Label(norm.span, "nothing is forbidden here that it could lift") if norm.span else None
    return Diagnostic("R0703", f"the permit `{norm.name}` lifts nothing", label, help=help)


def _outranked(norm: Norm, winner: Norm, graph: PriorityGraph) -> Diagnostic:
    """A permit that speaks of a norm which is stronger, so that it never wins."""
    takes, has = graph.level(winner.strength), graph.level(norm.strength)
    primary = Label(norm.span, f"has the strength `{has}`") if norm.span else None
    secondary = (Label(winner.span, f"takes `{takes}`"),) if winner.span else ()
    help = f"only who may speak as `{takes}` can lift it, or lower `{winner.name}` with `at {has}`"
    message = f"the permit `{norm.name}` lifts nothing: `{winner.name}` is stronger"
    return Diagnostic("R0703", message, primary, secondary, help=help)


def _never_applies(norm: Norm) -> Diagnostic:
    label = Label(norm.span, "its conditions exclude each other") if norm.span else None
    return Diagnostic("R0503", f"`{norm.name}` can never apply", label, help="check the bounds")


def _never_beats(graph: PriorityGraph, checked: Checked) -> list[Diagnostic]:
    """`never ... a norm spoken by X beats a norm of strength Y` (a claim about every edge)."""
    found = []
    for title, speaker, strength, span in checked.never_beats:
        for edge in graph.edges.values():
            winner, loser = graph.norms[edge.winner], graph.norms[edge.loser]
            if (
                winner.author == speaker
                and loser.strength == strength
                and loser.modality in HOLDS_BACK
            ):
                where = (Label(winner.head, "wins"), Label(loser.head, "loses")) if (
                    winner.head and loser.head) else ()  # fmt: skip
                beats = f"`{winner.name}` beats `{loser.name}` ({edge.reason})"
                message = f"`{title}` can happen: {beats}"
                found.append(Diagnostic("R0704", message, Label(span), where))
    return found
