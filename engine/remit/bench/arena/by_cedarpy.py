"""Cedar, by cedarpy: policies and entities parsed once and handed over by their handles."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import import_module
from typing import Any

from .calls import ROLES, Calls, Judge, Request, Rule


def _policy(rule: Rule) -> str:
    effect = "forbid" if rule.effect == "deny" else "permit"
    action = f'action == Action::"{rule.tool}"' if rule.tool else "action"
    return (
        f'@id("{rule.id}") {effect}(principal in Role::"{rule.role}", {action}, resource) '
        f'when {{ context.args.amount > {rule.above} && context.args.path like "{rule.prefix}*" }};'
    )


def calls_text(work: Calls) -> str:
    """W1 in Cedar."""
    return "\n".join(map(_policy, work.rules))


def _entities() -> list[dict[str, Any]]:
    roles = [{"uid": {"type": "Role", "id": role}, "attrs": {}, "parents": []} for role in ROLES]
    users = [
        {
            "uid": {"type": "User", "id": f"u{one}-{role}"},
            "attrs": {},
            "parents": [{"type": "Role", "id": role}],
        }
        for one in range(4)
        for role in ROLES
    ]
    return roles + users


def _request(request: Request) -> dict[str, Any]:
    user = request["principal"]
    return {
        "principal": {"type": "User", "id": f"{user['id']}-{user['role']}"},
        "action": {"type": "Action", "id": request["tool"]},
        "resource": {"type": "Conversation", "id": "c"},
        "context": {"args": request["args"], "conversation": request["conversation"]},
    }


def calls(work: Calls) -> Judge:
    """Parsed once. Cedar tells `NoDecision` from nothing: what no policy permits is denied."""
    cedarpy: Any = import_module("cedarpy")
    policies = loader(work)()
    entities = cedarpy.Entities.from_json_str(json.dumps(_entities()))

    def decide(request: Request) -> str:
        found = cedarpy.is_authorized(_request(request), policies, entities)
        return str(found.decision.value).lower()

    return Judge(decide, closed=True)


def loader(work: Calls) -> Callable[[], Any]:
    """The policies from text."""
    cedarpy: Any = import_module("cedarpy")
    text = calls_text(work)
    return lambda: cedarpy.PolicySet.from_str(text)
