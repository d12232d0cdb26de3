"""Decisions in traces and logs as collectors write them: OTLP as JSON, an object a line.

What a trace tells is less than a ledger: no step, no session. So it is shown, and not replayed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from remit.ledger.clock import utc
from remit.ledger.model import DECISION, POLICY, Line

SIGNS = (b'{"resourceSpans"', b'{"resourceLogs"')
DECISION_ID, OUTCOME = "remit.decision.id", "remit.decision.outcome"
# The name that an attribute has in a record.
NAMES = {
    DECISION_ID: "id", OUTCOME: "verdict", "remit.decision.clauses": "decided_by",
    "remit.decision.reason": "note", "remit.decision.corrects": "corrects",
    "remit.enforcement.mode": "mode", "remit.policy.version": "policy",
    "remit.step.index": "index", "remit.approval.decision_id": "held",
    "gen_ai.conversation.id": "conversation", "gen_ai.agent.name": "agent",
}  # fmt: skip
STAGES = {
    "tool_input": "call", "tool_output": "result", "agent_message": "handoff",
    "model_input": "message", "model_output": "message",
}  # fmt: skip
MATCHED, ERROR = "remit.clause.matched", "remit.clause.error"
VOID, JUDGED = "remit.directive.void", "remit.judge.asked"
CLAUSE, LOST_TO, LOST_REASON = "remit.clause.id", "remit.clause.lost_to", "remit.clause.lost_reason"


def lines_of(data: bytes) -> Iterator[Line]:
    """What a line of a trace tells of decisions, as lines of a ledger. Never raises."""
    if not data.startswith(SIGNS):
        return
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        return
    for scopes, pieces in (("scopeSpans", "spans"), ("scopeLogs", "logRecords")):
        for resource in _all(content, "resourceSpans", "resourceLogs"):
            for scope in _all(resource, scopes):
                for piece in _all(scope, pieces):
                    yield from _decision(piece)


def _decision(piece: Mapping[str, Any]) -> Iterator[Line]:
    told = _attributes(piece)
    if type(told.get(DECISION_ID)) is not str or type(told.get(OUTCOME)) is not str:
        return
    record = {NAMES[name]: value for name, value in told.items() if name in NAMES}
    record["step"] = _step(told)
    for name, key in (("trace", "traceId"), ("span", "spanId")):
        if isinstance(piece.get(key), str):
            record[name] = piece[key]
    for event in _all(piece, "events"):
        _take(record, str(event.get("name")), _attributes(event))
    time = _time(piece)
    policy = {"id": told.get("remit.policy.id"), "digest": told.get("remit.policy.version")}
    yield Line(POLICY, -1, time, "", "", policy, False)
    yield Line(DECISION, -1, time, "", "", record, False)


def _step(told: Mapping[str, Any]) -> dict[str, Any]:
    """As much of the step as is told: its kind and its tool, and its arguments where they are."""
    step: dict[str, Any] = {"kind": STAGES.get(str(told.get("remit.stage")), "message")}
    if "gen_ai.tool.name" in told:
        step["tool"] = told["gen_ai.tool.name"]
    try:
        args = json.loads(told.get("gen_ai.tool.call.arguments", ""))
    except (ValueError, TypeError, RecursionError):
        args = None
    if isinstance(args, dict) and step["kind"] == "call":
        return {**step, "args": args}
    return {**step, "$": "odd", "of": "a trace"}


def _take(record: dict[str, Any], name: str, told: Mapping[str, Any]) -> None:
    """Add what an event tells."""
    norm = told.get(CLAUSE)
    if name == MATCHED and LOST_TO in told:
        row = {"norm": norm, "by": told[LOST_TO], "reason": told.get(LOST_REASON)}
        record.setdefault("defeated", []).append(row)
    elif name == ERROR:
        row = {"norm": norm, "error": told.get("remit.clause.message")}
        record.setdefault("errors", []).append(row)
    elif name == VOID:
        row = {part: told.get(f"remit.directive.{part}") for part in ("has", "needs")}
        row |= {"directive": told.get("remit.directive.id"), "by": told.get("remit.directive.from")}
        known = {key: value for key, value in row.items() if value is not None}
        record.setdefault("void", []).append(known)
    elif name == JUDGED:
        row = {"judge": told.get("remit.judge.name")}
        row |= {part: told.get(f"remit.judge.{part}") for part in ("question", "answer")}
        record.setdefault("judged", []).append(row)


# ---- the form


def _all(data: Any, *names: str) -> Iterator[Mapping[str, Any]]:
    for name in names:
        rows = data.get(name) if isinstance(data, dict) else None
        yield from (row for row in rows if isinstance(row, dict)) if isinstance(rows, list) else ()


def _attributes(piece: Mapping[str, Any]) -> dict[str, Any]:
    return {str(one.get("key")): _value(one.get("value")) for one in _all(piece, "attributes")}


def _value(data: Any) -> Any:
    """The value of an attribute; None where it is of no known kind."""
    if not isinstance(data, dict):
        return None
    if "arrayValue" in data:
        return [_value(one) for one in _all(data["arrayValue"], "values")]
    if "intValue" in data:  # a text, as JSON has no whole numbers of 64 bits
        text = str(data["intValue"])
        return int(text) if text.lstrip("-").isdigit() and len(text) < 21 else None
    return next((data[kind] for kind in ("stringValue", "boolValue", "doubleValue")
                 if kind in data), None)  # fmt: skip


def _time(piece: Mapping[str, Any]) -> str:
    for name in ("startTimeUnixNano", "timeUnixNano"):
        text = str(piece.get(name, ""))
        if text.isdigit() and len(text) < 20:
            return utc(int(text))
    return "at an unknown time"
