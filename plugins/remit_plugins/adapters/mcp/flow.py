"""What happens to a request, whichever library serves it: judged, asked about, run, judged."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from remit.conversation.model import Call, Result
from remit.hooks.events import Event, Verdict
from remit.host import verdicts
from remit.host.asked import same_call
from remit_plugins.adapters.mcp import wire
from remit_plugins.adapters.mcp.asking import OURS, Asks, Client
from remit_plugins.adapters.mcp.wire import Wire

if TYPE_CHECKING:
    from remit.hooks.events import Request
    from remit.host.gate import Gate
    from remit_plugins.adapters.mcp.gates import Gates

Leave = tuple[Call, Verdict]
MOST = 100  # calls in which a tool waits for the client; beyond, the oldest is judged again


class Refused(Exception):
    """The policy says no; the text is for the model. `stops`: the whole run ends."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.message)
        self.stops = verdict.scope == "run"


class Failed(Exception):
    """A request failed; the text is what is left of the error."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: what it is, as data, and the context that the library has for it, if any.

    `run` has it carried out with other parameters. `read` gives the answer as data, or None for
    one that only asks the client for more; `made` makes an answer of the library of data.
    """

    method: str
    params: Mapping[str, Any]
    context: Any
    run: Callable[[Wire], Awaitable[Any]]
    read: Callable[[Any], Wire | None]
    made: Callable[[Any, Wire], Any]

    @property
    def answers(self) -> Mapping[str, Any]:
        """What the client was asked before, and says now."""
        found = self.params.get("inputResponses")
        return found if isinstance(found, Mapping) else {}


@dataclass(slots=True)
class Flow:
    """Carries requests out under a policy. `people` are those who sit at the client."""

    gates: Gates
    people: Collection[str]
    _paused: WeakKeyDictionary[Gate, list[Leave]] = field(default_factory=WeakKeyDictionary)

    async def carried(self, asked: Asked) -> Any:
        """The answer. Raises `Refused`, `Failed`, `Asks`, or what the request raises."""
        gate, (call, verdict) = await self._leave(asked)
        if not verdict:
            raise Refused(verdict)
        try:
            given = await asked.run(self._going(asked, verdict))
        except Exception as error:
            text = wire.text_of(error)
            left = await self._judged(gate, wire.failed_of(call, text))
            if left is None:
                raise
            raise Failed(left.error or left.text) from None
        return await self._given(gate, asked, (call, verdict), given)

    # ---- before

    async def _leave(self, asked: Asked) -> tuple[Gate, Leave]:
        """What was decided about a request. Raises `Asks`; whatever else fails is a deny."""
        try:
            gate = self.gates.of(asked.context)
            call = wire.call_of(asked.method, asked.params, os.urandom(8).hex())
            return gate, self._resumed(gate, asked, call) or (
                call, await self._agreed(gate, asked, call)
            )  # fmt: skip
        except Asks:
            raise
        except Exception as error:  # noqa: BLE001 - what cannot be judged must not go on
            raise Refused(verdicts.failed(error)) from None

    def _resumed(self, gate: Gate, asked: Asked, call: Call) -> Leave | None:
        """What was decided when the tool itself asked for more: it is one call, and counts once."""
        waiting = self._paused.get(gate)
        goes_on = asked.answers or asked.params.get("requestState")
        if not waiting or not goes_on or gate.session.halted:
            return None
        found = next((one for one in waiting if same_call(one[0], call)), None)
        if found is not None:
            waiting.remove(found)
        return found

    async def _agreed(self, gate: Gate, asked: Asked, call: Call) -> Verdict:
        event = Event("pre_tool_call", (call,), gate.conversation)
        verdict = await gate.adecide(event)
        if verdict.request is None:
            return verdict
        client = Client(asked.context, asked.answers)
        if not self._is_at_client(gate, verdict.request, client):
            return await gate.asettle(event, verdict)
        reply = await client.reply(verdict.request, gate.guard.wait)
        return await gate.aresume(event, verdict, reply)

    def _is_at_client(self, gate: Gate, request: Request, client: Client) -> bool:
        """Whether the client is to be asked: nobody else is, and whoever must agree sits there."""
        if gate.guard.plugins.hook.remit_approve.get_hookimpls():
            return False
        return client.can_be_asked and set(self.people).issuperset(request.people)

    @staticmethod
    def _going(asked: Asked, verdict: Verdict) -> Wire:
        """The request as it goes on, without the answers that were for the policy."""
        params = dict(asked.params)
        left = {name: one for name, one in asked.answers.items() if not name.startswith(OURS)}
        params.pop("inputResponses", None)
        if left:
            params["inputResponses"] = left
        if verdict.kind != "transform":
            return params
        going = verdict.after
        assert isinstance(going, Call), "a call goes on as a call"
        return wire.params_of(asked.method, params, going)

    # ---- after

    async def _given(self, gate: Gate, asked: Asked, leave: Leave, given: Any) -> Any:
        answer = asked.read(given)
        if answer is None:
            waiting = self._paused.setdefault(gate, [])
            waiting.append(leave)
            del waiting[:-MOST]
            return given
        try:
            before = wire.result_of(asked.method, leave[0], answer)
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            raise Refused(verdicts.failed(error)) from None
        after = await self._judged(gate, before)
        if after is None:
            return given
        return asked.made(given, wire.left_of(asked.method, answer, before, after))

    @staticmethod
    async def _judged(gate: Gate, result: Result) -> Result | None:
        """What is left of a result; None where it stays as it is. Raises `Refused`."""
        verdict = await gate.adecide(Event("post_tool_call", (result,), gate.conversation))
        if not verdict:
            raise Refused(verdict)
        if verdict.kind != "transform":
            return None
        after = verdict.after
        assert isinstance(after, Result), "a result goes on as a result"
        return after
