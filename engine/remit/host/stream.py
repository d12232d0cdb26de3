"""Holds back what an agent says in pieces until it is decided as a whole.

Any clause on messages may turn on the last word, and a deny takes back the first one. So pieces go
through only where nothing can hold up a message of the agent: no clause, and no plugin that must
have heard of it first. Else all is held, and what is left of it is released at the end. In both
cases the released pieces make up the text that a decision on the whole message leaves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from remit.conversation.model import MESSAGE, Message
from remit.hooks.events import Event, Point, Verdict

if TYPE_CHECKING:
    from remit.host.gate import Gate
    from remit.policy import Policy

MOST = 16 << 20  # characters that are held; what is longer is not searched, so it must not go on


class Stream:
    """One message of the agent, in pieces: `feed` each, then `end` it.

    `role` is the agent's. The verdict of `end` is that on the whole; `rest` is what to release then
    (nothing where it is denied).
    """

    def __init__(self, gate: Gate, point: Point = "post_model_call") -> None:
        self.rest = ""
        self._gate, self._point = gate, point
        self._held: list[str] = []
        self._size = 0
        self._open = gate.guard.mode == "shadow" or _is_free(gate)

    @property
    def holds(self) -> bool:
        """Whether pieces are held back; else they may leave as they come."""
        return not self._open

    def feed(self, piece: str) -> str:
        """What may be released now: the piece, or nothing while it is held."""
        self._size += len(piece)
        if self._size <= MOST:
            self._held.append(piece)
        return piece if self._open and self._size <= MOST else ""

    def end(self) -> Verdict:
        """The message is whole: decide it."""
        return self._ended(self._gate.decide(self._event()))

    async def aend(self) -> Verdict:
        """As `end`, in an event loop."""
        return self._ended(await self._gate.adecide(self._event()))

    def _event(self) -> Event:
        said = Message("assistant", "".join(self._held))
        steps = (said,) if self._held else ()
        return Event(self._point, steps, self._gate.conversation)

    def _ended(self, verdict: Verdict) -> Verdict:
        if self._size > MOST:
            from remit.host.verdicts import denied

            return denied("too_long", "the message is too long to be judged")
        if verdict and not self._open and verdict.steps:
            self.rest = verdict.after.text  # type: ignore[union-attr] # it is the message
        return verdict


def _is_free(gate: Gate) -> bool:
    """Whether nothing can keep a message of the agent from leaving: no clause, no halt, no plugin
    that must have heard of it before."""
    sinks = gate.guard.plugins.hook.remit_decided.get_hookimpls()
    return not gate.session.halted and not sinks and says_nothing(gate.guard.policy)


def says_nothing(policy: Policy) -> bool:
    """Whether no clause can hold back or change a message of the agent, whatever is said before."""
    program = policy.ground.program
    if program.templates or program.lendings or program.owings:
        return False
    by_kind = program.outline.by_kind[MESSAGE]
    return not by_kind.get("") and not by_kind.get("assistant")
