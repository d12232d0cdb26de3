"""Where norms and edges stand in a picture: bands by strength, the strongest on top.

Norms stand on a grid of columns. Edges run in the gutters between cards and never across one; those
of one winner and one reason share a lane. Knows numbers only, nothing of SVG. Lengths are pixels.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from remit.graph.model import Edge, PriorityGraph

CARD = 60  # height of a card
LANE = 6  # between two lanes of a gutter
HEAD = 26  # of a band, where its name stands
CAPTION = 20  # of a section, where its spec's name stands
ARROW = 24  # above a card that is beaten: arrow head and reason
GAP = 12
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Band:
    """The place of a level. `captions` are names of specs with their baselines."""

    rank: int
    top: float
    bottom: float
    captions: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Wire:
    """The way of an edge: a line through `points`, downwards."""

    edge: Edge
    points: tuple[Point, ...]


@dataclass(slots=True)
class Layout:
    """A laid out graph. `cards` are the upper left corners by number of norm, all `card` wide."""

    width: float
    card: float
    height: float = 0
    cards: dict[int, Point] = field(default_factory=dict)
    bands: list[Band] = field(default_factory=list)
    wires: list[Wire] = field(default_factory=list)


@dataclass(slots=True)
class _Grid:
    """Columns and rows before there are lengths. `row_of` and `column_of` are by number of norm."""

    columns: int
    row_of: dict[int, int] = field(default_factory=dict)
    column_of: dict[int, int] = field(default_factory=dict)
    rows: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))  # of a rank
    captions: dict[int, str] = field(default_factory=dict)  # of a row
    count: int = 0


def lay_out(graph: PriorityGraph, width: float, columns: int) -> Layout:
    """Place every norm and edge of a graph without circles."""
    grid = _Grid(columns)
    for rank in range(len(graph.chain) + 1):
        _fill(grid, graph, rank)
    return _Measure(graph, grid, width).layout()


# ---- norms on the grid


def _fill(grid: _Grid, graph: PriorityGraph, rank: int) -> None:
    """Place the norms of one strength, spec by spec."""
    members = [n for n, norm in enumerate(graph.norms) if norm.strength == rank]
    blocks = sorted(_blocks(graph, members, grid.columns), key=lambda one: _key(graph, one))
    several = len({graph.norms[n].spec for n in members}) > 1
    for spec, group in groupby(blocks, key=lambda one: _spec(graph, one)):
        if several:
            grid.captions[grid.count] = spec
        first = grid.count
        _shelve(grid, list(group))
        grid.rows[rank] += range(first, grid.count)


def _blocks(
    graph: PriorityGraph, members: Sequence[int], columns: int
) -> Iterator[list[list[int]]]:
    """Norms that belong together, in rows: who beats another stands above it."""
    import networkx as nx

    part: Any = graph.digraph.subgraph(members)
    for group in nx.weakly_connected_components(part):
        layers = [sorted(layer) for layer in nx.topological_generations(part.subgraph(group))]
        yield [
            layer[start : start + columns]
            for layer in layers
            for start in range(0, len(layer), columns)
        ]


def _spec(graph: PriorityGraph, block: list[list[int]]) -> str:
    return graph.norms[block[-1][0]].spec


def _key(graph: PriorityGraph, block: list[list[int]]) -> tuple[Any, ...]:
    """By spec; within one, taller blocks first, then what beats or is beaten, then by act."""
    norm = graph.norms[block[-1][0]]
    lonely = not any(block[-1][0] in pair for pair in graph.edges)
    return norm.spec, -len(block), lonely, norm.act.kind, norm.act.text, norm.id


def _shelve(grid: _Grid, blocks: Iterable[list[list[int]]]) -> None:
    """Put blocks side by side while there is room, then begin a new shelf."""
    column, depth = 0, 0
    for block in blocks:
        wide = max(len(row) for row in block)
        if column + wide > grid.columns:
            grid.count += depth
            column = depth = 0
        for down, row in enumerate(block):
            for right, norm in enumerate(row):
                grid.row_of[norm] = grid.count + down
                grid.column_of[norm] = column + right
        column, depth = column + wide, max(depth, len(block))
    grid.count += depth


# ---- from the grid to lengths


class _Measure:
    """Lanes are counted first, for they say how wide each gutter must be."""

    def __init__(self, graph: PriorityGraph, grid: _Grid, width: float) -> None:
        self.graph, self.grid = graph, grid
        self.most = 8 if width > 600 else 4  # lanes of one vertical gutter
        self.across: dict[int, dict[object, int]] = defaultdict(dict)  # lanes above a row
        self.down: dict[int, dict[object, int]] = defaultdict(dict)  # lanes left of a column
        self.leaves: dict[int, list[str]] = defaultdict(list)  # reasons at the foot of a card
        self.enters: dict[int, list[str]] = defaultdict(list)  # reasons at its head
        edges = [graph.edges[pair] for pair in sorted(graph.edges)]
        self.routes = [(edge, *self.route(edge)) for edge in edges]
        self.x: list[float] = []
        self.gutter: list[float] = []
        self.row_y: dict[int, float] = {}
        self.lane_y: dict[int, float] = {}
        widths = [GAP + LANE * min(len(self.down[n]), self.most) for n in range(grid.columns + 1)]
        self.out = Layout(width, (width - sum(widths)) / grid.columns)
        at = 0.0
        for wide in widths:
            self.gutter.append(at + GAP / 2 + LANE / 2)
            self.x.append(at + wide)
            at += wide + self.out.card

    def route(self, edge: Edge) -> tuple[tuple[int, int], tuple[int, int], tuple[int, int]]:
        """The lanes of an edge: below the winner, down to the loser's row, above the loser.

        Each is a gutter and a lane of it; a gutter of -1 stands for none.
        """
        grid, reason = self.grid, edge.reason
        for ends, norm in ((self.leaves, edge.winner), (self.enters, edge.loser)):
            if reason not in ends[norm]:
                ends[norm].append(reason)
        first, last = grid.row_of[edge.winner] + 1, grid.row_of[edge.loser]
        leave = first, _lane(self.across[first], (edge.winner, reason))
        if first == last:
            return leave, (-1, 0), leave
        here = grid.column_of[edge.winner]
        column = here + 1 if here < grid.columns / 2 else here
        down = column, _lane(self.down[column], (edge.winner, reason)) % self.most
        return leave, down, (last, _lane(self.across[last], (edge.winner, reason, "in")))

    def layout(self) -> Layout:
        """Everything in its place."""
        y = 0.0
        for rank in range(len(self.graph.chain) + 1):
            rows = self.grid.rows.get(rank, [])
            if rows or rank < len(self.graph.chain):
                y = self.band(rank, rows, y)
        for norm, row in self.grid.row_of.items():
            self.out.cards[norm] = self.x[self.grid.column_of[norm]], self.row_y[row]
        self.out.wires = [Wire(edge, self.points(edge, *ways)) for edge, *ways in self.routes]
        self.out.height = y
        return self.out

    def band(self, rank: int, rows: Sequence[int], y: float) -> float:
        """Place one band; what is below it begins at the result."""
        if rows:
            y = self.lanes(rows[0], y)
        top, captions = y, []
        y += HEAD
        for number, row in enumerate(rows):
            y = self.lanes(row, y) if number else y
            if row in self.grid.captions:
                captions.append((self.grid.captions[row], y + CAPTION - 6))
                y += CAPTION
            beaten = any(self.grid.row_of[edge.loser] == row for edge, *_ in self.routes)
            y += ARROW if beaten else GAP / 2
            self.row_y[row] = y
            y += CARD + GAP / 2
        self.out.bands.append(Band(rank, top, y + 4, tuple(captions)))
        return y + 4 + GAP

    def lanes(self, row: int, y: float) -> float:
        """Make room for the lanes above a row."""
        self.lane_y[row] = y + LANE / 2
        count = len(self.across[row])
        return y + LANE * count + (GAP / 2 if count else 0)

    def points(self, edge: Edge, *ways: tuple[int, int]) -> tuple[Point, ...]:
        """The corners of an edge."""
        leave, down, enter = ways
        out = self.port(edge.winner, edge.reason, self.leaves)
        into = self.port(edge.loser, edge.reason, self.enters)
        bottom = self.row_y[self.grid.row_of[edge.winner]] + CARD
        top = self.row_y[self.grid.row_of[edge.loser]]
        below = self.lane_y[leave[0]] + LANE * leave[1]
        above = self.lane_y[enter[0]] + LANE * enter[1]
        if down[0] < 0:
            return (out, bottom), (out, below), (into, below), (into, top)
        x = self.gutter[down[0]] + LANE * down[1]
        return (out, bottom), (out, below), (x, below), (x, above), (into, above), (into, top)

    def port(self, norm: int, reason: str, ends: dict[int, list[str]]) -> float:
        """Where on a card edges of one reason begin or end."""
        reasons = sorted(ends[norm])
        share = (reasons.index(reason) + 1) / (len(reasons) + 1)
        return self.x[self.grid.column_of[norm]] + self.out.card * share


def _lane(lanes: dict[object, int], key: object) -> int:
    """The lane of a bundle of edges, a new one for a new bundle."""
    return lanes.setdefault(key, len(lanes))
