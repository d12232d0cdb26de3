"""Tells plugins of each decision of a conversation, before the step takes effect."""

from __future__ import annotations

import os
from contextlib import suppress
from time import perf_counter
from typing import TYPE_CHECKING

from remit.conversation.model import Call
from remit.hooks.model import Answered, Began, Mode, Told
from remit.program.binding import digest
from remit.verdict.model import Decision
from remit_grammar.value import replace

if TYPE_CHECKING:
    import pluggy

    from remit.conversation.model import Step
    from remit.session import Session

MOST_HELD = 1_000  # calls whose question is remembered here; of older ones the id is not told


class Teller:
    """The plugins that hear what is decided in one conversation.

    Give it to `Policy.session`, `restore` or `take_over` as `tell`. `conversation` names the
    conversation in what is told; without one it gets 32 hexadecimal digits of chance. A teller
    serves one session, and the sessions of its sub-agents.
    """

    __slots__ = (
        "_held", "_last", "_parent", "_plugins", "_since", "agent", "conversation", "mode", "quiet",
        "session",
    )  # fmt: skip

    def __init__(
        self, plugins: pluggy.PluginManager, conversation: str = "", *, agent: str = "",
        mode: Mode = "enforce",
    ) -> None:  # fmt: skip
        self._plugins = plugins
        self._held: dict[str, tuple[str, float]] = {}  # by call: the decision that asked, and when
        self._since = perf_counter()
        self._last = ""
        self._parent: str | None = None
        self.session = _chance()
        self.conversation = conversation or _chance()
        self.agent = agent
        self.mode: Mode = mode
        self.quiet = False  # while a host has judged again what was told before

    def began(self, session: Session) -> None:
        """Tell that a session begins. Raises what a plugin raises: then it must not."""
        told = Began(self.session, session, self.conversation, self.agent, self.mode, self._parent)
        self._plugins.hook.remit_began(began=told)

    def begin(self) -> None:
        """A step is being judged from now on."""
        self._since = perf_counter()

    def decided(self, decision: Decision) -> Decision:
        """Tell of a decision; what counts is what comes back: a deny where telling failed."""
        if self.quiet:
            return decision
        told = self._told(decision)
        self._last = told.id
        try:
            self._plugins.hook.remit_decided(told=told)
        except Exception as error:  # noqa: BLE001 - what cannot be told must not happen
            failed = Decision.failed(decision.ground, decision.step, decision.index, error)
            return self.corrected(failed)
        return decision

    def corrected(self, failed: Decision) -> Decision:
        """Tell that the decision told last does not count, but this deny; it comes back."""
        told = replace(self._told(failed), corrects=self._last)
        with suppress(Exception):  # a deny counts whether or not it was heard
            self._plugins.hook.remit_decided(told=told)
        return failed

    def answered(self, call: Call, by: str, *, yes: bool, person: str = "") -> None:
        """Tell of an answer. Raises what a plugin raises: then it must not count."""
        held, since = self._held.get(_name(call) or "", (None, None))
        seconds = None if since is None else perf_counter() - since
        self._plugins.hook.remit_answered(
            answered=Answered(call, by, yes, self.conversation, held, seconds, person, self.session)
        )

    def handed_on(self) -> Teller:
        """The same plugins and conversation, for the session of a sub-agent."""
        teller = Teller(self._plugins, self.conversation, agent=self.agent, mode=self.mode)
        teller._parent = self.session
        return teller

    def _told(self, decision: Decision) -> Told:
        seconds, name = perf_counter() - self._since, _chance()
        held = None
        if self._held and (call := _name(decision.step)):
            held = self._held.get(call, (None, 0.0))[0]
        if decision.verdict == "ask":
            self._hold(decision, name)
        return Told(
            name, decision, self.conversation, seconds, self.agent, self.mode, held, None,
            self.session,
        )  # fmt: skip

    def _hold(self, decision: Decision, name: str) -> None:
        call = _name(decision.after)
        if call is None:
            return
        self._held.pop(call, None)
        self._held[call] = (name, perf_counter())
        if len(self._held) > MOST_HELD:
            del self._held[next(iter(self._held))]


def _name(step: Step) -> str | None:
    """What a call is known by; None for what is no call, or none that can be read."""
    if not isinstance(step, Call):
        return None
    try:
        found = digest(step.tool, step.args)
    except Exception:  # noqa: BLE001 - a call too odd to be named has no name
        return None
    return found if isinstance(found, str) else None


_ids: list[str] = []  # chance that nobody has used; a call of the system for each takes longer
_AHEAD = 64


def _chance() -> str:
    """32 hexadecimal digits that no other process and no other call gets."""
    try:
        return _ids.pop()
    except IndexError:
        some = os.urandom(16 * _AHEAD).hex()
        _ids.extend([some[at : at + 32] for at in range(32, len(some), 32)])
        return some[:32]


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_ids.clear)  # or the child would use those of its parent
