"""One call of a hook command: what a coding agent tells in, what it is to hear out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from remit.hooks.events import Event, Reply, Verdict
from remit.host import verdicts
from remit.host.asked import same_call
from remit.host.coding import Asked, answer, call_of
from remit.host.kept import Kept

if TYPE_CHECKING:
    from remit.conversation.model import Call
    from remit.host.gate import Gate
    from remit.host.guard import Guard


def hooked(guard: Guard, asked: Asked, place: str, *, grant: bool = False) -> dict[str, Any]:
    """The answer, once the conversation is kept. What cannot be kept does not happen."""
    kept = Kept(place, asked.event.conversation)
    try:
        with kept.held():
            verdict = _verdict(guard, asked, kept)
    except Exception as error:  # noqa: BLE001 - what cannot be judged, or kept, must not go on
        verdict = verdicts.failed(error, asked.event)
    return answer(asked, verdict, grant=grant)


def _verdict(guard: Guard, asked: Asked, kept: Kept) -> Verdict:
    gate = kept.gate(guard, begins=asked.begins)
    if asked.event.point == "post_tool_call":
        agreed(gate, call_of(asked.data), "at the terminal")
    verdict = gate.decide(asked.event)
    if verdict.request is not None and guard.plugins.hook.remit_approve.get_hookimpls():
        verdict = gate.settle(asked.event, verdict)
    if asked.event.point == "agent_shutdown":
        kept.forget()
    else:
        kept.keep(gate)
    return verdict


def agreed(gate: Gate, call: Call, person: str) -> None:
    """A call ran that waits for a person: somebody agreed elsewhere, so it counts as done."""
    for request in gate.waiting:
        if same_call(request.call, call):
            event = Event("pre_tool_call", (call,), gate.conversation)
            gate.resume(event, gate.decide(event), Reply(yes=True, person=person))
