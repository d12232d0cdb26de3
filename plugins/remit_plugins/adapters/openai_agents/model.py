"""A model that is judged: what it is sent, and what it says, in pieces too."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from remit.hooks.events import Verdict
from remit_plugins.adapters.needs import need
from remit_plugins.adapters.once import Door
from remit_plugins.adapters.openai_agents.items import (
    OUTPUTS,
    Sent,
    data_of,
    id_of,
    message,
    messages_in,
    without_thoughts,
)
from remit_plugins.adapters.places import Place, notes

ENDS = ("response.completed", "response.incomplete", "response.failed")


class Judged:
    """The model of an agent, in a class that is made together with the SDK's `Model`."""

    def __init__(self, find: Callable[[], Any], place: Place, agent: str) -> None:
        self._find = find  # a model by its name is looked up late: it may need a key
        self._found: Any = None
        self.place, self.agent = place, agent
        self.answers = 0  # of which the agent's hooks have not heard

    @property
    def inner(self) -> Any:
        """The model itself."""
        if self._found is None:
            self._found = self._find()
        return self._found

    async def get_response(
        self, system_instructions: str | None, input: Any, *given: Any, **named: Any
    ) -> Any:
        """Have the model answer, and judge both."""
        door = self.place.door(self.agent)
        sent = await self._sent(door, system_instructions, input)
        if isinstance(sent, Verdict):
            return self._heard(door, _response([message(sent.message)]))
        response = await self.inner.get_response(*sent, *given, **named)
        response.output = await self._said(door, response.output)
        return self._heard(door, response)

    async def stream_response(
        self, system_instructions: str | None, input: Any, *given: Any, **named: Any
    ) -> AsyncIterator[Any]:
        """As `get_response`; pieces leave once the whole is judged, if anything can hold it up."""
        door = self.place.door(self.agent)
        sent = await self._sent(door, system_instructions, input)
        if isinstance(sent, Verdict):
            self.answers += 1
            for event in _told([message(sent.message)], None):
                yield event
            return
        holds, held, done = door.gate.stream().holds, list[Any](), list[Any]()
        async for event in self.inner.stream_response(*sent, *given, **named):
            done += [event.item] if event.type == "response.output_item.done" else []
            if event.type in ENDS:
                for one in await self._ended(door, event, held, done):
                    yield one
            elif holds:
                held.append(event)
            else:
                yield event

    async def _ended(self, door: Door, end: Any, held: list[Any], done: list[Any]) -> list[Any]:
        """The events that are left of an answer, the last one with all of it."""
        before = end.response.output or done  # some providers tell the items only one by one
        end.response.output = await self._said(door, before)
        self._heard(door, end.response)
        same = len(before) == len(end.response.output) and all(
            new is old for new, old in zip(end.response.output, before, strict=True)
        )
        return [*held, end] if same else _told(end.response.output, end)

    async def _sent(self, door: Door, system: str | None, input: Any) -> Any:
        """System prompt and input as they go on; the verdict where they do not."""
        items = [{"role": "user", "content": input}] if isinstance(input, str) else list(input)
        items = [_instead(one, notes(door.gate).instead) for one in items]
        first = [] if system is None else [{"role": "system", "content": system}]
        sent = Sent.of([*first, *items])
        verdict = await door.decide(door.event("pre_model_call", sent.steps, sent.ids))
        if not verdict:
            return verdict
        left = sent.left(verdict)
        text = None if system is None else left[0]["content"]
        rest = left[len(first) :]
        return text, (input if rest == items and isinstance(input, str) else rest)

    async def _said(self, door: Door, output: Sequence[Any]) -> list[Any]:
        """What is left of an answer; where it is denied a message, and no calls."""
        said = messages_in(output)
        steps, ids = [step for _, step, _ in said], [id for _, _, id in said]
        verdict = await door.decide(door.event("post_model_call", steps, ids))
        if not verdict:
            return [message(verdict.message)]
        left = list(output)
        for (at, old, _), new in zip(said, verdict.steps, strict=True):
            if new is not old:
                left[at] = message(new.text, left[at])  # type: ignore[union-attr] # as `old` is
        return left if verdict.kind == "allow" else without_thoughts(left)

    def _heard(self, door: Door, response: Any) -> Any:
        self.answers += 1
        called: dict[str, str] = {}
        for data in map(data_of, response.output):
            if data.get("type") == "function_call":
                called.setdefault(str(data.get("name")), id_of(data))
        notes(door.gate).called = called
        return response

    # ---- what the SDK asks of a model besides

    async def close(self) -> None:
        """As the model."""
        await self.inner.close()

    def get_retry_advice(self, request: Any) -> Any:
        """As the model."""
        return self.inner.get_retry_advice(request)

    async def _cleanup_on_run_end(self, owner: object) -> None:
        await self.inner._cleanup_on_run_end(owner)


def judged(find: Callable[[], Any], place: Place, agent: str) -> Any:
    """A model that is judged; `find` gives the model itself."""
    base = need("agents.models.interface", "openai-agents").Model
    return type("JudgedModel", (Judged, base), {})(find, place, agent)


def _instead(item: Any, instead: dict[str, str]) -> Any:
    """The result of a call, where the model is told something else than the SDK says."""
    data = data_of(item)
    text = instead.get(id_of(data)) if data.get("type") in OUTPUTS else None
    return item if text is None else {**data, "output": text}


def _response(output: list[Any]) -> Any:
    made = need("agents", "openai-agents")
    return made.ModelResponse(output=output, usage=made.Usage(), response_id=None)


def _told(output: list[Any], end: Any) -> list[Any]:
    """An answer as events: what is said as one piece, each item, and the end."""
    types = need("openai.types.responses", "openai-agents")
    rows: list[Any] = []
    for at, item in enumerate(output):
        for _, step, id in messages_in([item]):
            rows.append(
                types.ResponseTextDeltaEvent(
                    type="response.output_text.delta", item_id=id, output_index=at,
                    content_index=0, delta=step.text, logprobs=[], sequence_number=len(rows),
                )
            )  # fmt: skip
        rows.append(
            types.ResponseOutputItemDoneEvent(
                type="response.output_item.done", item=item, output_index=at,
                sequence_number=len(rows),
            )
        )  # fmt: skip
    return [*rows, end if end is not None else _end(types, output, len(rows))]


def _end(types: Any, output: list[Any], at: int) -> Any:
    response = types.Response(
        id="remit", created_at=time.time(), model="remit", object="response", output=output,
        tool_choice="none", tools=[], parallel_tool_calls=False,
    )  # fmt: skip
    return types.ResponseCompletedEvent(
        type="response.completed", response=response, sequence_number=at
    )
