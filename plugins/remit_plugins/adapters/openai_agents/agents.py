"""Agents of the OpenAI Agents SDK under a policy."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from remit_plugins.adapters.needs import need
from remit_plugins.adapters.openai_agents.model import judged
from remit_plugins.adapters.openai_agents.tools import NOT_OURS, Handing, is_judged, judged_tool
from remit_plugins.adapters.places import Place

if TYPE_CHECKING:
    from remit.host.gate import Gate
    from remit_plugins.adapters.once import Door


@dataclass(slots=True)
class Family:
    """Agents that hand a conversation to each other, each held once."""

    place: Place
    provider: Any
    unheld: Collection[str]
    asked: WeakValueDictionary[str, Gate] = field(default_factory=WeakValueDictionary)
    members: dict[int, tuple[Any, Any]] = field(default_factory=dict)  # what was given, and made

    def protected(self, agent: Any) -> Any:
        """The agent as it is held. Raises `ValueError` for a tool that cannot be."""
        held = getattr(agent, "remit_held", None)
        given = agent if held is None else held.given
        if held is not None and held.family is self:
            return agent
        if id(given) not in self.members:
            Held(self, given).make()
        return self.members[id(given)][1]


class Held:
    """One agent: what was given, and what is made of it."""

    def __init__(self, family: Family, given: Any) -> None:
        self.family, self.given = family, given
        self.place, self.asked = family.place, family.asked
        self.agent: str = given.name
        self.protected = family.protected
        self.made: Any = None

    def make(self) -> None:
        """Make the agent that is held: tools, model, handoffs, hooks."""
        if not isinstance(self.given, need("agents", "openai-agents").Agent):
            raise TypeError(f"`{type(self.given).__name__}` is no agent that can be protected")
        parts = {one.name: getattr(self.given, one.name) for one in fields(self.given) if one.init}
        parts["tools"] = [self.tool(one) for one in self.given.tools]
        parts["model"] = judged(self._model, self.place, self.agent)
        parts["hooks"] = _listening(self.given.hooks, self.heard)
        parts["handoffs"] = []
        body = {"remit_held": self, "get_all_tools": _all_tools}
        self.made = type("ProtectedAgent", (type(self.given),), body)(**parts)
        self.made.model_settings = self.given.model_settings  # which another model resets
        self.family.members[id(self.given)] = (self.given, self.made)
        self.made.handoffs = [self.handoff(one) for one in self.given.handoffs]

    def door(self) -> Door:
        """The gate to ask, as this agent asks it."""
        return self.place.door(self.agent)

    def tool(self, tool: Any) -> Any:
        """A tool as it is held. Raises `ValueError` where it cannot be."""
        if isinstance(tool, need("agents", "openai-agents").FunctionTool):
            return tool if is_judged(tool) else judged_tool(self, tool)
        if tool.name not in self.family.unheld:
            told = f"the tool `{tool.name}` ({type(tool).__name__}) cannot be held to a policy"
            raise ValueError(f"{told}; to let it run unheld, name it in `unheld`")
        return tool

    def handoff(self, given: Any) -> Any:
        """A handoff, or an agent to hand on to, as it is held."""
        made = need("agents", "openai-agents")
        if not isinstance(given, made.Handoff):
            target = self.protected(given)
            return Handing(self, made.handoff(target)).made(target)
        known = given._agent_ref() if given._agent_ref is not None else None
        return Handing(self, given).made(None if known is None else self.protected(known))

    def heard(self) -> None:
        """The SDK has an answer. Raises `UserError` where no model of ours gave it."""
        if self.made.model.answers < 1:
            raise need("agents", "openai-agents").UserError(NOT_OURS)
        self.made.model.answers -= 1

    def _model(self) -> Any:
        given = self.given.model
        if given is not None and not isinstance(given, str):
            return given
        provider = self.family.provider or need("agents", "openai-agents").MultiProvider()
        return provider.get_model(given)


async def _all_tools(self: Any, run_context: Any) -> list[Any]:
    """Tools come from elsewhere too: servers of MCP, sandboxes, clones."""
    held: Held = self.remit_held
    found = await type(held.given).get_all_tools(self, run_context)
    return [held.tool(one) for one in found]


def _listening(given: Any, heard: Any) -> Any:
    """Hooks that hear of each answer, and pass everything on to those that were given."""
    base = need("agents.lifecycle", "openai-agents").AgentHooksBase

    def passing(name: str) -> Any:
        async def passed(self: Any, *args: Any, **named: Any) -> None:
            if name == "on_llm_end":
                heard()
            if given is not None:
                await getattr(given, name)(*args, **named)

        return passed

    body = {name: passing(name) for name in dir(base) if name.startswith("on_")}
    return type("Listening", (base,), body)()
