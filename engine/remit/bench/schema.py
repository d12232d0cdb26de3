"""The JSON Schema of what `remit bench --json` prints."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from remit.bench.model import Report


def schema() -> dict[str, Any]:
    """A list of reports."""
    made = TypeAdapter(list[Report]).json_schema(mode="serialization")
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "bench.schema.json"}
    return {**head, **made}
