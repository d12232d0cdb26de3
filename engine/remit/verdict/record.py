"""A decision as a record: plain data that can be stored, verified and read years later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from remit.conversation.from_steps import step_to_json
from remit.program.values import UNKNOWN

if TYPE_CHECKING:
    from remit.verdict.model import Decision

FORMAT = 1  # of the record; grows when a reader of older records would misread newer ones


def record(decision: Decision) -> dict[str, Any]:
    """The whole decision. Same policy, step and context: the same record, byte for byte."""
    flip = decision.flip
    data: dict[str, Any] = {
        "format": FORMAT,
        "policy": {"id": decision.ground.name, "digest": decision.ground.digest},
        "index": decision.index,
        "step": step_to_json(decision.step),
        "context": dict(decision.view.context) if decision.view else {},
        "verdict": decision.verdict,
        "decided_by": list(decision.decided_by),
        "in_force": list(decision.in_force),
        "defeated": [
            {"norm": one.norm, "by": one.by, "reason": one.reason} for one in decision.defeated
        ],
        "applied": [_applied(decision, one) for one in decision.applied],
        "void": [],
        "unknown": [{"norm": one.norm, "terms": list(one.terms)} for one in decision.unknown],
        "advice": list(decision.advice),
        "ask": list(decision.ask),
        "changes": [{"path": one.path, "kind": one.kind, "by": one.by} for one in decision.changes],
        "errors": [{"norm": norm, "error": error} for norm, error in decision.errors],
        "note": decision.note,
        "explanation": str(decision),
    }
    if decision.changes:
        data["after"] = step_to_json(decision.after)
    if flip is not None:
        data["flip"] = {
            "norm": flip.norm, "verdict": flip.verdict, "term": flip.term, "now": flip.now,
            "other": flip.other,
            "text": str(flip),
        }  # fmt: skip
    return data


def _applied(decision: Decision, one: Any) -> dict[str, Any]:
    norm, program = one.rule.norm, decision.ground.program
    return {
        "norm": norm.id,
        "modality": norm.modality,
        "author": program.level(norm.author),
        "strength": program.level(norm.strength),
        "unknown": one.truth is UNKNOWN,
    }
