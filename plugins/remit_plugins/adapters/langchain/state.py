"""The part of an agent's state that is ours.

Not `from __future__ import annotations`: LangGraph evaluates what stands here, with local names.
"""

from typing import Annotated, Any, NotRequired, TypedDict

from remit_plugins.adapters.needs import need


def state() -> Any:
    """The schema: the gate of a conversation without a name. Nobody outside sees or stores it."""
    hidden = need("langchain.agents.middleware.types", "langchain").PrivateStateAttr
    untracked = need("langgraph.channels.untracked_value", "langchain").UntrackedValue

    class RemitState(TypedDict):
        remit_gate: NotRequired[Annotated[Any, untracked, hidden]]

    return RemitState
