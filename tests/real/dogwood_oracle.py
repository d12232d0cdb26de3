"""Dogwood's reference interpreter, as the wheel of `dogwood-py` bundles it: policies and traces.

Knows nothing of Remit. `native` is None where the package is not installed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

try:
    native: Any = import_module("dogwood.native")
except ImportError:  # the oracle is optional
    native = None

MISSING = "the package dogwood-py is not installed"


@dataclass(frozen=True)
class Oracle:
    """A policy set with what it is about: the schema of actions, and that of events."""

    policy: str
    schema: str
    events: str | None = None

    def problems(self) -> list[str]:
        """What its validator finds wrong."""
        found = native.validate_policy(self.policy, self.schema, self.events)
        return [*found["errors"], *found["warnings"]]

    def verdicts(self, trace: Sequence[str]) -> list[bool]:
        """Whether it allows each request of a trace."""
        if not trace:
            return []
        told = native.replay(self.policy, self.schema, "\n".join(trace), self.events)
        return [line.endswith(": true") for line in told.splitlines()]


@dataclass(frozen=True)
class Events:
    """Lines of a trace; `names` is the namespace, of which there are the types given.

    `more` are fields that every event has besides.
    """

    names: str
    principal: str
    resource: str
    more: Mapping[str, str]

    def request(self, time: int, action: str, given: Mapping[str, Any]) -> str:
        """A proposed call."""
        scope = f"scope(principal: {self.principal}, resource: {self.resource})"
        fields = f"input: {literal(given)}"
        return f"@{time} {scope} request_context({fields}) {self._event(action, 'request', fields)}"

    def response(self, time: int, action: str, given: Mapping[str, Any], out: Any) -> str:
        """What came back."""
        fields = f"input: {literal(given)}, output: {literal(out)}"
        return f"@{time} {self._event(action, 'response', fields)}"

    def _event(self, action: str, kind: str, fields: str) -> str:
        more = "".join(f", {name}: {value}" for name, value in self.more.items())
        return f'{self.names}::Action::"{action}"::{kind}({fields}{more})'


def literal(value: Any) -> str:
    """A value in a trace."""
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{name}: {literal(one)}' for name, one in value.items())} }}"
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int) else f'"{value}"'


def shipped(name: str) -> str:
    """An example file of the package."""
    path = distribution("dogwood-py").locate_file(f"examples/{name}")
    return Path(str(path)).read_text("utf-8")
