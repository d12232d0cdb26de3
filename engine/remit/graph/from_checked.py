"""Checked norms -> priority graph, with every finding about how they fit together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from graphlib import CycleError, TopologicalSorter
from heapq import heappop, heappush

from remit.checked.model import DEFAULT, HOLDS_BACK, PERMIT, PROTECT, Checked, Norm
from remit.graph.cycles import find_cycles
from remit.graph.model import Edge, PriorityGraph
from remit.graph.opposition import can_meet, opposes, verdict
from remit.graph.review import review
from remit_grammar.diagnostic import Diagnostic, Label


def build_graph(checked: Checked) -> tuple[PriorityGraph, list[Diagnostic]]:
    """The graph, and findings: circles, overrides without authority, ambiguities, idle permits."""
    found = _overrides_without_authority(checked)
    norms = sorted(checked.norms, key=lambda norm: (norm.strength, norm.id))
    goals = checked.goals if checked.strict_goals else ()
    edges = _edges(norms, goals, checked)
    graph = PriorityGraph(tuple(norms), edges, checked.chain)
    order = _winning_order(graph)
    if order is None:
        return graph, found + find_cycles(graph)
    graph = _renumbered(graph, order)
    return graph, found + review(graph, checked)


def _edges(
    norms: Sequence[Norm], goals: Sequence[str], checked: Checked
) -> dict[tuple[int, int], Edge]:
    edges: dict[tuple[int, int], Edge] = {}
    meeting: dict[tuple[str, str], bool] = {}  # by the keys of acts, which say what the acts are
    for i, j in _pairs(norms):
        first, second = norms[i], norms[j]
        if not opposes(first, second):
            continue
        keys = first.act.key, second.act.key
        if keys not in meeting:
            meeting[keys] = can_meet(first.act, second.act, checked.tools)
        if not meeting[keys]:
            continue
        ordered = goals if first.strength >= checked.goals_rank else ()
        for first_wins, reason in verdict(first, second, ordered):
            winner, loser = (i, j) if first_wins else (j, i)
            edges[winner, loser] = Edge(winner, loser, reason)
    return edges


def _pairs(norms: Sequence[Norm]) -> Iterator[tuple[int, int]]:
    """Pairs that may oppose: found by act, by name and by kind, not by trying all of them.

    Some come twice.
    """
    by_key: dict[str, list[int]] = defaultdict(list)
    by_id = {norm.id: i for i, norm in enumerate(norms)}
    holding = [i for i, norm in enumerate(norms) if norm.modality in HOLDS_BACK]
    defaults = [i for i in holding if norms[i].modality == DEFAULT]
    for i in holding:
        by_key[norms[i].act.key].append(i)
    for i, norm in enumerate(norms):
        others: list[int] = [
            by_id[name] for name in (*norm.overrides, *norm.lifts) if name in by_id
        ]
        if norm.modality == PERMIT:
            others += [*by_key[norm.act.key], *defaults]
        elif norm.modality == PROTECT:
            others += holding
        for j in others:
            if i != j:
                yield (i, j) if i < j else (j, i)


def _overrides_without_authority(checked: Checked) -> list[Diagnostic]:
    """An exception has at least the strength of what it overrides (semantics 4, reason 2)."""
    by_id = {norm.id: norm for norm in checked.norms}
    found = []
    for norm in checked.norms:
        for other in (by_id.get(name) for name in norm.overrides):
            if other is None or norm.strength <= other.strength or norm.span is None:
                continue
            needs, has = checked.level(other.strength), checked.level(norm.strength)
            where = (Label(other.head, f"strength {needs}"),) if other.head else ()
            message = f"`{norm.name}` has `{has}`; to override `{other.name}` takes `{needs}`"
            if norm.author <= other.strength:
                help = (
                    f"this clause was lowered to `{has}`: leave out its `at`, or write `at {needs}`"
                )
            else:
                help = (
                    f"ask the owner of `{other.spec}` to lower the clause, or to add an exception"
                )
            found.append(Diagnostic("R0602", message, Label(norm.span), where, help=help))
    return found


def _winning_order(graph: PriorityGraph) -> list[int] | None:
    """The norms by strength, and within a strength winners first; ties by id. None for a circle.

    The standard library's sorter is at hand at once, where a graph library takes longer to load
    than most policies to compile.
    """
    sorter: TopologicalSorter[int] = TopologicalSorter(dict.fromkeys(range(len(graph.norms)), ()))
    for winner, loser in graph.edges:
        sorter.add(loser, winner)
    try:
        sorter.prepare()
    except CycleError:
        return None
    ready: list[tuple[int, str, int]] = []
    order: list[int] = []
    while sorter.is_active():
        for at in sorter.get_ready():
            heappush(ready, (graph.norms[at].strength, graph.norms[at].id, at))
        order.append(heappop(ready)[-1])
        sorter.done(order[-1])
    return sorted(order, key=lambda at: graph.norms[at].strength)


def _renumbered(graph: PriorityGraph, order: Sequence[int]) -> PriorityGraph:
    """The same graph with its norms in another order."""
    place = {old: new for new, old in enumerate(order)}
    edges = {
        (place[w], place[lo]): Edge(place[w], place[lo], edge.reason)
        for (w, lo), edge in graph.edges.items()
    }
    return PriorityGraph(tuple(graph.norms[old] for old in order), edges, graph.chain)
