"""Circles in the priority graph: each is an error that shows every clause on the way."""

from __future__ import annotations

from remit.graph.model import PriorityGraph
from remit_grammar.diagnostic import Diagnostic, Label


def find_cycles(graph: PriorityGraph) -> list[Diagnostic]:
    """One finding for each group of norms that beat each other in a circle."""
    import networkx as nx

    found = []
    for group in nx.strongly_connected_components(graph.digraph):
        if len(group) > 1:
            part = graph.digraph.subgraph(group)
            start = min(group, key=lambda index: graph.norms[index].id)
            ring = [start, *_way_back(part, start)]
            found.append(_circle(graph, ring))
    return sorted(found, key=lambda one: one.message)


def _way_back(part: object, start: int) -> list[int]:
    """The shortest way from a node back to itself, the node itself left out at both ends."""
    import networkx as nx

    graph: nx.DiGraph[int] = part  # type: ignore[assignment]
    ways = [nx.shortest_path(graph, step, start) for step in graph.successors(start)]
    best: list[int] = min(ways, key=lambda way: (len(way), way))
    return best[:-1]


def _circle(graph: PriorityGraph, ring: list[int]) -> Diagnostic:
    norms = [graph.norms[index] for index in ring]
    labels = []
    for index, norm in enumerate(norms):
        following = norms[(index + 1) % len(norms)]
        edge = graph.edges[ring[index], ring[(index + 1) % len(ring)]]
        if norm.head is not None:
            labels.append(Label(norm.head, f"beats `{following.name}` ({edge.reason})"))
    names = " > ".join(f"`{norm.name}`" for norm in [*norms, norms[0]])
    first, *rest = labels
    return Diagnostic(
        "R0701", f"these clauses beat each other in a circle: {names}", first, tuple(rest),
        help="take out one `overrides`, or say with `goals ... strict` what comes first",
    )  # fmt: skip
