"""The host's door: somebody who was asked about a call says yes or no outside the conversation."""

from __future__ import annotations

from typing import Any

from remit.conversation.model import Call
from remit.program.binding import bound
from remit.program.values import UNKNOWN
from remit.program.view import View
from remit.state.consent import Consent, Proposal, Yes, without
from remit.state.model import State

LONGEST = 80  # characters of a name in a message


class ApprovalError(ValueError):
    """A yes or no to what nobody was asked, or is not asked any more."""


def answered(state: State, call: Any, by: str, step: int, *, yes: bool) -> Consent:
    """What counts once somebody said yes, or no, to a call, after the step with that index.

    Raises `ApprovalError` where they are not asked about this very call.
    """
    proposal = _proposal(state, call, by)
    if yes:
        given = Yes(step, said=False)
        return tuple(one.said_yes(by, given) if one is proposal else one for one in state.consent)
    return without(state.consent, lambda one, person: one is proposal and person.who == by)


def _proposal(state: State, call: Any, by: str) -> Proposal:
    """The call as somebody was asked about it."""
    program = state.program
    if not isinstance(call, Call):
        raise ApprovalError("only a call is approved: give the `Call`, or the decision about it")
    name = bound(View(call, program.known, {}))
    if name is UNKNOWN:
        raise ApprovalError("its arguments cannot be read or are too large, so no yes is for them")
    found = next((one for one in state.consent if one.call == name), None)
    if found is None:
        raise ApprovalError(_unasked(state.consent, call))
    names = [one.who for one in found.people]
    if by not in names:
        told = ", ".join(f"`{one}`" for one in names)
        raise ApprovalError(f"`{str(by)[:LONGEST]}` is not asked about this call, but {told}")
    return found


def _unasked(consent: Consent, call: Call) -> str:
    told = f"nobody is asked about this call of `{call.tool[:LONGEST]}`"
    others = [one for one in consent if one.tool == call.tool]
    if others:
        return f"{told}: the one asked about has other arguments"
    return f"{told}, or not any more: propose it again, and ask again"
