"""One body for hooks that a framework calls with and without an event loop.

An adapter writes what happens at a hook once, as a coroutine that asks through a `Door`. In an
event loop it is awaited; elsewhere `now` runs it to its end, for then nothing in it waits.
"""

from __future__ import annotations

from collections.abc import Coroutine, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from remit.conversation.model import Step
from remit.hooks.events import Event, Point, Verdict
from remit.host.gate import Gate

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Door:
    """A gate as such a body asks it. `waits`: whether there is an event loop; `agent`: who acts."""

    gate: Gate
    waits: bool
    agent: str = ""

    def event(self, point: Point, steps: Iterable[Step], ids: Iterable[str] = ()) -> Event:
        """An event of the agent in the gate's conversation."""
        return Event(point, tuple(steps), self.gate.conversation, self.agent, tuple(ids))

    async def decide(self, event: Event) -> Verdict:
        """As `Gate.decide`."""
        return await self.gate.adecide(event) if self.waits else self.gate.decide(event)

    async def resume(self, event: Event, verdict: Verdict, reply: Any) -> Verdict:
        """As `Gate.resume`."""
        if self.waits:
            return await self.gate.aresume(event, verdict, reply)
        return self.gate.resume(event, verdict, reply)

    async def settle(self, event: Event, verdict: Verdict) -> Verdict:
        """As `Gate.settle`."""
        if self.waits:
            return await self.gate.asettle(event, verdict)
        return self.gate.settle(event, verdict)

    async def given(self, value: Any) -> Any:
        """What the framework's own function gave: with an event loop, something to wait for."""
        return await value if self.waits else value


def now(going: Coroutine[Any, Any, T]) -> T:
    """Run a body that waits for nothing. Raises what it raises."""
    try:
        going.send(None)
    except StopIteration as done:
        value: T = done.value
        return value
    going.close()
    raise RuntimeError("a hook without an event loop has waited")
