"""Values as people read them."""

from __future__ import annotations

from remit.bench.model import Goal, Table, Unit, Value

_SECONDS = ((1.0, 1.0, "s"), (1e-3, 1e3, "ms"), (0.0, 1e6, "µs"))
_BYTES = ((1e9, 1e-9, "GB"), (1e6, 1e-6, "MB"), (1e3, 1e-3, "kB"), (0.0, 1.0, "B"))


def cell(value: Value, unit: Unit) -> str:
    """A value with its unit, three digits long."""
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    if unit == "seconds":
        return _scaled(value, _SECONDS)
    if unit == "bytes":
        return _scaled(value, _BYTES)
    return {
        "percent": f"{value:.1f} %",
        "times": f"{digits(value)}×",
        "per second": f"{digits(value)}/s",
    }.get(unit, digits(value))


def cells(table: Table) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Head and rows as texts; a ratio stands in one column with the value that it belongs to."""
    spans: list[tuple[int, ...]] = []
    for index, column in enumerate(table.columns):
        if index and column.name.startswith(f"{table.columns[index - 1].name} over "):
            spans[-1] += (index,)
        else:
            spans.append((index,))
    heads = [_head(table, span) for span in spans]
    rows = [
        (row.name, *("  ".join(cell(row.values[at], table.columns[at].unit) for at in span)
                     for span in spans))
        for row in table.rows
    ]  # fmt: skip
    return (table.head, *heads), rows


def _head(table: Table, span: tuple[int, ...]) -> str:
    first, *more = (table.columns[at].name for at in span)
    return f"{first}  (over{more[0].rpartition(' over')[2]})" if more else first


def digits(value: float) -> str:
    """Three digits, without an exponent."""
    size = abs(value)
    if size >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if size >= 10 else f"{value:.2f}" if size >= 0.1 else f"{value:.2g}"


def _scaled(value: float, scales: tuple[tuple[float, float, str], ...]) -> str:
    for least, factor, name in scales:
        if abs(value) >= least:
            return f"{digits(value * factor)} {name}"
    return f"{value}"


def share(value: float) -> str:
    """A ratio below one as a fraction: 1/50."""
    return f"1/{digits(1 / value)}" if 0 < value < 0.9 else digits(value)


def goal_row(goal: Goal) -> tuple[str, str, str, str]:
    """What was to be reached, what was, the bound, and whether it was met."""
    tell = share if goal.unit == "times" else lambda value: cell(value, goal.unit)
    sign = "≤" if goal.most else "≥"
    return goal.what, tell(goal.value), f"{sign} {tell(goal.bound)}", "yes" if goal.met else "no"


GOAL_HEAD = ("goal", "here", "bound", "met")
