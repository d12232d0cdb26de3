"""Keeps what a model says from leaving before it is judged.

LangChain hands each piece, and the whole answer, to those who stream (`stream_mode="messages"`,
`astream_events`) while the model still speaks. Within `quiet` they hear nothing of the model; they
get the message that is left of it as the agent's, once it is judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from remit_plugins.adapters.needs import need


@contextmanager
def quiet() -> Iterator[None]:
    """Model calls in here tell no stream of what they say."""
    current = need("langchain_core.runnables.config", "langchain").var_child_runnable_config
    tag = need("langgraph.constants", "langchain").TAG_NOSTREAM
    config = dict(current.get() or {})
    config["tags"] = [*(config.get("tags") or ()), tag]  # what LangGraph has for this
    config["callbacks"] = _without_streams(config.get("callbacks"))
    token = current.set(config)
    try:
        yield
    finally:
        current.reset(token)


def _without_streams(callbacks: Any) -> Any:
    """The same callbacks without those that stream: `astream_events` knows no tag."""
    if callbacks is None or isinstance(callbacks, list):
        return [one for one in callbacks or () if not _streams(one)]
    left = callbacks.copy()
    for one in [*left.handlers, *left.inheritable_handlers]:
        if _streams(one):
            left.remove_handler(one)
    return left


def _streams(handler: Any) -> bool:
    return hasattr(handler, "tap_output_aiter")  # the protocol of all that stream
