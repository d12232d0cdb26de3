"""The same decision in the words of others: OpenInference, and the names proposed to OpenTelemetry.

They are extras: `remit.*` says everything.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from remit_plugins.telemetry.names import MOST_NAME
from remit_plugins.telemetry.words import cut

if TYPE_CHECKING:
    from remit.verdict.model import Decision

SESSION_ID = "session.id"
INPUT_VALUE = "input.value"


def openinference(decision: Decision, clauses: list[str], reason: str) -> dict[str, Any]:
    """What makes a viewer show a guardrail as such, with what it came to."""
    told = {"decision": decision.verdict, "because": clauses, "reason": reason}
    return {
        "openinference.span.kind": "GUARDRAIL",
        "output.value": json.dumps(told, ensure_ascii=False),
        "output.mime_type": "application/json",
    }


def genai_draft(decision: Decision, stage: str, clauses: list[str], reason: str) -> dict[str, Any]:
    """The attributes that are proposed for guardrails."""
    told = {
        "component.name": "remit",
        "policy.id": cut(decision.ground.name, MOST_NAME),
        "policy.version": decision.ground.digest,
        "source": stage,
        "result.type": "decision",
        "result.value": decision.verdict,
        "result.reason": reason,
    }
    if clauses:
        told["policy.rule.id"] = clauses[0]
    return {f"gen_ai.guardrail.{name}": value for name, value in told.items()}
