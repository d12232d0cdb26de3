"""Pydantic models of what Remit writes and reads at its edges, and their JSON Schemas.

They describe; they make no decision and are not used on the way to one.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from remit.models.ledger import LedgerLine
from remit.models.records import ConversationRecord, DecisionRecord

__all__ = ["ConversationRecord", "DecisionRecord", "LedgerLine", "schema"]

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_MODELS: dict[str, type[BaseModel]] = {
    "decision": DecisionRecord,
    "conversation": ConversationRecord,
    "ledger": LedgerLine,
}


def schema(name: str) -> dict[str, Any]:
    """The JSON Schema of `decision` or `conversation` records, or of a line of a `ledger`."""
    made = _MODELS[name].model_json_schema()
    return {"$schema": _DRAFT, "$id": f"{name}.schema.json", **made}
