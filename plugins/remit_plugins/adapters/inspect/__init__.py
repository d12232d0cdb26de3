"""Remit as an approver of Inspect: each call of a tool is held to a policy, in every sample.

The same evaluation with and without it measures a policy. The framework is imported when the
approver is made; `registered` is what Inspect loads for `remit/policy` in a file of approvals.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from remit_plugins.adapters.inspect.approving import GAPS, POINTS, Approving
from remit_plugins.adapters.needs import need

if TYPE_CHECKING:
    from remit.host.guard import Guard

__all__ = ["GAPS", "POINTS", "approver"]


def approver(guard: Guard, *, agent: str = "") -> Any:
    """An approver under a guard: give it to `ApprovalPolicy(approver(guard), "*")`.

    For all tools, and before other approvers: what asks goes on to the next one, unless the guard
    has approvers. Raises `MissingError` where Inspect is not installed.
    """
    made = need("inspect_ai.approval", "inspect-ai").approver

    def policy() -> Any:
        return Approving(guard, agent).approver()

    return made(name="guard")(policy)()
