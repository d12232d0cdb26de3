"""Confirmations as ADK has them: a call of a tool of its own, which the user's client answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from remit.conversation.model import Call
from remit.hooks.events import Request, Verdict
from remit_plugins.adapters.needs import need

CONFIRM = "adk_request_confirmation"


def paused(tool_context: Any, verdict: Verdict, edited: Call | None = None) -> Verdict:
    """Have ADK ask the user; the run ends, and goes on with the answer."""
    request = verdict.request
    assert isinstance(request, Request), "what asks has a request"
    payload = request.to_json()
    if edited is not None:
        payload["edited"] = dict(edited.args)
    hint = f"{', '.join(request.people)}: {request.reason}"
    tool_context.request_confirmation(hint=hint, payload=payload)
    tool_context.actions.skip_summarization = True  # else the model answers before the person
    return verdict


def asked_about(session: Any, call: str) -> Mapping[str, Any]:
    """What we asked about a call last, as ADK keeps it; empty where it was not us."""
    for event in reversed(session.events):
        for one in event.get_function_calls():
            args = one.args or {}
            if one.name == CONFIRM and args.get("originalFunctionCall", {}).get("id") == call:
                payload = args.get("toolConfirmation", {}).get("payload")
                is_ours = isinstance(payload, Mapping) and "id" in payload
                return payload if is_ours else {}
    return {}


def asking(event: Any, where: Any) -> Any:
    """The event with its confirmations in it: ADK makes none for a call that was answered."""
    ids = {one.id for one in event.get_function_responses()}
    made = need("google.adk.flows.llm_flows.functions", "google-adk")
    calls = next(one for one in reversed(where.session.events) if _calls(one, ids))
    asks = made.generate_request_confirmation_event(where, calls, event)
    content = event.content.model_copy(update={
        "parts": [*event.content.parts, *asks.content.parts]
    })  # fmt: skip
    waiting = {*(event.long_running_tool_ids or ()), *asks.long_running_tool_ids}
    return event.model_copy(update={"content": content, "long_running_tool_ids": waiting})


def _calls(event: Any, ids: set[str]) -> bool:
    return any(one.id in ids for one in event.get_function_calls())
