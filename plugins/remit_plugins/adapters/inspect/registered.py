"""What Inspect finds by its entry point: `remit/policy`, for files of approvals.

Only Inspect imports this module, so it imports Inspect.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from remit.host.guard import Guard
from remit.policy import load
from remit_plugins.adapters.inspect.approving import Approving
from remit_plugins.adapters.needs import need


def _policy(
    spec: str | list[str], *, agent: str = "", context: dict[str, Any] | None = None,
    plugins: bool = False, shadow: bool = False,
) -> Any:  # fmt: skip
    """The approver of a file of approvals. `spec`: the paths of specs, or of a stored policy."""
    paths = [spec] if isinstance(spec, str) else spec
    guard = Guard(
        load(*map(Path, paths)), context=context, installed=plugins,
        mode="shadow" if shadow else "enforce",
    )  # fmt: skip
    return Approving(guard, agent).approver()


_policy.__module__ = "remit"  # Inspect names an approver after the package that it is of
policy = need("inspect_ai.approval", "inspect-ai").approver(name="policy")(_policy)
