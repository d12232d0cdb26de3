"""A model that is judged: what it is sent, and what it says, in pieces too."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from remit.hooks.events import Event, Verdict
from remit_plugins.adapters.needs import need
from remit_plugins.adapters.pydantic_ai.messages import Sent, said, spoken_in, text_part

if TYPE_CHECKING:
    from remit.host.gate import Gate


class Judged:
    """The model of a run, in a class that is made together with the framework's `WrapperModel`."""

    gate: Gate
    wrapped: Any

    async def request(self, messages: list[Any], settings: Any, parameters: Any) -> Any:
        """Have the model answer, and judge both."""
        sent = await self._sent(messages, parameters)
        if isinstance(sent, Verdict):
            return self._instead(sent)
        response = await self.wrapped.request(sent[0], settings, sent[1])
        return await self._said(response, parameters)

    async def count_tokens(self, messages: list[Any], settings: Any, parameters: Any) -> Any:
        """Have the provider count what the model will be sent, and nothing else."""
        sent = await self._sent(messages, parameters)
        if isinstance(sent, Verdict):
            return need("pydantic_ai.usage", "pydantic-ai").RequestUsage()
        return await self.wrapped.count_tokens(sent[0], settings, sent[1])

    @asynccontextmanager
    async def request_stream(
        self, messages: list[Any], settings: Any, parameters: Any, run_context: Any = None
    ) -> AsyncIterator[Any]:
        """As `request`; pieces leave once the whole is judged, if anything can hold it up."""
        sent = await self._sent(messages, parameters)
        if isinstance(sent, Verdict):
            yield _whole(self._instead(sent), parameters, replay=True)
            return
        opened = self.wrapped.request_stream(sent[0], settings, sent[1], run_context)
        async with opened as stream:
            if not self.gate.stream().holds:
                yield stream
                await self._said(stream.get(), parameters)
                return
            events = [event async for event in stream]
            before = stream.get()
        after = await self._said(before, parameters)
        yield _whole(after, parameters, replay=events if after is before else True)

    async def _sent(self, messages: list[Any], parameters: Any) -> Any:
        """Messages and parameters as they go on; the verdict where they do not."""
        sent = Sent.of(messages, parameters)
        verdict = await self.gate.adecide(self._event("pre_model_call", sent.steps))
        return sent.left(verdict, parameters) if verdict else verdict

    async def _said(self, response: Any, parameters: Any) -> Any:
        """What is left of an answer; where it is denied a message, and no calls."""
        structured = {one.name for one in parameters.output_tools}
        spoken = list(spoken_in(response.parts, structured))
        steps = [step for _, step in spoken]
        verdict = await self.gate.adecide(self._event("post_model_call", steps))
        if not verdict:
            return replace(response, parts=[text_part(verdict.message)], provider_response_id=None)
        if verdict.kind == "allow":
            return response
        parts = list(response.parts)
        for (at, old), new in zip(spoken, verdict.steps, strict=True):
            if new is not old:
                is_text = parts[at].part_kind == "text"
                text = new.text  # type: ignore[union-attr] # it is a message, as before
                parts[at] = said(parts[at], new) if is_text else text_part(text)
        return replace(response, parts=parts, provider_response_id=None)

    def _event(self, point: Any, steps: Any) -> Event:
        return Event(point, tuple(steps), self.gate.conversation, self.gate.agent)

    def _instead(self, verdict: Verdict) -> Any:
        made = need("pydantic_ai.messages", "pydantic-ai").ModelResponse
        return made([text_part(verdict.message)], model_name=self.wrapped.model_name)


def judged(gate: Gate, model: Any) -> Any:
    """A model that is judged."""
    base = need("pydantic_ai.models.wrapper", "pydantic-ai").WrapperModel
    return type("JudgedModel", (Judged, base), {"gate": gate})(model)


def _whole(response: Any, parameters: Any, *, replay: Any) -> Any:
    made = need("pydantic_ai.models", "pydantic-ai").CompletedStreamedResponse
    return made(response, model_request_parameters=parameters, replay_events=replay)
