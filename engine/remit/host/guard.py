"""A policy with its plugins, as a host has it: it makes the gates, one for each conversation."""

from __future__ import annotations

import time
from _thread import allocate_lock
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from remit.conversation.model import Step
from remit.hooks import hookimpl
from remit.hooks.events import Event, Reply, Request, Verdict
from remit.hooks.manager import manager
from remit.hooks.provided import judges_of
from remit.hooks.tell import Teller
from remit.host import verdicts
from remit.host.approvers import ask, ask_async
from remit.host.gate import Gate

if TYPE_CHECKING:
    import pluggy

    from remit.conversation.pieces import Given
    from remit.hooks.model import Mode
    from remit.judges.model import AnyJudge
    from remit.policy import Policy

WAIT = 300.0  # seconds that an approver has
KEEP = 7 * 24 * 3600.0  # seconds for which a request can be answered


class Guard:
    """A policy as it is held to in a host. Threads may share it.

    `plugins` are modules or objects with functions marked by `hookimpl`, or a pluggy manager that
    has them; `installed`: also those of installed packages. `judges` are given by name, before
    those of plugins. `context` is what the host declares of every conversation. `roles` renames
    roles of the framework (`{"system": "root"}`); if it says nothing, a framework's system prompt
    speaks for the developer. In `shadow` mode everything goes on, and only the plugins hear what
    would not. `wait` and `keep`: the seconds that an approver has, and for which a request can be
    answered. Raises `ValueError` where two plugins give one judge.
    """

    def __init__(
        self, policy: Policy, *, plugins: Iterable[object] | pluggy.PluginManager = (),
        installed: bool = False, judges: Mapping[str, AnyJudge] | None = None,
        context: Mapping[str, Any] | None = None, roles: Mapping[str, str] | None = None,
        mode: Mode = "enforce", wait: float = WAIT, keep: float = KEEP,
        clock: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        self.policy = policy
        self.plugins = _managed(plugins, installed=installed)
        self.judges = judges_of(self.plugins, judges)
        self.context = dict(context or {})
        self.roles = {"system": policy.system_role, **(roles or {})}
        self.mode: Mode = mode
        self.wait, self.keep = wait, keep
        self._clock = clock
        self._gates: dict[str, Gate] = {}
        self._lock = allocate_lock()

    # ---- conversations

    def gate(
        self, conversation: str = "", *, agent: str = "", context: Mapping[str, Any] | None = None,
        truncated: bool = False,
    ) -> Gate:  # fmt: skip
        """The gate of a conversation: the one there is, or a new one. Without a name, a new one.

        A gate that has a name is kept until `close`. `truncated`: what came before was not seen, so
        it is unknown. Raises `ValueError` for a context that the
        policy does not declare.
        """
        with self._lock:
            found = self._gates.get(conversation)
            if found is None:
                tell = self.teller(conversation, agent)
                given = {**self.context, **(context or {})}
                session = self.policy.session(given, self.judges, truncated=truncated, tell=tell)
                found = Gate(self, session, tell.conversation, agent, roles=self.roles)
                self._keep(conversation, found)
            return found

    def restore(self, data: bytes) -> Gate:
        """The gate that `Gate.save` made the bytes of; it goes on where that one was.

        It is then the gate of its conversation, unless it is a sub-agent's.
        Raises `RestoreError`, a `ValueError`, for what is damaged or of another policy.
        """
        from remit.host.save import unpack

        with self._lock:
            made = unpack(self, data)
            if not made.is_child:
                self._gates[made.conversation] = made
            return made

    def close(self, conversation: str) -> None:
        """Forget a conversation."""
        with self._lock:
            self._gates.pop(conversation, None)

    def _keep(self, conversation: str, gate: Gate) -> None:
        if conversation:
            self._gates[conversation] = gate

    def teller(self, conversation: str, agent: str) -> Teller:
        """What tells the plugins of a conversation."""
        return Teller(self.plugins, conversation, agent=agent, mode=self.mode)

    # ---- plugins

    def recognised(self, step: Step) -> tuple[Given, ...]:
        """The directives that plugins recognise in a step. Raises what a plugin raises."""
        names = tuple(self.policy.ground.program.templates)
        if not names:
            return ()
        found = self.plugins.hook.remit_recognise(step=step, directives=names)
        return tuple(given for some in found for given in some or ())

    def ask(self, request: Request) -> Reply:
        """What an approver says to a request; without one, or too late, it is a no."""
        return ask(self.plugins, request, self.wait)

    async def ask_async(self, request: Request) -> Reply:
        """As `ask`; others run meanwhile."""
        return await ask_async(self.plugins, request, self.wait)

    def expires(self) -> float:
        """When a request that is made now can no longer be answered."""
        return self._clock() + self.keep

    def is_over(self, request: Request) -> bool:
        """Whether a request can no longer be answered."""
        return request.expires is not None and self._clock() > request.expires

    # ---- the points of a host built on pluggy

    def decide(self, event: Event) -> Verdict:
        """The verdict on an event, in the conversation that it names. Raises nothing."""
        try:
            gate = self._gate_of(event)
        except Exception as error:  # noqa: BLE001 - what cannot be judged must not go on
            return verdicts.failed(error, event)
        return gate.decide(event)

    async def adecide(self, event: Event) -> Verdict:
        """As `decide`; others run while judges are waited for."""
        try:
            gate = self._gate_of(event)
        except Exception as error:  # noqa: BLE001 - as above
            return verdicts.failed(error, event)
        return await gate.adecide(event)

    def _gate_of(self, event: Event) -> Gate:
        if not event.conversation:
            raise ValueError("the event names no conversation, so nothing of it can be remembered")
        return self.gate(event.conversation, agent=event.agent, context=event.context)

    @hookimpl
    def agent_startup(self, event: Event) -> Verdict:
        """Open the conversation."""
        return self.decide(event)

    @hookimpl
    def input(self, event: Event) -> Verdict:
        """Judge what is said to the agent."""
        return self.decide(event)

    @hookimpl
    def pre_model_call(self, event: Event) -> Verdict:
        """Judge what the model will see, as far as it is new."""
        return self.decide(event)

    @hookimpl
    def post_model_call(self, event: Event) -> Verdict:
        """Judge what the model says."""
        return self.decide(event)

    @hookimpl
    def pre_tool_call(self, event: Event) -> Verdict:
        """Judge a call."""
        return self.decide(event)

    @hookimpl
    def post_tool_call(self, event: Event) -> Verdict:
        """Judge a result."""
        return self.decide(event)

    @hookimpl
    def output(self, event: Event) -> Verdict:
        """Judge what the agent answers."""
        return self.decide(event)

    @hookimpl
    def handoff(self, event: Event) -> Verdict:
        """Judge a handoff."""
        return self.decide(event)

    @hookimpl
    def agent_shutdown(self, event: Event) -> Verdict:
        """Close the conversation."""
        verdict = self.decide(event)
        self.close(event.conversation)
        return verdict


def _managed(
    plugins: Iterable[object] | pluggy.PluginManager, *, installed: bool
) -> pluggy.PluginManager:
    if hasattr(plugins, "register"):
        return plugins  # type: ignore[return-value] # only a manager registers
    return manager(plugins, installed=installed)
