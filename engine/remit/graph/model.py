"""The priority graph as a value: norms in a fixed order, and who beats whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from remit_grammar.value import value

if TYPE_CHECKING:
    import networkx

    from remit.checked.model import Norm


@value
class Edge:
    """`winner` beats `loser` (indices into the norms) where both apply, for `reason`.

    `words.why` are the pieces of source that made it so.
    """

    winner: int
    loser: int
    reason: str


@dataclass(frozen=True)
class PriorityGraph:
    """Norms, and the edges between those that oppose each other.

    `norms` stand by strength, and within a strength whoever beats another comes first; the order
    depends only on what the specs say, never on the order of files or clauses.
    """

    norms: tuple[Norm, ...]
    edges: Mapping[tuple[int, int], Edge]
    chain: tuple[str, ...]

    @cached_property
    def digraph(self) -> networkx.DiGraph[int]:
        """The same as a networkx graph: nodes are indices, edges carry `reason`."""
        import networkx as nx

        graph: networkx.DiGraph[int] = nx.DiGraph()
        graph.add_nodes_from(range(len(self.norms)))
        graph.add_edges_from(
            (w, lo, {"reason": edge.reason}) for (w, lo), edge in self.edges.items()
        )
        return graph

    def level(self, rank: int) -> str:
        """The name of a rank."""
        return self.chain[rank] if rank < len(self.chain) else "none"
