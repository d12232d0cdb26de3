"""What a program is made of: all that a decision may need, worked out when a policy is compiled.

An outline is data and no code: a stored policy is an outline that is read piece by piece.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from remit.conversation.model import CALL, HANDOFF, MESSAGE, RESULT

if TYPE_CHECKING:
    from remit.checked.model import Constraint, Debt, Directive, History, Labelling, Loan, Setting
    from remit.checked.norm import Act, Norm
    from remit.program.view import Known

KINDS = (MESSAGE, CALL, RESULT, HANDOFF)
# what conditions may ask for
ASKED = VOID, CALLED, JUDGED = "void", "called", "judged"

Index = Mapping[str, Mapping[str, Sequence[int]]]
Look = tuple[str, Any]  # `matches`, `has` or `contains`, and what a text is searched for


class Wanted(NamedTuple):
    """What a condition asks of where values come from.

    `how`: `quotes` or `came from`. `kind` is a kind of step (`step` for all), `names` the tools,
    roles or agents that will do (none for all), `label` one that it must carry.
    """

    how: str
    kind: str
    names: tuple[str, ...]
    label: str | None

    def takes(self, kind: str, name: str) -> bool:
        """Whether texts of a kind of step, of a tool, role or agent, are meant."""
        return self.kind in ("step", kind) and (not self.names or name in self.names)

    def covers(self, other: Wanted) -> bool:
        """Whether whoever has all texts that this means has those that the other means."""
        return self.kind in ("step", other.kind) and (
            not self.names or (bool(other.names) and set(other.names) <= set(self.names))
        )


class Outline(NamedTuple):
    """The parts of a program.

    `norms` are numbered, winners first; `beaten[i]` are the numbers of the norms that beat norm `i`
    where both apply, each with the reason. `by_kind` has by kind of step, and by tool or role, the
    numbers of the norms that name it; those under "" may be of any. `names` are all tools, and the
    roles that a norm, a directive or a question about the past names. `goals` is empty where their
    order decides nothing. `reads` are those of `void`, `called` and `judged` that a condition asks
    for, and `origins` what conditions ask of where values come from. `looks` is all that texts are
    searched for.
    """

    chain: tuple[str, ...]
    goals: tuple[str, ...]
    goals_rank: int
    roles: Mapping[str, int]
    known: Known
    norms: Sequence[Norm]
    beaten: Sequence[Mapping[int, str]]
    by_kind: Index
    names: frozenset[str]
    settings: Mapping[str, Setting]
    constraints: tuple[Constraint, ...]
    directives: tuple[Directive, ...]
    loans: tuple[Loan, ...]
    histories: tuple[History, ...]
    debts: tuple[Debt, ...]
    reads: frozenset[str]
    origins: tuple[Wanted, ...]
    looks: Sequence[Look]

    @property
    def labels(self) -> tuple[Labelling, ...]:
        """What gives steps their labels."""
        return self.known.labels


def names_of(act: Act, kind: str) -> frozenset[str] | None:
    """The tools or roles that an act is limited to in steps of a kind; None where any will do."""
    if kind in (CALL, RESULT):
        return act.tools
    return act.roles if kind == MESSAGE else None
