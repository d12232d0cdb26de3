"""Which gate a hook of LangChain is to ask: that of the thread, of the run, or of a sub-agent."""

from __future__ import annotations

from _thread import LockType, allocate_lock
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary, WeakSet

from remit_plugins.adapters.callers import caller
from remit_plugins.adapters.needs import need
from remit_plugins.adapters.once import Door

if TYPE_CHECKING:
    from remit.conversation.model import Call
    from remit.hooks.events import Verdict
    from remit.host.gate import Gate
    from remit.host.guard import Guard

STATE = "remit_gate"  # as in `state`


@dataclass(frozen=True, slots=True)
class Leave:
    """What was decided about a call, after so many answers of people."""

    call: Call
    verdict: Verdict
    answers: int = 0


@dataclass(slots=True)
class Round:
    """What was decided and done since a checkpoint. Where something waits, the graph may go back to
    it: the same calls are made again, and they are to count, and to run, once."""

    checkpoint: str = ""
    waited: bool = False
    leaves: dict[str, Leave] = field(default_factory=dict)  # by call id, of calls that wait within
    given: dict[str, tuple[Call, Any]] = field(default_factory=dict)  # of those that are done


class Named(str):
    """The name of a conversation, with its gate: to whoever streams the state it is a text."""

    gate: Gate


@dataclass(slots=True)
class Gates:
    """The gates of one agent."""

    guard: Guard
    agent: str
    conversation: Callable[[Mapping[str, Any]], str] | None
    context: Callable[[Any], Mapping[str, Any]] | None
    seeing: WeakSet[Gate] = field(default_factory=WeakSet)  # which were shown a model call
    _children: WeakKeyDictionary[Gate, dict[str, Gate]] = field(default_factory=WeakKeyDictionary)
    _lock: LockType = field(default_factory=allocate_lock)  # calls of a turn run in threads
    _rounds: WeakKeyDictionary[Gate, Round] = field(default_factory=WeakKeyDictionary)

    def opened(self, runtime: Any) -> dict[str, Any] | None:
        """What a run's state is to keep: a gate of its own, if its conversation has no name."""
        config = _config()
        if caller() is not None or self._name(config):
            return None
        gate = self._made("", config, runtime)
        named = Named(gate.conversation)
        named.gate = gate
        return {STATE: named}

    def door(self, state: Any, runtime: Any, *, waits: bool) -> Door:
        """The gate of the conversation at hand. Raises `ValueError` where there is none."""
        config = _config()
        agent = self.agent or agent_of(config)
        return Door(self._of(config, state, runtime), waits, agent)

    def _of(self, config: Mapping[str, Any], state: Any, runtime: Any) -> Gate:
        above = caller()
        if above is not None:
            return self._child(above.gate, config, runtime)
        if name := self._name(config):
            return self._made(name, config, runtime)
        found = state.get(STATE) if isinstance(state, Mapping) else None
        if found is None:
            raise ValueError("the conversation has no name: give the run a `thread_id`")
        gate: Gate = found.gate
        return gate

    def round(self, gate: Gate, runtime: Any) -> Round:
        """What came of calls since the checkpoint at which the graph is."""
        info = getattr(runtime, "execution_info", None)
        at = str(getattr(info, "checkpoint_id", None) or "")
        with self._lock:
            found = self._rounds.get(gate)
            if found is None or not at or found.checkpoint != at:
                found = self._rounds[gate] = Round(at)
            return found

    def _name(self, config: Mapping[str, Any]) -> str:
        if self.conversation is not None:
            return self.conversation(config)
        return str(config["configurable"].get("thread_id") or "")

    def _made(self, name: str, config: Mapping[str, Any], runtime: Any) -> Gate:
        context = {} if self.context is None else self.context(runtime.context)
        return self.guard.gate(name, agent=self.agent or agent_of(config), context=context)

    def _child(self, above: Gate, config: Mapping[str, Any], runtime: Any) -> Gate:
        """The gate of a sub-agent: one for each run of the tool that calls it."""
        place = str(config["configurable"].get("checkpoint_ns", "")).rpartition("|")[0]
        with self._lock:
            found = self._children.setdefault(above, {})
            if place not in found:
                found[place] = self._handed(above, config, runtime)
            return found[place]

    def _handed(self, above: Gate, config: Mapping[str, Any], runtime: Any) -> Gate:
        if above.guard is self.guard:
            return above.hand_on(self.agent or agent_of(config))
        made = self._made("", config, runtime)  # under a policy of its own: only who speaks is less
        made.roles = {**made.roles, "user": "agent"}
        return made


def agent_of(config: Mapping[str, Any]) -> str:
    """The name that `create_agent` gave the agent at hand."""
    return str(config.get("metadata", {}).get("lc_agent_name") or "")


def _config() -> Mapping[str, Any]:
    found: Mapping[str, Any] = need("langgraph.config", "langchain").get_config()
    return found
