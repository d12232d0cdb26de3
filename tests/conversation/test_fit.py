"""Nothing that could be a call, a result or words is dropped without a word."""

from __future__ import annotations

import json
from typing import Any

import pytest

from remit.conversation.model import Call, Message
from remit.conversation.read import conversation_from

CALL = {"id": "a", "function": {"name": "refund", "arguments": "{}"}}
USE = {"type": "tool_use", "id": "a", "name": "refund", "input": {"amount": 1}}
SAID = {"role": "assistant", "content": "hi"}
CARD = "4111 1111 1111 1111"

DROPPED: dict[str, tuple[str | None, Any, str]] = {
    "calls": ("anthropic", [{**SAID, "tool_calls": [CALL]}], "`--format openai`"),
    "old call": ("anthropic", [{**SAID, "function_call": {"name": "x"}}], "`--format openai`"),
    "use": ("openai", [{"role": "assistant", "content": [USE]}], "`--format anthropic`"),
    "result": ("openai", [{"role": "user", "content": [{"type": "tool_result"}]}], "anthropic"),
    "bedrock": (None, [{"role": "assistant", "content": [{"toolUse": {"name": "x"}}]}], "toolUse"),
    "call part": ("anthropic", [{**SAID, "content": [{"type": "function_call"}]}], "openai"),
    "both": (None, [{"role": "assistant", "content": [USE], "tool_calls": [CALL]}], "tool_calls"),
    "system": ("openai", {"system": "be kind", "messages": [SAID]}, "`--format anthropic`"),
    "steps": ("openai", {"steps": [{"kind": "call", "tool": "x"}]}, "`--format steps`"),
    "step": ("openai", [{**SAID, "kind": "call", "tool": "x"}], "`--format steps`"),
    "messages": ("steps", {"messages": [SAID]}, "messages"),
    "toolcalls": (None, [{**SAID, "toolcalls": [CALL]}], "did you mean `tool_calls`?"),
    "tool_call": (None, [{**SAID, "tool_call": CALL}], "did you mean `tool_calls`?"),
    "functionCall": (None, [{**SAID, "functionCall": {}, "toolUses": [USE]}], "toolUses"),
    "contents": (None, [{"role": "user", "contents": "hi"}], "did you mean `content`?"),
    "parts": (None, [{"role": "user", "parts": [{"text": "hi"}]}], "parts"),
    "calling tool": (None, [{"role": "tool", "content": "x", "tool_calls": [CALL]}], "belong"),
    "item with words": (
        None,
        [{"type": "function_call", "call_id": "a", "name": "x", "content": "hi"}, SAID],
        "content",
    ),
    "two tools": (None, [{**SAID, "tool_calls": [{**CALL, "custom": {"name": "x"}}]}], "once"),
    "args": (None, [{**SAID, "tool_calls": [{"name": "x", "args": {"a": 1}}]}], "`arguments`"),
    "inputs": (None, [{**SAID, "content": [{**USE, "inputs": {"a": 1}}]}], "`input`"),
}


@pytest.mark.parametrize("case", DROPPED)
def test_what_would_be_dropped_is_an_error(case: str) -> None:
    """The finding names the key and helps."""
    form, record, told = DROPPED[case]
    made, found = conversation_from(record, format=form)
    assert made is None
    assert {one.code for one in found} == {"R0903"}
    assert told in " ".join(f"{one.message} {one.help}" for one in found)


@pytest.mark.parametrize("form", ["openai", "anthropic", "trace"])
def test_other_keys_are_fine(form: str) -> None:
    """So are keys of another format that hold nothing."""
    more = {"id": "m", "name": "Ann", "metadata": {"a": 1}, "audio": {"id": "x"}, "context": {},
            "tool_calls": None, "function_call": None, "annotations": [1],
            "tools": [1], "reasoning_content": "hm"}  # fmt: skip
    made, found = conversation_from([{**SAID, **more}], format=form)
    assert (made and made.steps, found) == ([Message("assistant", "hi")], [])


def test_a_call_item_with_a_role_is_a_call() -> None:
    """Whatever the role, its type says what it is."""
    item = {"type": "function_call", "role": "assistant", "name": "x", "arguments": '{"a": 1}'}
    made, found = conversation_from([item])
    assert (made and made.steps, found) == ([Call("x", {"a": 1})], [])


@pytest.mark.parametrize("form", ["openai", "anthropic"])
def test_an_unknown_part_is_read_as_its_json(form: str) -> None:
    """So that conditions see what is in it; it has no authority. Thinking stays unheard."""
    part = {"type": "payment", "card": {"number": CARD}}
    thought = {"type": "thinking", "thinking": "hm"}
    made, _ = conversation_from([{"role": "user", "content": [thought, part]}], format=form)
    assert made
    (step,) = made.steps
    assert isinstance(step, Message)
    (kept,) = step.parts
    assert (kept.origin, kept.name, json.loads(kept.text)) == ("attached", "payment", part)
