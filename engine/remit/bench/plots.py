"""Pictures of tables: times by size, both logarithmic, one line an entrant; or a point a row.

SVG on no background, with colours and a grey that read well on white and on black.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from io import StringIO
from typing import Any

from remit.bench.model import Column, Table
from remit.bench.tables import OURS

GREY = "#808080"
COLOURS = (
    "#e6550d", "#3182bd", "#31a354", "#9467bd", "#b8860b", "#17a2b8", "#d6616b", "#7f7f7f",
    "#8c6d31", "#6b6ecf",
)  # fmt: skip
MARKERS = "osD^vPX"
MOST = 10  # lines that can be told apart
STYLE: Mapping[str, Any] = {
    "svg.fonttype": "none", "svg.hashsalt": "remit", "font.size": 9, "text.color": GREY,
    "axes.labelcolor": GREY, "axes.edgecolor": GREY, "xtick.color": GREY, "ytick.color": GREY,
    "axes.spines.top": False, "axes.spines.right": False,
}  # fmt: skip
_UNITS = {"seconds": (1e6, "µs"), "bytes": (1e-6, "MB")}


def has_picture(table: Table) -> bool:
    """Whether there is an axis with more than one place on it, or a point a row."""
    return table.plot == "points" or (bool(table.axis) and len(_places(table)) > 1)


def picture(table: Table) -> str:
    """The SVG of a table. Raises `ImportError` where matplotlib is not there."""
    matplotlib: Any = import_module("matplotlib")
    figure_of: Any = import_module("matplotlib.figure").Figure
    with matplotlib.rc_context({"backend": "svg", **STYLE}):
        figure = figure_of(figsize=(7, 3.6), layout="constrained")
        axes = figure.subplots()
        (_points if table.plot == "points" else _draw)(axes, table)
        out = StringIO()
        figure.savefig(out, format="svg", transparent=True, metadata={"Date": None})
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def _places(table: Table) -> list[tuple[int, Column]]:
    return [(index, one) for index, one in enumerate(table.columns)
            if one.at is not None and "saved" not in one.name]  # fmt: skip


def _draw(axes: Any, table: Table) -> None:
    places = _places(table)
    factor, unit = _UNITS[places[0][1].unit]
    for number, row in enumerate(table.rows[:MOST]):
        points = [
            (column.at, value * factor) for index, column in places
            if isinstance(value := row.values[index], (int, float))
        ]  # fmt: skip
        if points:
            axes.plot(
                *zip(*points, strict=True), label=row.name, marker="o", markersize=3,
                color=COLOURS[number], linewidth=2.5 if row.name == OURS else 1.2,
            )  # fmt: skip
    axes.set(xscale="log", yscale="log", xlabel=table.axis, ylabel=unit)
    axes.grid(visible=True, alpha=0.25)
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)


def _points(axes: Any, table: Table) -> None:
    """Shares against shares. Points that fall together are told apart by their markers."""
    for number, row in enumerate(table.rows[:MOST]):
        across, up = row.values[:2]
        axes.plot(
            across, up, label=row.name, marker=MARKERS[number % len(MARKERS)], linestyle="",
            color=COLOURS[number], markersize=9, fillstyle="none" if number % 2 else "full",
        )  # fmt: skip
    across, up = (f"{one.name}, %" for one in table.columns[:2])
    axes.set(xlim=(0, 104), ylim=(0, 104), xlabel=across, ylabel=up)
    axes.grid(visible=True, alpha=0.25)
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
