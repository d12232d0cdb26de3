"""How a decision moves a conversation on: what took effect is part of it from then on.

A step that was denied, or that waits for a person, leaves only the mark that it was tried.
"""

from __future__ import annotations

from dataclasses import replace

from remit.program.view import View
from remit.state.hear import Heard, hear, speaks_with
from remit.state.model import State
from remit.verdict.model import Decision
from remit.verdict.resolve import violated


def advance(state: State, decision: Decision) -> State:
    """The state after a decision; the same one where nothing is different."""
    view = decision.view
    if view is None:
        return state
    wrong = () if _refuses(view) else tuple(
        one.rule.norm.id for one in violated(decision.outcome)
    )  # fmt: skip
    turn, seen = state.turn + tuple(one for one in wrong if one not in state.turn), state.turn_seen
    speaks = speaks_with(state, view) < len(state.program.chain)
    if speaks:
        turn, seen = wrong, True
    heard = _taken(state, decision, view) if decision else Heard()
    if decision and state.memory.watches:
        state.memory.take(_as_taken(state, decision, view))
    answers = decision.hearing.asked if decision.hearing is not None else {}
    state.remember(answers)
    version = state.memory.version
    if (turn, seen, version) == (state.turn, state.turn_seen, state.version) and not (
        heard.sayings or heard.voids
    ):
        return state
    after = replace(state, turn=turn, turn_seen=seen, version=version)
    if heard.sayings or heard.voids:
        after = after.copy()
    after.say(heard.sayings)
    after.note(heard.voids)
    return after


def _refuses(view: View) -> bool:
    """Whether the agent refuses here: a refusal that is held back must not excuse the next one."""
    is_agent = view.kind == "message" and view.role == "assistant"
    return is_agent and view.field("refuses") is not False


def _taken(state: State, decision: Decision, view: View) -> Heard:
    """What was said in the step as it takes effect."""
    if not decision.changes or not state.program.templates:
        return decision.heard
    answers = decision.hearing.answers if decision.hearing is not None else {}
    return hear(state, _as_taken(state, decision, view), decision.index, answers)


def _as_taken(state: State, decision: Decision, view: View) -> View:
    """The step as it takes effect."""
    if not decision.changes:
        return view
    return View(decision.after, view.known, view.context, state, reading=view.reading)
