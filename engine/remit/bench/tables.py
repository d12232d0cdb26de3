"""Tables from races: times of each entrant by size, and how many times Remit's they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from remit.bench.arena.measure import Samples, ratio
from remit.bench.model import Column, Row, Table, Unit, Value

OURS = "remit"
Races = Mapping[float, Mapping[str, Samples]]  # by size, then by entrant


def by_size(
    title: str, races: Races, axis: str, *, head: str = "engine", base: str | None = OURS,
    notes: Sequence[str] = (), growth: bool = True,
) -> Table:  # fmt: skip
    """A row for each entrant; for each size its time, and that over the time of `base`."""
    sizes = list(races)
    columns: list[Column] = []
    for size in sizes:
        columns.append(Column(f"{size:,}", "seconds", size))
        columns += [Column(f"{size:,} over {base}", "times")] if base else []
    if growth and len(sizes) > 1:
        columns += [Column(f"{sizes[0]:,} → {size:,}", "times") for size in sizes[1:]]
    names = dict.fromkeys(name for race in races.values() for name in race)
    rows = [_row(name, races, base, growth) for name in names]
    return Table(title, head, tuple(columns), tuple(rows), axis, tuple(notes))


def _row(name: str, races: Races, base: str | None, growth: bool) -> Row:
    values: list[Value] = []
    samples = {}
    for size, race in races.items():
        own = race.get(name, Samples(()))
        samples[f"{size:,}"] = own.seconds
        values += [own.median, against(race, name, base)] if base else [own.median]
    if growth:
        first, *rest = [race.get(name, Samples(())) for race in races.values()]
        values += [ratio(last, first) for last in rest]
    return Row(name, tuple(values), samples)


def against(race: Mapping[str, Samples], name: str, base: str = OURS) -> float | None:
    """How many times the time of `base` an entrant takes; None where one did not finish."""
    if name == base or name not in race or base not in race:
        return 1.0 if name == base and name in race else None
    return ratio(race[name], race[base])


def in_one(
    title: str, race: Mapping[str, Samples], base: str, *, head: str = "what",
    notes: Sequence[str] = (),
) -> Table:  # fmt: skip
    """A row for each entrant of one race: its time, the span over the turns, and the ratio."""
    columns = (Column("time"), Column("least"), Column("most"), Column(f"over {base}", "times"))
    rows = [
        Row(name, (one.median, *span(one), against(race, name, base)), {"time": one.seconds})
        for name, one in race.items()
    ]
    return Table(title, head, columns, tuple(rows), notes=tuple(notes))


def span(samples: Samples) -> tuple[float | None, float | None]:
    """The least and the most over the turns."""
    return min(samples.seconds, default=None), max(samples.seconds, default=None)


def plain(
    title: str, head: str, columns: Sequence[str], rows: Mapping[str, Sequence[Value]],
    unit: Unit = "count", notes: Sequence[str] = (),
) -> Table:  # fmt: skip
    """A table of numbers of one kind."""
    return Table(
        title, head, tuple(Column(one, unit) for one in columns),
        tuple(Row(name, tuple(values)) for name, values in rows.items()), notes=tuple(notes),
    )  # fmt: skip
