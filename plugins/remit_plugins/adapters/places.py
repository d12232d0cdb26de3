"""Which gate an agent is to ask: that of its conversation, or of the call that it is run by.

An agent that a tool runs gets a gate of its own for each call, and the same one when the call goes
on after a pause.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from remit.host.gate import reply_of
from remit.host.verdicts import refused
from remit.state.approve import ApprovalError
from remit_plugins.adapters.callers import Caller, caller, handed
from remit_plugins.adapters.once import Door

if TYPE_CHECKING:
    from remit.conversation.model import Call
    from remit.hooks.events import Request, Verdict
    from remit.host.gate import Gate
    from remit.host.guard import Guard

Name = str | Callable[[], str]


@dataclass(frozen=True, slots=True)
class Leave:
    """What was decided about a call, before it runs."""

    call: Call
    verdict: Verdict


@dataclass(slots=True)
class Notes:
    """What an adapter keeps beside a gate while a conversation waits.

    `leaves` by call id: what was decided before the tool is run. `instead` by call id: what the
    model is told in the place of what the framework says. `called` by tool: the id of the first
    call in the last answer. `children` by call id, policy and agent.
    """

    leaves: dict[str, Leave] = field(default_factory=dict)
    instead: dict[str, str] = field(default_factory=dict)
    called: dict[str, str] = field(default_factory=dict)
    children: dict[tuple[str, str, str], Gate] = field(default_factory=dict)


_NOTES: WeakKeyDictionary[Gate, Notes] = WeakKeyDictionary()


def notes(gate: Gate) -> Notes:
    """What is kept beside a gate."""
    return _NOTES.setdefault(gate, Notes())


@dataclass(frozen=True, slots=True)
class Place:
    """Where agents act: under a guard, in the conversation that has a name. `agent` begins it."""

    guard: Guard
    agent: str = ""
    conversation: Name = ""
    context: Mapping[str, Any] | None = None

    def door(self, agent: str = "") -> Door:
        """The gate to ask, as an agent asks it."""
        return Door(self.gate(), True, agent or self.agent)

    def gate(self) -> Gate:
        """The gate to ask. Raises `ValueError` where the conversation has no name."""
        above = caller()
        if above is not None:
            return self._child(above)
        name = self.conversation if isinstance(self.conversation, str) else self.conversation()
        if not name:
            raise ValueError("the conversation has no name: give `conversation`")
        return self.guard.gate(name, agent=self.agent, context=self.context)

    def _child(self, above: Caller) -> Gate:
        children = notes(above.gate).children
        key = (above.place, self.guard.policy.digest, self.agent)
        if key not in children:
            children.setdefault(key, handed(above.gate, self.guard, self.agent))
        return children[key]


def asks_approvers(guard: Guard) -> bool:
    """Whether plugins are asked about calls; then nothing in the framework has to wait."""
    return bool(guard.plugins.hook.remit_approve.get_hookimpls())


def noted(gate: Gate, request: Request, reply: Any) -> str:
    """Have the gate hear an answer; why the call does not go on, or nothing where it may.

    `reply` is as for `Gate.resume`.
    """
    said = reply_of(reply)
    if isinstance(reply, Mapping) and reply.get("id", request.id) != request.id:
        return "the answer is to another request"
    try:
        gate.answer(request, said)
    except (ApprovalError, RuntimeError) as error:
        return str(error)
    return "" if said.yes else refused(request, said)
