"""What a host cannot show to a policy, and which clauses are blind because of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from remit.conversation.model import CALL, HANDOFF, KINDS, MESSAGE, RESULT
from remit.hooks.events import POINTS

if TYPE_CHECKING:
    from remit.policy import Policy

# What comes at which point. Messages come at several: from people, and from the agent.
SHOWS = {
    CALL: ("pre_tool_call",),
    RESULT: ("post_tool_call", "pre_model_call"),
    HANDOFF: ("handoff",),
}
SAID_TO = ("input", "pre_model_call")
SAID_BY = ("output", "post_model_call")


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a policy misses in a host.

    `missing` are the points that the host does not have, `gaps` what it says it cannot show there,
    `blind` the ids of clauses about steps that never come.
    """

    missing: tuple[str, ...]
    gaps: tuple[str, ...]
    blind: tuple[str, ...]

    def __str__(self) -> str:
        rows = [f"never shown: {one}" for one in self.missing]
        rows += [f"not shown: {one}" for one in self.gaps]
        rows += [f"`{one}` never applies here" for one in self.blind]
        return "\n".join(rows) or "everything is shown"


def coverage(policy: Policy, points: Collection[str], gaps: Collection[str] = ()) -> Coverage:
    """What the policy misses in a host that has these points; `gaps` are the host's own words."""
    missing = tuple(one for one in POINTS if one not in points)
    blind = [rule.norm.id for rule in policy.ground.program.rules
             if not _is_shown(rule.norm.act.kind, rule.norm.act.roles, points)]  # fmt: skip
    return Coverage(missing, tuple(gaps), tuple(blind))


def _is_shown(kind: str, roles: Collection[str] | None, points: Collection[str]) -> bool:
    """Whether any step of a kind, by one of the roles, ever comes."""
    if kind not in KINDS:
        return bool(points)
    if kind != MESSAGE:
        return any(one in points for one in SHOWS[kind])
    said_by = roles is None or "assistant" in roles
    said_to = roles is None or any(one != "assistant" for one in roles)
    return (said_by and any(one in points for one in SAID_BY)) or (
        said_to and any(one in points for one in SAID_TO)
    )
