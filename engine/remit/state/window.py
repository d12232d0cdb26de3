"""What a fold with a window holds for one key: the steps inside it, and their running sum.

Steps leave in the order in which they came, so each is looked at once when it comes and once when
it leaves. A step that is only judged may be later than the next one: what it finds gone comes back.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from remit.program.values import UNKNOWN, keyed
from remit.state.amounts import PRESENT, Exact, exact, rounded, taken
from remit.state.moment import (
    Entry,
    Moment,
    count_of,
    inside,
    later,
    maybe_moment_of,
    moment_of,
    moment_to_data,
)  # fmt: skip
from remit.state.totals import begun_of
from remit_grammar.value import field, record

if TYPE_CHECKING:
    from remit.checked.model import History

MOST_ENTRIES = 10_000  # steps that one window holds for one key
_SLACK = 64  # entries that are gone for good and not yet cleared away


@record
class Window:
    """Entries that surely count, the oldest first; those before `mark` are out, as last looked at.

    Those before `base` are out for good. `total` and `values` are of those inside. `unsure` is the
    last step that may count, or had to go. `begun` and `settled` are as in `Totals`.
    """

    entries: list[Entry] = field(default_factory=list)
    base: int = 0
    mark: int = 0
    total: Exact = 0
    values: Counter[Any] = field(default_factory=Counter)
    unsure: Moment | None = None
    begun: int | None = None
    settled: int = 0

    @property
    def newest(self) -> Moment | None:
        """The last step that surely counts."""
        return self.entries[-1].at if len(self.entries) > self.base else None

    def add(self, history: History, at: Moment, value: Any, *, sure: bool) -> bool:
        """Take in a step that counts, or may. False where one had to go for it."""
        value = taken(history.fold, value)
        if not sure or value is UNKNOWN or (history.unit == "s" and at.time is None):
            self.unsure = later(history, self.unsure, at)
            return True
        self._look(history, at)
        self.base = max(self.base, self.mark)
        entry = Entry(at, value)
        self._make_way(history.fold, entry)
        self.entries.append(entry)
        self._weigh(history.fold, entry, 1)
        has_room = len(self.entries) - self.base <= MOST_ENTRIES
        if not has_room:
            self.unsure = later(history, self.unsure, self.entries[self.base].at)
            self._weigh(history.fold, self.entries[self.base], -1)
            self.base = self.mark = self.base + 1
        self._clear()
        return has_room

    def _make_way(self, fold: str, entry: Entry) -> None:
        """Of `earlier`, `last` and the extremes an entry that a newer one outdoes is not needed."""
        while len(self.entries) > self.base and _outdoes(fold, entry, self.entries[-1]):
            self.entries.pop()

    def _clear(self) -> None:
        if self.base > _SLACK and 2 * self.base > len(self.entries):
            del self.entries[: self.base]
            self.mark -= self.base
            self.base = 0

    def _weigh(self, fold: str, entry: Entry, sign: int) -> None:
        if fold == "sum":
            self.total += sign * exact(entry.value)
        elif fold == "distinct":
            one = keyed(entry.value)
            self.values[one] += sign
            if not self.values[one]:
                del self.values[one]

    def _look(self, history: History, now: Moment) -> None:
        """Move the mark to the first entry that is not surely out."""
        entries, fold = self.entries, history.fold
        while self.mark < len(entries) and inside(history, entries[self.mark].at, now) is False:
            self._weigh(fold, entries[self.mark], -1)
            self.mark += 1
        while self.mark > self.base:
            if inside(history, entries[self.mark - 1].at, now) is False:
                break
            self.mark -= 1
            self._weigh(fold, entries[self.mark], 1)

    def doubt(self, history: History) -> None:
        """From here on all that counted only may count."""
        self.unsure = later(history, self.unsure, self.newest)
        self.entries.clear()
        self.values.clear()
        self.base = self.mark = 0
        self.total = 0

    def is_empty(self, history: History, now: Moment) -> bool:
        """Whether nothing in it can matter any more."""
        newest = later(history, self.newest, self.unsure)
        return newest is None or inside(history, newest, now) is False

    def answer(self, history: History, now: Moment, doubt: Moment | None) -> Any:
        """What the fold comes to; `doubt` is the last step out of sight that may count."""
        self._look(history, now)
        fold, unsure = history.fold, doubt
        if self.unsure is not None and inside(history, self.unsure, now) is not False:
            unsure = later(history, unsure, self.unsure)
        left = len(self.entries) - self.mark
        if left and inside(history, self.entries[self.mark].at, now) is UNKNOWN:
            return UNKNOWN  # nobody knows which of them are still inside
        if fold == "earlier":
            return True if left else unsure is not None and UNKNOWN
        if unsure and not (fold == "last" and left and unsure.step < self.entries[-1].at.step):
            return UNKNOWN
        if fold == "count":
            return left
        if fold == "sum":
            return rounded(self.total)
        if fold == "distinct":
            return len(self.values)
        if not left:
            return None
        return self.entries[-1 if fold == "last" else self.mark].value

    def to_data(self) -> list[Any]:
        """The window as data, for saving; what follows from its entries is left out."""
        entries = [[moment_to_data(one.at), one.value] for one in self.entries[self.base :]]
        return [entries, moment_to_data(self.unsure), self.begun, self.settled]

    @classmethod
    def from_data(cls, history: History, data: Any, now: Moment) -> Window:
        """A window from saved data. Raises `ValueError` or `TypeError` where there can be none."""
        entries, unsure, begun, settled = data
        window = cls(unsure=maybe_moment_of(unsure, now), begun=begun_of(begun, now),
                     settled=count_of(settled))  # fmt: skip
        for data_at, value in entries:
            at = moment_of(data_at, now)
            if window.entries and at.step < window.entries[-1].at.step:
                raise ValueError("steps out of order")
            if history.unit == "s" and at.time is None:
                raise ValueError("a step that never leaves")
            if value is None and history.fold in PRESENT:
                raise ValueError("a value that is none")
            if taken(history.fold, value) is UNKNOWN:
                raise ValueError("a value that is not kept")
            window.entries.append(Entry(at, value))
            window._weigh(history.fold, window.entries[-1], 1)
        if len(entries) > MOST_ENTRIES:
            raise ValueError("more steps than a window holds")
        return window


def _outdoes(fold: str, new: Entry, old: Entry) -> bool:
    if fold in ("earlier", "last"):
        return True
    if fold not in ("smallest", "largest"):
        return False
    return bool(new.value <= old.value if fold == "smallest" else new.value >= old.value)
