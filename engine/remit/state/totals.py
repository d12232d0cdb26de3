"""What a fold without a window holds for one key: running totals."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from remit.program.values import UNKNOWN, Partly, is_number, keyed
from remit.state.amounts import AMOUNTS, Exact, exact, rounded, taken, total_of
from remit.state.moment import (
    Moment,
    count_of,
    later,
    maybe_moment_of,
    moment_to_data,
)  # fmt: skip

if TYPE_CHECKING:
    from remit.checked.model import History

MOST_DISTINCT = 10_000  # different values that are counted


@dataclass(slots=True)
class Totals:
    """Running totals of `count` steps. `value` is the first, last, smallest or largest.

    `total` is their exact sum, `values` what is told apart or remembered. `newest` is the last step
    that surely counts, `unsure` the last that may. `begun` is the number of the step since which
    they run, where a `since` for this key was seen; `settled` how many doubts of the fold they have
    in them.
    """

    count: int = 0
    value: Any = None
    total: Exact = 0
    values: dict[Any, Any] = field(default_factory=dict)
    newest: Moment | None = None
    unsure: Moment | None = None
    begun: int | None = None
    settled: int = 0

    def add(self, history: History, at: Moment, value: Any, *, sure: bool) -> bool:
        """Take in a step that counts, or may. False where a value had to be left out."""
        value = taken(history.fold, value)
        if not sure or value is UNKNOWN:
            self.unsure = at
            return True
        self.newest = at
        if history.fold in ("remember", "distinct"):
            return self._note(history, at, value)
        self.count += 1
        if history.fold == "sum":
            self.total += exact(value)
        elif history.fold not in ("earlier", "count"):
            self.value = _folded(history.fold, self.value, value, first=self.count == 1)
        return True

    def _note(self, history: History, at: Moment, value: Any) -> bool:
        is_list = history.fold == "remember" and isinstance(value, list)
        most = history.most if history.fold == "remember" else MOST_DISTINCT
        has_room = True
        for item in value if is_list else [value]:
            one = keyed(item)
            if item is None or one in self.values:
                continue
            if one is UNKNOWN or len(self.values) >= most:
                self.unsure = at
                has_room = has_room and one is UNKNOWN
            else:
                self.values[one] = item
        return has_room

    def doubt(self, history: History) -> None:
        """From here on all that counted only may count."""
        self.unsure = later(history, self.unsure, self.newest)
        self.count, self.value, self.total, self.newest = 0, None, 0, None
        self.values = {}

    def is_empty(self, history: History, now: Moment) -> bool:
        """Whether nothing in it can matter any more."""
        return self.newest is None and self.unsure is None

    def answer(self, history: History, now: Moment, doubt: Moment | None) -> Any:
        """What the fold comes to; `doubt` is the last step out of sight that may count."""
        fold, unsure = history.fold, later(history, self.unsure, doubt)
        if fold == "remember":
            items = list(self.values.values())
            return items if unsure is None else Partly(items)
        if fold == "earlier":
            return True if self.count else unsure is not None and UNKNOWN
        if fold == "last" and self.newest and unsure and unsure.step < self.newest.step:
            return self.value
        if unsure is not None:
            return UNKNOWN
        if fold == "distinct":
            return len(self.values)
        if fold == "sum":
            return rounded(self.total)
        return self.count if fold == "count" else self.value

    def to_data(self) -> list[Any]:
        """The totals as data, for saving."""
        return [
            self.count, self.value, [self.total.numerator, self.total.denominator],
            list(self.values.values()), moment_to_data(self.newest), moment_to_data(self.unsure),
            self.begun, self.settled,
        ]  # fmt: skip

    @classmethod
    def from_data(cls, history: History, data: Any, now: Moment) -> Totals:
        """Totals from saved data. Raises `ValueError` or `TypeError` where there can be none."""
        count, value, total, items, newest, unsure, begun, settled = data
        if history.fold in AMOUNTS and not (value is None or is_number(value)):
            raise ValueError("an amount that is no number")
        values = {keyed(one): one for one in items}
        if UNKNOWN in values or len(values) > max(MOST_DISTINCT, history.most):
            raise ValueError("values that cannot be told apart")
        return cls(
            count_of(count), value, total_of(total), values, maybe_moment_of(newest, now),
            maybe_moment_of(unsure, now), begun_of(begun, now), count_of(settled),
        )  # fmt: skip


def begun_of(value: Any, now: Moment) -> int | None:
    """The number of a step, none after `now`. Raises `ValueError`."""
    if value is not None and count_of(value) > now.step:
        raise ValueError("it begins after what is still to come")
    return None if value is None else count_of(value)


def _folded(fold: str, before: Any, value: Any, *, first: bool) -> Any:
    if first or fold == "last":
        return value
    if fold == "first":
        return before
    return min(before, value) if fold == "smallest" else max(before, value)
