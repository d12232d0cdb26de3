"""What a model is sent, and a model that is judged by what it says, in pieces too."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from remit_plugins.adapters.needs import need
from remit_plugins.adapters.pydantic_ai.messages import (
    Sent,
    said,
    spoken_in,
    text_part,
    without_thoughts,
)

if TYPE_CHECKING:
    from remit_plugins.adapters.once import Door


class Judged:
    """The model of a run, in a class that is made together with the framework's `WrapperModel`."""

    door: Door
    wrapped: Any

    async def request(self, messages: Any, settings: Any, parameters: Any) -> Any:
        """Have the model answer, and judge what it says."""
        response = await self.wrapped.request(messages, settings, parameters)
        return await self._said(response, parameters)

    @asynccontextmanager
    async def request_stream(
        self, messages: Any, settings: Any, parameters: Any, run_context: Any = None
    ) -> AsyncIterator[Any]:
        """As `request`; pieces leave once the whole is judged, if anything can hold it up."""
        opened = self.wrapped.request_stream(messages, settings, parameters, run_context)
        async with opened as stream:
            if not self.door.gate.stream().holds:
                yield stream
                await self._said(stream.get(), parameters)
                return
            events = [event async for event in stream]
            before = stream.get()
        after = await self._said(before, parameters)
        replay = events if after is before else True
        made = need("pydantic_ai.models", "pydantic-ai").CompletedStreamedResponse
        yield made(after, model_request_parameters=parameters, replay_events=replay)

    async def _said(self, response: Any, parameters: Any) -> Any:
        """What is left of an answer; where it is denied a message, and no calls."""
        structured = {one.name for one in parameters.output_tools}
        spoken = list(spoken_in(response.parts, structured))
        steps = [step for _, step in spoken]
        verdict = await self.door.decide(self.door.event("post_model_call", steps))
        if not verdict:
            return replace(response, parts=[text_part(verdict.message)], provider_response_id=None)
        if verdict.kind == "allow":
            return response
        parts = list(response.parts)
        for (at, old), new in zip(spoken, verdict.steps, strict=True):
            if new is not old:
                parts[at] = said(parts[at], new)
        return replace(response, parts=without_thoughts(parts), provider_response_id=None)


def judged(door: Door, model: Any) -> Any:
    """A model that is judged."""
    base = need("pydantic_ai.models.wrapper", "pydantic-ai").WrapperModel
    return type("JudgedModel", (Judged, base), {"door": door})(model)


async def sent(door: Door, request: Any) -> Any:
    """What a model is sent, as it goes on. Raises `SkipModelRequest` where it does not."""
    parameters = request.model_request_parameters
    shown = Sent.of(request.messages, parameters)
    verdict = await door.decide(door.event("pre_model_call", shown.steps))
    if not verdict:
        answer = need("pydantic_ai.messages", "pydantic-ai").ModelResponse
        skip = need("pydantic_ai.exceptions", "pydantic-ai").SkipModelRequest
        raise skip(answer([text_part(verdict.message)]))
    messages, parameters = shown.left(verdict, parameters)
    return replace(request, messages=messages, model_request_parameters=parameters)
