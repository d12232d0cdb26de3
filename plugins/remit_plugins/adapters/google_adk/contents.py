"""ADK's contents as steps, and the contents that are left of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from remit.conversation.model import Call, Message, Result, Step
from remit.conversation.pieces import Part
from remit.conversation.shared import attached
from remit.hooks.events import Verdict
from remit.host.values import result_of, value_of
from remit_plugins.adapters.needs import need

SYSTEM = -1  # the place of the system instruction
TOLD = {"adk_request_confirmation", "adk_request_credential"}  # answers to ADK, not to a model
OWN = "remit"  # the key of what a gate says instead of somebody


@dataclass(slots=True)
class Sent:
    """All that a model is about to see: the steps, and where each stands."""

    steps: list[Step] = field(default_factory=list)
    places: list[tuple[int, int]] = field(default_factory=list)

    @classmethod
    def of(cls, request: Any, session: Any) -> Sent:
        """The steps of a request, in their order."""
        sent, said, ids = cls(), _said_by_users(session), _Ids(session)
        if text := _instruction(request):
            sent._add(Message("system", text), SYSTEM)
        for at, content in enumerate(request.contents):
            role = _role(content, said)
            for part, step in steps_of(content, role, ids):
                sent._add(step, at, part)
        return sent

    def _add(self, step: Step, content: int, part: int = 0) -> None:
        self.steps.append(step)
        self.places.append((content, part))

    def apply(self, request: Any, verdict: Verdict) -> None:
        """Have the model see what is left."""
        for (at, part), old, new in zip(self.places, self.steps, verdict.steps, strict=True):
            if new is old:
                continue
            if at == SYSTEM:
                assert isinstance(new, Message), "a message goes on as a message"
                left = {"system_instruction": new.text}
                request.config = request.config.model_copy(update=left)
            else:
                request.contents[at] = changed(request.contents[at], part, old, new)


class _Ids:
    """The ids of results: ADK takes those that it made itself out of what the model sees."""

    def __init__(self, session: Any) -> None:
        self._left = [one for event in session.events for one in event.get_function_responses()]

    def of(self, response: Any) -> str:
        for at, one in enumerate(self._left):
            if one.name == response.name and one.response == response.response:
                return str(self._left.pop(at).id or "")
        return ""


def steps_of(content: Any, role: str, ids: _Ids | None = None) -> Iterator[tuple[int, Step]]:
    """The steps in a content, each with the place of its part: results, what is said, calls."""
    parts = content.parts or []
    for at, part in enumerate(parts):
        if (given := part.function_response) is not None and given.name not in TOLD:
            yield at, result_step(given.name, given.response, _id(given, ids))
    said = message_of(content, role)
    if said is not None:
        yield 0, said
    for at, part in enumerate(parts):
        if (call := part.function_call) is not None:
            yield at, Call(str(call.name), dict(call.args or {}), id=call.id or "")


def _id(response: Any, ids: _Ids | None) -> str:
    return response.id or (ids.of(response) if ids is not None else "")


def message_of(content: Any, role: str) -> Message | None:
    """What is said in a content; None where it is calls, results and thoughts alone."""
    parts = [one for one in (content.parts if content else None) or [] if not one.thought]
    words = [one.text for one in parts if one.text]
    others = tuple(made for one in parts if (made := _attached(one)) is not None)
    if not words and not others:
        return None
    return Message(role, ("" if role == "assistant" else "\n").join(words), others)


def _attached(part: Any) -> Part | None:
    """A file, a picture, code: seen, and without authority."""
    if part.text is not None or part.function_call or part.function_response:
        return None
    if part.inline_data is not None:
        return attached(part.inline_data.display_name or part.inline_data.mime_type or "data")
    if part.file_data is not None:
        return attached(part.file_data.file_uri or "file")
    data = part.model_dump(mode="json", exclude_none=True)
    return attached(next(iter(data)), json.dumps(data, ensure_ascii=False)) if data else None


def _instruction(request: Any) -> str:
    """The system prompt, in whichever form it is given."""
    given = request.config.system_instruction
    if isinstance(given, (list, tuple)):
        return "\n".join(filter(None, map(_text, given)))
    return _text(given)


def _text(given: Any) -> str:
    if given is None or isinstance(given, str):
        return given or ""
    if (parts := getattr(given, "parts", None)) is not None:
        return "\n".join(one.text for one in parts if one.text)
    return getattr(given, "text", "") or ""


def _said_by_users(session: Any) -> set[str]:
    """What people said in the session; what a workflow gives a node is not."""
    events = [one for one in session.events if one.author == "user" and not one.node_info.path]
    said = [message_of(one.content, "user") for one in events]
    return {one.text for one in said if one is not None}


def _role(content: Any, said: set[str]) -> str:
    """Who speaks: ADK writes as the user what other agents said, and tasks that agents give."""
    if content.role == "model":
        return "assistant"
    found = message_of(content, "user")
    return "user" if found is None or found.text in said else "agent"


# ---- results


def result_step(tool: str, given: Any, id: str) -> Result:
    """What a tool gave as a step: the same one when it has run, and when the model sees it."""
    if isinstance(given, Mapping) and len(given) == 1:
        [(key, value)] = given.items()
        if key == "error" and isinstance(value, str):
            return Result(tool, error=value, id=id)
        if key == "result":
            return result_of(tool, value, id)
    return result_of(tool, given, id)


def response_of(after: Result, given: Any) -> Any:
    """What goes on instead of what a tool gave."""
    if after.error is not None:
        return {"error": after.error}
    if isinstance(given, Mapping) and set(given) == {"result"}:
        return {"result": value_of(after, given["result"])}
    left = value_of(after, given)
    return left if isinstance(left, dict) else {"result": left}


class Told(dict[str, Any]):
    """What the model gets instead of a result: no tool gave it."""

    def __init__(self, text: str) -> None:
        super().__init__(error=text)


# ---- and back


def changed(content: Any, at: int, old: Step, new: Step) -> Any:
    """The content, where a step in it goes on otherwise."""
    if isinstance(new, Result):
        return _answered(content, at, new)
    assert isinstance(old, Message), "a call that was shown before goes on as it is"
    assert isinstance(new, Message), "a message goes on as a message"
    return content.model_copy(update={"parts": _parts(content, old, new)})


def _answered(content: Any, at: int, new: Result) -> Any:
    """The content with another result; pictures that came with it go."""
    parts = list(content.parts)
    given = parts[at].function_response
    left = {"response": response_of(new, given.response), "parts": None}
    parts[at] = parts[at].model_copy(update={"function_response": given.model_copy(update=left)})
    return content.model_copy(update={"parts": parts})


def _parts(content: Any, old: Message, new: Message) -> list[Any]:
    """Words and parts as they go on: calls, results, and parts that are as they were, stay."""
    types = need("google.genai.types", "google-adk")
    kept: list[Any] = [types.Part(text=new.text)] if new.text else []
    before, after = iter(old.parts), iter(new.parts)
    for part in content.parts:
        if part.function_call or part.function_response:
            kept.append(part)
        elif not part.thought and _attached(part) is not None:
            was, left = next(before), next(after, None)
            if left is not None:
                kept.append(part if left == was else types.Part(text=left.text))
    return kept


def content_of(text: str, role: str = "model") -> Any:
    """A content that says a text."""
    types = need("google.genai.types", "google-adk")
    return types.Content(role=role, parts=[types.Part(text=text)])


def answer(content: Any, *, own: bool) -> Any:
    """A model's answer with nothing but a content; `own`: a gate says it, not the model."""
    made = need("google.adk.models.llm_response", "google-adk").LlmResponse
    return made(content=content, custom_metadata={OWN: "denied"} if own else None)
