"""Who was asked about the call, who said yes and to what, in the words of an explanation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from remit.checked.model import Term
from remit.conversation.model import CALL, MESSAGE
from remit.program.binding import bound
from remit.program.values import UNKNOWN
from remit.program.view import View
from remit.state.consent import Proposal, Yes
from remit.state.model import State
from remit.verdict.model import Decision
from remit.verdict.show import written
from remit.verdict.terms import conditions

SHOWN = 60  # characters of a value
MOST = 5  # notes of a kind


def consent_notes(decision: Decision, view: View, state: State) -> Iterator[str]:
    """What counts here of what people were asked."""
    if view.kind == MESSAGE:
        yield from _answers(decision, view, state)
    elif view.kind == CALL:
        yield from _confirmations(decision, view, state)


def _answers(decision: Decision, view: View, state: State) -> Iterator[str]:
    """What a message says to those questions that its speaker was asked."""
    for one in [one for one in state.consent if _answerable(one, view.role)][:MOST]:
        asked = f"the call of `{one.tool}` in step {one.step + 1}"
        if decision and view.field("agrees") is True:
            yield f"this is a yes to {asked}"
        else:
            yield f"this is no plain yes, so {asked} is not confirmed by `{view.role}`"


def _answerable(one: Proposal, who: str) -> bool:
    """Whether somebody answers this question by speaking."""
    person = one.person(who)
    return person is not None and not person.passed


def _confirmations(decision: Decision, view: View, state: State) -> Iterator[str]:
    call = bound(view)
    alike = [one for one in state.consent if one.tool == view.tool]
    mine = next((one for one in alike if one.call == call), None)
    given = [(one.who, one.yes) for one in (mine.people if mine else ()) if one.yes is not None]
    for who, yes in given:
        yield from _given(decision, who, yes)
    wanted = _wanted(decision) | set(decision.ask)
    for who in sorted(wanted - {who for who, _ in given}):
        yield from _lacking(who, view, mine, alike)


def _given(decision: Decision, who: str, yes: Yes) -> Iterator[str]:
    yield f"it was confirmed by `{who}` {_when(yes)}"
    if yes.said and who in decision.ask:
        yield f"what is said counts only for clauses with `confirmed by {who}`"


def _lacking(who: str, view: View, mine: Proposal | None, alike: list[Proposal]) -> Iterator[str]:
    """Why somebody's yes is not there."""
    if bound(view) is UNKNOWN:
        yield f"nothing can be confirmed by `{who}`: the arguments cannot be read or are too large"
    if mine is not None and mine.person(who) is not None:
        yield f"`{who}` was asked about it in step {mine.step + 1}, and has not said yes"
    for one in (one for one in alike if one is not mine and one.yes(who)):
        yes = one.yes(who)
        assert yes is not None, "chosen for that"
        yield f"the yes of `{who}` {_when(yes)} was for other arguments: {_difference(one, view)}"


def _when(yes: Yes) -> str:
    return f"{'in' if yes.said else 'after'} step {yes.step + 1}"


def _difference(one: Proposal, view: View) -> str:
    """The first argument that was another one: `amount` was 100."""
    was: Any = one.args
    if was is UNKNOWN:
        return "they are too large to tell"
    for name in {**was, **view.args}:
        if was.get(name) != view.args.get(name) or (name in was) != (name in view.args):
            return f"`{name}` was {_short(was[name]) if name in was else 'left out'}"
    return "they are of other types"


def _short(value: Any) -> str:
    text = written(value)
    return text if len(text) <= SHOWN else text[: SHOWN - 3] + "..."


def _wanted(decision: Decision) -> set[str]:
    """Whose yes the deciding norms ask for."""
    norms = [one.rule.norm for one in decision.outcome.decided_by]
    terms = [term for norm in norms for term, _ in conditions(norm)]
    return {who for term in terms for who in _people(term)}


def _people(term: Term) -> Iterator[str]:
    if term.op == "confirmed":
        yield term.value
    for arg in term.args:
        yield from _people(arg)
