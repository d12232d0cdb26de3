"""Standing norms on a setting that leave no value together: found when a policy is compiled.

Only fixed values are looked at; what depends on the host's context may contradict at run time, and
then the setting is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, groupby
from typing import TYPE_CHECKING, Any

from remit.program.domain import Domain, whole
from remit.program.values import UNKNOWN
from remit_grammar.diagnostic import Diagnostic, Label

if TYPE_CHECKING:
    from remit.checked.model import Checked, Constraint, Setting, Term


def contradictions(checked: Checked) -> list[Diagnostic]:
    """A finding for each fixed constraint that leaves no value together with another one.

    From the strongest down, as at run time: what is struck out strikes out nothing.
    """
    found: list[Diagnostic] = []
    for setting in checked.settings.values():
        fixed = [one for one in checked.constraints
                 if one.setting == setting.name
                 and fixed_value(one.value) is not UNKNOWN]  # fmt: skip
        fixed.sort(key=lambda one: (one.strength, one.id))
        in_force: list[Constraint] = []
        for _, group in groupby(fixed, key=lambda one: one.strength):
            fitting = []
            for one in group:
                winner = _against(setting, one, in_force)
                if winner is not None:
                    found.append(_finding(winner, one, checked))
                else:
                    fitting.append(one)
            for first, second in combinations(fitting, 2):
                if _leave_nothing(setting, first, second):
                    found.append(_finding(first, second, checked))
            in_force += fitting
    return sorted(found, key=lambda one: (one.code, one.message))


def _against(setting: Setting, one: Constraint, in_force: list[Constraint]) -> Constraint | None:
    """The stronger constraint that leaves this one no value, alone or with all before it."""
    for winner in in_force:
        if _leave_nothing(setting, winner, one):
            return winner
    return in_force[-1] if in_force and _leave_nothing(setting, *in_force, one) else None


def fixed_value(term: Term) -> Any:
    """The value of a term that is the same at every step; UNKNOWN of every other."""
    if term.op == "const":
        return term.value
    if term.op == "negative" and term.args[0].op == "const":
        return -term.args[0].value
    if term.op == "list":
        items = [fixed_value(one) for one in term.args]
        return UNKNOWN if UNKNOWN in items else items
    return UNKNOWN


def _leave_nothing(setting: Setting, *constraints: Constraint) -> bool:
    domain: Domain | None = whole(setting.type)
    for one in constraints:
        try:
            domain = None if domain is None else domain.narrow(one.op, fixed_value(one.value))
        except ValueError:  # a value of another type, which is another finding
            return False
    return domain is None


def _finding(first: Constraint, second: Constraint, checked: Checked) -> Diagnostic:
    setting, level = first.setting, checked.level(first.strength)
    labels = tuple(_labels(first, second, checked))
    if first.strength < second.strength:
        message = f"`{second.name}` is never in force: `{first.name}` sets `{setting}` first"
        help = f"let it leave a value that `{first.name}` leaves too, or take it out"
        return Diagnostic("R0706", message, labels[0], labels[1:], help=help)
    if _told_apart(first, second, checked):
        message = f"`{first.name}` and `{second.name}` contradict each other, and a goal decides"
        return Diagnostic("R0706", message, labels[0], labels[1:], help="take one of them out")
    message = f"`{first.name}` and `{second.name}` leave `{setting}` no value"
    notes = (f"both have the strength `{level}`, so nothing tells them apart",)
    help = "take one of them out, or lower one with `at`"
    return Diagnostic("R0705", message, labels[0], labels[1:], notes, help=help)


def _labels(first: Constraint, second: Constraint, checked: Checked) -> Iterator[Label]:
    for one in (second, first):
        if one.span is not None:
            yield Label(one.span, f"strength {checked.level(one.strength)}")


def _told_apart(first: Constraint, second: Constraint, checked: Checked) -> bool:
    goals = checked.goals if checked.strict_goals and first.strength >= checked.goals_rank else ()
    return first.goal in goals and second.goal in goals and first.goal != second.goal
