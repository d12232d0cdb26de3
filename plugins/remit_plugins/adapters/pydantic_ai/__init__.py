"""Remit as a capability of Pydantic AI's agents.

The framework is imported when the capability is made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from typing import TYPE_CHECKING, Any

from remit.host.coverage import Coverage, coverage
from remit.host.gate import reply_of
from remit_plugins.adapters.needs import need
from remit_plugins.adapters.places import Place, noted
from remit_plugins.adapters.pydantic_ai.model import judged, sent
from remit_plugins.adapters.pydantic_ai.tools import judging, refusals

if TYPE_CHECKING:
    from remit.host.guard import Guard
    from remit_plugins.adapters.once import Door

__all__ = ["GAPS", "POINTS", "capability"]

POINTS = ("pre_model_call", "post_model_call", "pre_tool_call", "post_tool_call")
GAPS = (
    "tools that the provider of the model runs, and what it keeps of a conversation",
    "the model's reasoning, and files that it makes",
    "what functions that make an output do, and answers that another capability makes up",
    "agents that a tool's own code runs without the capability; realtime sessions",
    "the history of a run has what a user said",
)


def capability(
    guard: Guard, *, agent: str = "", conversation: Callable[[Any], str] | None = None,
    context: Callable[[Any], Mapping[str, Any]] | None = None,
) -> Any:  # fmt: skip
    """A capability that holds an agent to the policy of a guard. Give it to `Agent`.

    `agent` names the agent, if it is not its own name. `conversation` gives the name of a
    conversation from the run's context (else its `conversation_id`), `context` what the host
    declares of it.

    Raises `MissingError` where Pydantic AI is not installed.
    """
    base = need("pydantic_ai.capabilities", "pydantic-ai").AbstractCapability
    return type("RemitCapability", (Hooks, base), {})(guard, agent, conversation, context)


class Hooks:
    """The hooks, in a class that is made together with the framework's."""

    def __init__(
        self, guard: Guard, agent: str, conversation: Callable[[Any], str] | None,
        context: Callable[[Any], Mapping[str, Any]] | None,
    ) -> None:  # fmt: skip
        self.guard = guard
        self._agent, self._conversation, self._context = agent, conversation, context
        self.door: Door | None = None  # the gate of the run, in the copy that is made for it

    def coverage(self) -> Coverage:
        """What the policy misses in Pydantic AI."""
        return coverage(self.guard.policy, POINTS, GAPS)

    def answers(self, requests: Any, replies: Mapping[str, Any]) -> Any:
        """The results with which a run goes on, once people have answered what its calls ask.

        `requests` are what the run gave, `replies` what was said, by the id of the call: as for
        `Gate.resume`, and with `args` for an edited call, which is judged as any other.
        """
        given = {id: self._answer(requests.metadata.get(id), reply)
                 for id, reply in replies.items()}  # fmt: skip
        return requests.build_results(approvals=given)

    def _answer(self, asked: Mapping[str, Any] | None, reply: Any) -> Any:
        tools = need("pydantic_ai.tools", "pydantic-ai")
        yes = reply_of(reply).yes
        args = reply.get("args") if isinstance(reply, Mapping) else None
        if yes and isinstance(args, Mapping):
            return tools.ToolApproved(override_args=dict(args))
        if not asked or "policy" not in asked:  # only a rule of the tool's own asks
            return tools.ToolApproved() if yes else tools.ToolDenied()
        gate = self.guard.gate(asked["conversation"], agent=self._agent)
        waiting = {one.id: one for one in gate.waiting}
        if asked["id"] not in waiting:
            return tools.ToolDenied("nobody waits for this answer any more")
        why = noted(gate, waiting[asked["id"]], reply)
        return tools.ToolDenied(why) if why else tools.ToolApproved()

    # ---- what the framework asks

    def get_ordering(self) -> Any:
        """Inside of all others: it sees calls and messages as they go on."""
        made = need("pydantic_ai.capabilities", "pydantic-ai").CapabilityOrdering
        return made(position="innermost")

    async def for_run(self, ctx: Any) -> Any:
        """Open the conversation."""
        name = self._conversation(ctx) if self._conversation else str(ctx.conversation_id or "")
        context = self._context(ctx) if self._context else None
        own = getattr(ctx.agent, "name", None) or ""
        run = copy(self)
        run.door = Place(self.guard, self._agent or own, name, context).door()
        return run

    async def before_model_request(self, ctx: Any, request_context: Any) -> Any:
        """Judge what the model is sent, while it is told who says it."""
        return await sent(self._held(), request_context)

    def get_wrapper_model(self, model: Any) -> Any:
        """Judge what the model says, before anybody gets it."""
        return judged(self._held(), model)

    def get_wrapper_toolset(self, toolset: Any) -> Any:
        """Judge calls and results."""
        return judging(self._held(), toolset)

    async def handle_deferred_tool_calls(self, ctx: Any, *, requests: Any) -> Any:
        """Judge calls that are to run elsewhere."""
        return await refusals(self._held(), requests)

    def _held(self) -> Door:
        if self.door is None:
            raise RuntimeError("the capability is asked outside of a run")
        return self.door
