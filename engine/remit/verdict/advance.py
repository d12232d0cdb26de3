"""How a decision moves a conversation on: what took effect is part of it from then on.

A step that was denied, or that waits for a person, leaves only the mark that it was tried.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from remit.conversation.model import MESSAGE
from remit.program.view import View
from remit.state.heard import NOTHING_HEARD, Heard, speaks_with
from remit.verdict.resolve import ALLOW
from remit_grammar.value import replace

if TYPE_CHECKING:
    from remit.state.consent import Consent
    from remit.state.model import State
    from remit.verdict.model import Decision


def advance(state: State, decision: Decision) -> State:
    """The state after a decision; the same one where nothing is different."""
    _, _, _, outcome, view, more = decision.made
    if view is None:
        return state
    goes_on = bool(decision)
    turn, seen = _turn(state, outcome.wrong, view)
    heard = NOTHING_HEARD if more is None or not goes_on else _taken(state, decision, view)
    consent = state.consent
    if consent or decision.verdict == "ask":
        consent = _consent(state, decision, view)
    memory = state.memory
    if memory.watches:
        if outcome.verdict != ALLOW:
            from remit.verdict.terms import look_up

            look_up(state, view)
        if goes_on:
            memory.take(view if more is None else _as_taken(state, decision, view))
        view.closed = True
    if more is not None and more.hearing is not None:
        state.remember(more.hearing.asked)
    said = heard.sayings or heard.voids
    if (
        turn == state.turn and seen is state.turn_seen and not said and consent is state.consent
    ):  # fmt: skip
        return state
    after = replace(state, turn=turn, turn_seen=seen, consent=consent)
    if said:
        after = after.copy()
        after.say(heard.sayings)
        after.note(heard.voids)
    return after


def _turn(state: State, wrong: frozenset[str], view: View) -> tuple[frozenset[str], bool]:
    """What was violated since someone with authority last spoke, and whether someone did."""
    if view.kind == MESSAGE:
        if wrong and _refuses(view):
            wrong = frozenset()
        if speaks_with(state, view) < len(state.program.chain):
            return wrong, True
    turn = state.turn
    return turn if wrong <= turn else turn | wrong, state.turn_seen


def _consent(state: State, decision: Decision, view: View) -> Consent:
    """Whom the step asks, who says yes in it, which yes it uses up."""
    from remit.state.consent import Happened, moved_on

    taken = _as_taken(state, decision, view)
    now = Happened(view, taken, decision.index, decision.ask, bool(decision), state.cap)
    return moved_on(state.consent, state.program, now)


def _refuses(view: View) -> bool:
    """Whether the agent refuses here: a refusal that is held back must not excuse the next one."""
    return view.role == "assistant" and view.field("refuses") is not False


def _taken(state: State, decision: Decision, view: View) -> Heard:
    """What was said in the step as it takes effect."""
    if not decision.changes or not state.program.templates:
        return decision.heard
    from remit.state.hear import hear

    answers = decision.hearing.answers if decision.hearing is not None else {}
    return hear(state, _as_taken(state, decision, view), decision.index, answers)


def _as_taken(state: State, decision: Decision, view: View) -> View:
    """The step as it takes effect."""
    if not decision.changes:
        return view
    return View(decision.after, view.known, view.context, state, reading=view.reading)
