"""Asks whoever sits at the client about a call: by elicitation, in both ages of the protocol.

Before 2026-07-28 a server asks while the request waits. Since then it answers with what it needs,
and the client sends the request again with what was said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from remit.hooks.events import Reply
from remit_plugins.adapters.mcp.gates import person
from remit_plugins.adapters.needs import need

if TYPE_CHECKING:
    from remit.hooks.events import Request

FORM: dict[str, Any] = {
    "type": "object",
    "properties": {
        "approve": {"type": "boolean", "title": "Do you agree that it is done?"},
        "person": {"type": "string", "title": "Who are you? (for the record)"},
    },
    "required": ["approve"],
}
OURS = "remit:"  # how the names of our questions begin
NO = Reply(yes=False)


class Asks(Exception):
    """The client is to send the request again with an answer; `inputs` is what it is asked."""

    def __init__(self, request: Request) -> None:
        super().__init__(request.id)
        params = {"mode": "form", "message": question(request), "requestedSchema": FORM}
        self.inputs = {OURS + request.id: {"method": "elicitation/create", "params": params}}


def question(request: Request) -> str:
    """What a person is asked."""
    args = ", ".join(f"{name}: {value!r}" for name, value in request.call.args.items())
    people = " and ".join(request.people)
    return f"{request.call.tool}({args})\n{people} must agree to this call: {request.reason}"


def is_modern(context: Any) -> bool:
    """Whether a request came without a handshake: servers cannot ask while it waits."""
    modern = need("mcp_types.version", "mcp").MODERN_PROTOCOL_VERSIONS
    return context.protocol_version in modern


@dataclass(frozen=True, slots=True)
class Client:
    """The client of a request: its context, and the answers that came with it."""

    context: Any
    answers: Mapping[str, Any]

    @property
    def can_be_asked(self) -> bool:
        """Whether it shows forms to people."""
        session = getattr(self.context, "session", None)
        found = getattr(getattr(session, "client_capabilities", None), "elicitation", None)
        return found is not None and (found.form is not None or found.url is None)

    async def reply(self, request: Request, seconds: float) -> Reply:
        """What was said. Raises `Asks` where the client must send the request again."""
        if not is_modern(self.context):
            return await self._waited(request, seconds)
        answer = self.answers.get(OURS + request.id)
        if answer is None:
            raise Asks(request)
        return _reply(answer)

    async def _waited(self, request: Request, seconds: float) -> Reply:
        import asyncio

        context = self.context
        asked = context.session.elicit_form(question(request), FORM, context.request_id)
        try:
            given = await asyncio.wait_for(asked, seconds)
        except Exception:  # noqa: BLE001 - whatever goes wrong is no yes
            return NO
        return _reply({"action": given.action, "content": given.content})


def _reply(answer: Any) -> Reply:
    """Only a form that was sent, with a plain yes in it, is one."""
    if not isinstance(answer, Mapping) or answer.get("action") != "accept":
        return NO
    content = answer.get("content")
    if not isinstance(content, Mapping):
        return NO
    who = person() or content.get("person")
    return Reply(content.get("approve") is True, who if isinstance(who, str) else "")
