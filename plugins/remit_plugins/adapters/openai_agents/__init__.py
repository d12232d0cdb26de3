"""Remit in the OpenAI Agents SDK: `protect` an agent, and `answer` what its calls ask.

The SDK is imported when an agent is protected.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from remit.host.asked import same_call
from remit.host.coverage import Coverage
from remit.host.coverage import coverage as _coverage
from remit.host.gate import reply_of
from remit_plugins.adapters.openai_agents.agents import Family
from remit_plugins.adapters.openai_agents.items import call_of, data_of, id_of
from remit_plugins.adapters.places import Name, Place, noted

if TYPE_CHECKING:
    from remit.hooks.events import Request
    from remit.host.gate import Gate
    from remit.host.guard import Guard
    from remit.policy import Policy

__all__ = ["GAPS", "POINTS", "answer", "coverage", "protect", "request"]

POINTS = ("pre_model_call", "post_model_call", "pre_tool_call", "post_tool_call", "handoff")
GAPS = (
    "tools that the provider of the model runs, and those named in `unheld`",
    "the model's reasoning, and prompts that the provider stores",
    "what a provider keeps of a conversation, where it keeps one",
    "agents that a tool's own code runs without `protect`",
    "traces have the model's own answer, and a session what a user said",
)


def protect(
    agent: Any, guard: Guard, conversation: Name = "", *, unheld: Collection[str] = (),
    provider: Any = None,
) -> Any:  # fmt: skip
    """The agent, and those it hands on to, held to the policy of a guard. It stays as it was.

    `conversation` is the name of the conversation, or a function that gives it; an agent that
    becomes a tool of another one needs none. `unheld` names tools that cannot be judged and may run
    all the same. `provider` finds models by their names, if it is not the SDK's.

    Raises `ValueError` for a tool that cannot be judged, or in which an agent is under no policy;
    `MissingError` where the SDK is not installed.
    """
    return Family(Place(guard, agent.name, conversation), provider, unheld).protected(agent)


def coverage(policy: Policy) -> Coverage:
    """What a policy misses in this SDK."""
    return _coverage(policy, POINTS, GAPS)


def request(item: Any) -> Request | None:
    """What an interruption of a run asks; None where no policy asks it any more."""
    gate = _gate(item)
    data = data_of(item.raw_item)
    call = call_of(item.tool_name, data.get("arguments"), id_of(data))
    waiting = () if gate is None else gate.waiting
    same = [one for one in waiting if one.call.id == call.id]
    same += [one for one in waiting if same_call(one.call, call)]
    return same[0] if same else None


def answer(state: Any, item: Any, reply: Any) -> None:
    """Somebody answers an interruption of a run; run the state to go on.

    `reply` is as for `Gate.resume`. What is no plain yes, comes too late, is to another request or
    to other arguments (`args`) is a no. An approval that only the SDK has been told does not let a
    call go on.
    """
    asked, gate = request(item), _gate(item)
    if asked is None or gate is None:  # only a rule of the tool's own asks
        state.approve(item) if reply_of(reply).yes else state.reject(item)
        return
    other = _other(asked, reply)
    why = noted(gate, asked, replace(reply_of(reply), yes=False) if other else reply)
    if why := other or why:
        state.reject(item, rejection_message=why)
    else:
        state.approve(item)


def _other(asked: Request, reply: Any) -> str:
    """What the model is told where somebody agrees to other arguments than those it gave."""
    args = reply.get("args") if isinstance(reply, Mapping) else None
    if args is None or args == asked.call.args:
        return ""
    return f"nobody agreed to this call, but to these arguments: {json.dumps(args, default=str)}"


def _gate(item: Any) -> Gate | None:
    """The gate that asks; in another process that of the conversation."""
    held = getattr(item.agent, "remit_held", None)
    if held is None:
        return None
    found: Gate | None = held.asked.get(id_of(data_of(item.raw_item)))
    if found is None and held.place.conversation:
        found = held.place.gate()
    return found
