"""What a benchmark gives: tables, goals, and what went wrong. Plain data, made for programs too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Unit = Literal["seconds", "bytes", "times", "per second", "count", "percent", "text"]
Value = float | str | None


@dataclass(frozen=True, slots=True)
class Column:
    """`at` is the place on the horizontal axis of a plot, for columns that belong to one."""

    name: str
    unit: Unit = "seconds"
    at: float | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A value for each column; None where nothing was measured.

    `samples` are the values of each turn, by the name of the column.
    """

    name: str
    values: tuple[Value, ...]
    samples: Mapping[str, tuple[float, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Table:
    """`head` names what stands in the first column; `axis` what the columns with a place are.

    `plot` is `points` where each row is a point: its first two values are the place.
    """

    title: str
    head: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    axis: str = ""
    notes: tuple[str, ...] = ()
    plot: Literal["lines", "points"] = "lines"


@dataclass(frozen=True, slots=True)
class Goal:
    """What was set out to be reached: a value and its bound, which is the most or the least.

    `met` says whether it was reached in this run.
    """

    what: str
    value: float
    bound: float
    unit: Unit = "times"
    most: bool = True
    met: bool = field(init=False)

    def __post_init__(self) -> None:
        met = self.value <= self.bound if self.most else self.value >= self.bound
        object.__setattr__(self, "met", met)


@dataclass(frozen=True, slots=True)
class Wrong:
    """Wrong answers of an entrant."""

    entrant: str
    where: str
    wrong: int
    checked: int
    example: str


@dataclass(frozen=True, slots=True)
class Report:
    """A benchmark that was run. `missing` are engines that took no part, with the reason.

    `misses` are verdicts that are not as they should be, `problems` what could not be read.
    """

    name: str
    title: str
    command: str
    machine: Mapping[str, str]
    tables: tuple[Table, ...]
    goals: tuple[Goal, ...]
    checked: int
    wrong: tuple[Wrong, ...]
    missing: Mapping[str, str]
    notes: tuple[str, ...]
    seconds: float
    misses: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As plain data, as `remit show schema bench` describes it."""
        return asdict(self)
