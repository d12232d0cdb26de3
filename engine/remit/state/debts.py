"""What is owed under one `require X within BOUND after Y`, and whether it is overdue.

One X settles all that is owed. So the oldest debt says it all: where it is not overdue none is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from remit.program.values import UNKNOWN, Truth
from remit.state.moment import (
    Moment,
    flag_of,
    maybe_moment_of,
    moment_to_data,
    passed,
)  # fmt: skip

if TYPE_CHECKING:
    from remit.checked.model import Debt
    from remit.program.view import View


class Due(NamedTuple):
    """Something that is owed: since when, and whether it is sure that it is."""

    at: Moment
    sure: bool


@dataclass(slots=True)
class Debts:
    """The oldest debt that is `sure`, and the oldest that `maybe` is one or has no known bound.

    `unseen`: something may be owed from before what was seen, nobody knows since when.
    """

    debt: Debt
    sure: Moment | None = None
    maybe: Moment | None = None
    unseen: bool = False

    def take(self, done: Truth, begun: Truth, now: Moment) -> None:
        """Take in a step: whether it does what is owed, and whether something is owed after it."""
        if done is True:
            self.sure, self.maybe, self.unseen = None, None, False
        elif done is UNKNOWN:
            self.maybe, self.sure = self._older(self.maybe, self.sure), None
        if begun is False:
            return
        if begun is True and not (self.debt.unit == "s" and now.time is None):
            self.sure = self.sure or now
        else:
            self.maybe = self._older(self.maybe, now)

    def _older(self, one: Moment | None, other: Moment | None) -> Moment | None:
        """The older of two; one without a time may be overdue at any time."""
        if one is None or other is None:
            return one or other
        oldest = min(one, other, key=lambda at: at.step)
        if self.debt.unit == "s" and (one.time is None or other.time is None):
            return oldest._replace(time=None)
        return oldest

    def overdue(self, now: Moment, view: View) -> Truth:
        """Whether a bound has passed by the step that is judged."""
        if self.debt.unit == "end of conversation":
            return False
        late = False if self.sure is None else self._late(self.sure, now, view)
        if late is not False:
            return late
        maybe = self.maybe is not None and self._late(self.maybe, now, view) is not False
        return UNKNOWN if maybe or self.unseen else False

    def _late(self, at: Moment, now: Moment, view: View) -> Truth:
        unit, bound = self.debt.unit, self.debt.bound
        if unit == "end of turn":
            return now.turn > at.turn or view.kind in ("message", "handoff")
        if unit == "turns":
            return now.turn - at.turn >= bound
        if unit == "steps":
            return now.step - at.step > bound
        return passed(at, now, bound)

    def owed(self) -> Iterator[Due]:
        """What is owed now: the oldest debt that is sure, and the oldest that is not."""
        if self.sure is not None:
            yield Due(self.sure, sure=True)
        if self.maybe is not None:
            yield Due(self.maybe, sure=False)

    def to_data(self) -> list[Any]:
        """The debts as data, for saving."""
        return [moment_to_data(self.sure), moment_to_data(self.maybe), self.unseen]

    @classmethod
    def from_data(cls, debt: Debt, data: Any, now: Moment) -> Debts:
        """The debts from saved data. Raises `ValueError` or `TypeError` where there can be none."""
        sure, maybe, unseen = data
        return cls(debt, maybe_moment_of(sure, now), maybe_moment_of(maybe, now), flag_of(unseen))
