"""Remit as a plugin of Google's Agent Development Kit (ADK), for all agents of a runner.

The framework is imported when the plugin is made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from remit_plugins.adapters.google_adk.gates import name_of
from remit_plugins.adapters.google_adk.hooks import GAPS, POINTS, Hooks
from remit_plugins.adapters.needs import need

if TYPE_CHECKING:
    from remit.host.guard import Guard

__all__ = ["GAPS", "POINTS", "name_of", "plugin"]


def plugin(
    guard: Guard, *, name: str = "remit", conversation: Callable[[Any], str] = name_of,
    context: Callable[[Any], Mapping[str, Any]] | None = None,
) -> Any:  # fmt: skip
    """A plugin that holds all agents of a runner to the policy of a guard. Give it first.

    First, for a plugin that answers keeps those after it from being asked. `conversation` gives the
    name of a conversation, from the session; `context` what the host declares of it, from the
    session too.

    Raises `MissingError` where ADK is not installed.
    """
    base = need("google.adk.plugins.base_plugin", "google-adk").BasePlugin
    made = type("RemitPlugin", (Hooks, base), {})
    return made(guard, name=name, conversation=conversation, context=context)
