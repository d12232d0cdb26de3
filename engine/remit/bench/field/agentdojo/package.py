"""What is taken from the package `agentdojo`: suites, pipeline elements, attacks.

It is large, has no types, and may be absent; everything of it is asked for here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module, metadata
from typing import Any

VERSIONS = ("v1.2.2", "v1.2.1", "v1.2", "v1.1.2", "v1.1.1", "v1.1", "v1")  # of its tasks
VERSION = VERSIONS[0]
HOW = "pip install 'remit[agentdojo]'"
NAME = "gpt-4o-2024-05-13"  # whom attacks address, as in the paper's main table


class NotThere(RuntimeError):
    """The package is not installed; the message says how to have it."""


def part(module: str, name: str) -> Any:
    """One name of a module of the package. Raises `NotThere`."""
    try:
        return getattr(import_module(f"agentdojo.{module}"), name)
    except ModuleNotFoundError as error:
        raise NotThere(HOW) from error


@cache
def suites(version: str = VERSION) -> Mapping[str, Any]:
    """The suites of a version of the tasks, by name; none where it has no such version."""
    return dict(part("task_suite.load_suites", "get_suites")(version))


def release() -> str:
    """The release of the package. Raises `NotThere`."""
    try:
        return metadata.version("agentdojo")
    except metadata.PackageNotFoundError:
        raise NotThere(HOW) from None


def attacks() -> Sequence[str]:
    """The names of the package's attacks that want more than that a task fails."""
    known = part("attacks.attack_registry", "ATTACKS")
    return [name for name, one in known.items() if not one.is_dos_attack and name != "manual"]


def attack_on(suite: Any, name: str) -> Any:
    """An attack of the package, by its name there. Raises `KeyError` for another."""
    return part("attacks.attack_registry", "ATTACKS")[name](suite, Addressed())


class Addressed:
    """The pipeline that attacks look at: they put the name of its model into their words."""

    name = NAME


def message(role: str, text: str, calls: Sequence[Any] | None = None) -> dict[str, Any]:
    """A message in the package's form."""
    made: dict[str, Any] = {"role": role, "content": [{"type": "text", "content": text}]}
    return {**made, "tool_calls": list(calls) if calls else None} if role == "assistant" else made


def text_of(message: Mapping[str, Any]) -> str:
    """What a message of the package says."""
    parts = message.get("content") or ()
    if isinstance(parts, str):
        return parts
    return "\n".join(str(one.get("content") or "") for one in parts)
