"""The published schemas are current, and what Remit writes keeps to them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import Result

from remit import Call, Handoff, Message, Part, Policy, Step, load
from remit.conversation.from_steps import conversation_to_json
from remit.conversation.model import Result as ToolResult
from remit.conversation.whole import Conversation
from remit.models import ConversationRecord, DecisionRecord, schema

Golden = Callable[[Path, str], None]
SCHEMAS = Path(__file__).resolve().parents[2] / "docs" / "schema"

SPEC = """
spec many
author developer
tool pay(amount: number, to: text)
context tier: one of low, high
act payment = call pay
clause limit "Not so much."
  forbid payment where amount > 100
  otherwise ask boss advise "Ask for less."
  except high: permit where tier is high
clause mails
  forbid message where has email
  otherwise redact
clause ends
  forbid handoff
  otherwise halt
clause cut
  forbid call pay where amount > 90
  otherwise rewrite amount to 90
"""

STEPS: list[Step] = [
    Message("user", "hi", (Part("see this", "attached", "a.txt"),), time=1.5),
    Message("assistant", "write to a@b.example"),
    Call("pay", {"amount": 95}, "1"),
    Call("pay", {"amount": 500, "to": "x"}, "2"),
    Call("pay", {}, bad_args="{oops"),
    ToolResult("pay", '{"ok": true}', {"ok": True}, "1", error="late"),
    Handoff("billing", "please"),
    Message("user", "still there?"),
]


@pytest.fixture(scope="module")
def policy() -> Policy:
    """One that gives most verdicts."""
    return load(SPEC)


def _records(policy: Policy) -> Iterator[dict[str, Any]]:
    for context in ({}, {"tier": "high"}, {"tier": "low"}):
        for decision in policy.judge(list(STEPS), context):
            yield json.loads(json.dumps(decision.to_json()))


@pytest.mark.parametrize("name", ["decision", "conversation", "ledger"])
def test_the_published_schema_is_current(name: str, golden: Golden) -> None:
    """`pytest --update` writes it; `remit show schema` prints it."""
    golden(SCHEMAS / f"{name}.schema.json", json.dumps(schema(name), indent=2) + "\n")
    jsonschema.Draft202012Validator.check_schema(schema(name))


def test_decision_records_keep_to_the_schema(policy: Policy) -> None:
    """Every kind of step, most verdicts; and nothing in a record is left undescribed."""
    validator = jsonschema.Draft202012Validator(schema("decision"))
    records = list(_records(policy))
    assert {one["verdict"] for one in records} >= {
        "allow",
        "ask",
        "redact",
        "rewrite",
        "halt",
        "deny",
    }
    for record in records:
        validator.validate(record)
        assert DecisionRecord.model_validate(record).verdict == record["verdict"]


def test_a_field_more_or_less_is_noticed(policy: Policy) -> None:
    """Else the test above would hold for anything."""
    validator = jsonschema.Draft202012Validator(schema("decision"))
    record = next(_records(policy))
    assert not validator.is_valid({**record, "more": 1})
    assert not validator.is_valid({key: one for key, one in record.items() if key != "applied"})
    assert not validator.is_valid({**record, "verdict": "denied"})


def test_conversations_keep_to_the_schema() -> None:
    """What is written in Remit's own form is described by the model."""
    data = conversation_to_json(Conversation("c", list(STEPS), {"a": 1}, {"tier": "low"}))
    jsonschema.Draft202012Validator(schema("conversation")).validate(json.loads(json.dumps(data)))
    made = ConversationRecord.model_validate(data)
    assert [one.kind for one in made.steps] == [one.kind for one in STEPS]


def test_the_command_prints_it(remit: Callable[..., Result]) -> None:
    """The same schema."""
    assert json.loads(remit("show", "schema", "decision").stdout) == schema("decision")
