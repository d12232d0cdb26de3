"""What happens at each hook of the proxy."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncIterator, Collection
from typing import Any

from remit.conversation.model import Call, Message, Step
from remit.hooks.events import Event, Point, Verdict
from remit.host.coverage import Coverage, coverage
from remit.host.gate import Gate
from remit.host.guard import Guard
from remit.host.history import WITHHELD
from remit_plugins.adapters.litellm.messages import (
    call_of,
    calls_of,
    message_left,
    rewritten,
    steps_of,
)
from remit_plugins.adapters.needs import need

POINTS = ("input", "pre_tool_call", "post_tool_call", "post_model_call")
GAPS = (
    "whether a call runs: the policy sees what is proposed, and the results that clients send",
    "what a client leaves out of the conversation that it sends, or puts into the agent's mouth",
    "requests that are no chat: they are refused, or pass unjudged if you say so",
    "endpoints that the proxy passes through to a provider",
    "keys and teams for which an administrator has turned guardrails off",
    "the model's reasoning, and tools that run at the provider",
    "the gateway's own logs and callbacks, which may have what was said before it was judged",
    "what approvers agreed to in earlier requests of a conversation",
    "sub-agents: to a gateway each is a conversation of its own",
)
CHAT = frozenset({"completion", "acompletion"})
MOST = 10_000  # requests that are under way; of older ones the conversation is read again
SAID_BY: dict[str, Point] = {
    "call": "pre_tool_call", "result": "post_tool_call", "message": "input",
}  # fmt: skip


def hooks_of(guard: Guard, also: Collection[str]) -> dict[str, Any]:
    """The hooks, for the class of a guardrail."""
    gateway = Gateway(guard, also)

    async def async_pre_call_hook(
        self: Any, user_api_key_dict: Any, cache: Any, data: dict[str, Any], call_type: str
    ) -> dict[str, Any]:
        return await gateway.asked(data, str(getattr(call_type, "value", call_type)))

    async def async_post_call_success_hook(
        self: Any, data: dict[str, Any], user_api_key_dict: Any, response: Any
    ) -> Any:
        return await gateway.answered(data, response)

    async def async_post_call_streaming_iterator_hook(
        self: Any, user_api_key_dict: Any, response: Any, request_data: dict[str, Any]
    ) -> AsyncIterator[Any]:
        async for chunk in gateway.streamed(request_data, response):
            yield chunk

    def stream_scope_allows(self: Any, data: Any, event_type: Any) -> bool:
        return True  # whatever the configuration says: in pieces or whole, it is judged

    def seen(self: Any) -> Coverage:
        return coverage(guard.policy, POINTS, GAPS)

    hooks = (
        async_pre_call_hook, async_post_call_success_hook, async_post_call_streaming_iterator_hook,
        stream_scope_allows,
    )  # fmt: skip
    return {"coverage": seen, **{one.__name__: one for one in hooks}}


class Gateway:
    """A guard at a proxy. Each request shows a conversation from its beginning."""

    def __init__(self, guard: Guard, also: Collection[str]) -> None:
        self.guard = guard
        self._also = also
        self._open: OrderedDict[str, tuple[Any, Gate]] = OrderedDict()

    # ---- what is asked

    async def asked(self, data: dict[str, Any], call_type: str) -> dict[str, Any]:
        """A request, as it goes to the model. Raises the proxy's own error where it does not."""
        if call_type not in CHAT:
            if call_type not in self._also:
                raise _refused(f"`{call_type[:60]}` is not judged here, so it is not let through")
            return data
        if data.get("stream") and data.get("n") not in (None, 1):
            raise _refused("a stream of several answers cannot be judged")
        gate, messages = await self._read(data.get("messages"))
        data["messages"] = messages
        self._keep(data, gate)
        return data

    async def _read(self, messages: Any) -> tuple[Gate, list[Any]]:
        """The gate of a conversation, and its messages as they go on."""
        if not isinstance(messages, list):
            raise _refused("the request has no list of messages, so it is not let through")
        gate = self.guard.gate()
        names: dict[str, str] = {}
        left: list[Any] = []
        tell = gate.session.teller
        new = _first_new(messages)
        for at, message in enumerate(messages):
            if tell is not None:
                tell.quiet = at < new  # it was told when it was said
            steps = steps_of(message, names)
            if steps is None:
                raise _refused(f"message {at + 1} cannot be read, so it is not let through")
            last = at == len(messages) - 1
            after = [await self._heard(gate, one, must=last) for one in steps]
            left.append(message_left(message, steps, after))
        return gate, left

    async def _heard(self, gate: Gate, step: Step, *, must: bool) -> Step:
        """A step of a conversation as the model sees it. `must`: it is what is asked now."""
        point: Point = SAID_BY.get(step.kind, "input")
        if isinstance(step, Message) and step.role == "assistant":
            point = "post_model_call"
        verdict = await gate.adecide(Event(point, (step,), gate.conversation))
        if verdict:
            return step if isinstance(step, Call) else verdict.after
        if verdict.scope == "run" or (must and isinstance(step, Message)):
            raise _refused(verdict.message, verdict.reason)
        return message_withheld(step)

    def _keep(self, data: dict[str, Any], gate: Gate) -> None:
        """Keep a gate until the answer comes."""
        self._open[str(data.get("litellm_call_id"))] = (data["messages"], gate)
        while len(self._open) > MOST:
            self._open.popitem(last=False)

    async def _gate(self, data: dict[str, Any]) -> Gate:
        """The gate of a request; made anew where it is not the one that was kept."""
        messages, gate = self._open.pop(str(data.get("litellm_call_id")), (None, None))
        if gate is None or messages != data.get("messages"):
            gate, _ = await self._read(data.get("messages"))
        return gate

    # ---- what is answered

    async def answered(self, data: dict[str, Any], response: Any) -> Any:
        """An answer as it goes to the client."""
        if not _is_chat(response):
            return response  # only what `also` lets through comes here
        return await self._left(await self._gate(data), response)

    async def _left(self, gate: Gate, response: Any) -> Any:
        for choice in response.choices:
            await self._choice(gate, choice)
        return response

    async def _choice(self, gate: Gate, choice: Any) -> None:
        message = choice.message
        text = message.content
        if text:
            step = Message("assistant", text)
            verdict = await gate.adecide(Event("post_model_call", (step,), gate.conversation))
            _may_stop(verdict)
            if not verdict:
                _say(choice, verdict.message, [])
                return
            text = getattr(verdict.after, "text", text)
        calls, told = await self._calls(gate, message)
        if told or text != message.content:
            _say(choice, "\n".join([*([text] if text else []), *told]) or None, calls)
        else:
            _put(message, calls)

    async def _calls(self, gate: Gate, message: Any) -> tuple[list[Any], list[str]]:
        """The calls that go on, and what is said in the place of the others."""
        left: list[Any] = []
        told: list[str] = []
        for one in calls_of(message):
            event = Event("pre_tool_call", (call_of(one),), gate.conversation)
            verdict = await gate.adecide(event)
            if self.guard.plugins.hook.remit_approve.get_hookimpls():
                verdict = await gate.asettle(event, verdict)
            _may_stop(verdict)
            if verdict:
                left.append(rewritten(one, verdict))
            else:
                told.append(_why_not(verdict))
        return left, told

    async def streamed(self, data: dict[str, Any], response: Any) -> AsyncIterator[Any]:
        """An answer in pieces. Held back until it is whole, as far as anything can be held back."""
        library = need("litellm", "litellm")
        chunks: list[Any] = []
        gate: Gate | None = None
        holds, released = True, False
        async for chunk in response:
            if not chunks and _is_chunk(chunk):
                gate = await self._gate(data)
                holds = gate.stream().holds
            if gate is None:
                yield chunk  # no chat: `also` let it through
                continue
            chunks.append(chunk)
            holds = holds or _is_more_than_text(chunk)
            if not holds:
                released = True
                yield chunk
        if gate is None:
            return
        whole = library.stream_chunk_builder(chunks=chunks, messages=data.get("messages"))
        if released:
            whole.choices[0].message.content = None  # it has left: nothing is about it
        convert = need("litellm.llms.base_llm.base_model_iterator", "litellm")
        yield convert.convert_model_response_to_streaming(await self._left(gate, whole))


# ---- small things


def _first_new(messages: list[Any]) -> int:
    """Where that begins of a conversation which no request has shown before."""
    spoke = [at for at, one in enumerate(messages)
             if isinstance(one, dict) and one.get("role") == "assistant"]  # fmt: skip
    return spoke[-1] + 1 if spoke else 0


def message_withheld(step: Step) -> Step:
    """What stands for a step that the model must not see; calls stay, for they are past."""
    from remit.host.history import said_instead

    return said_instead(step, WITHHELD)


def _refused(message: str, reason: str = "") -> Exception:
    """What the proxy answers instead."""
    error: type[Exception] = need("fastapi", "litellm").HTTPException
    detail = {"error": message, **({"reason": reason} if reason else {})}
    return error(status_code=400, detail=detail)  # type: ignore[call-arg] # the framework's own


def _may_stop(verdict: Verdict) -> None:
    if not verdict and verdict.scope == "run":
        raise _refused(verdict.message, verdict.reason)


def _why_not(verdict: Verdict) -> str:
    if verdict.request is None:
        return verdict.message
    return f"{verdict.message} (not done: {' and '.join(verdict.request.people)} must agree)"


def _is_chat(response: Any) -> bool:
    return all(hasattr(one, "message") for one in getattr(response, "choices", ())) and hasattr(
        response, "choices"
    )


def _is_chunk(chunk: Any) -> bool:
    return any(hasattr(one, "delta") for one in getattr(chunk, "choices", ()))


def _is_more_than_text(chunk: Any) -> bool:
    """Whether a piece has a call in it, or ends the answer."""
    return any(
        one.finish_reason or one.delta.tool_calls or getattr(one.delta, "function_call", None)
        for one in chunk.choices
    )


def _say(choice: Any, text: str | None, calls: list[Any]) -> None:
    """Have an answer say something else. What repeats what it said goes."""
    message = choice.message
    message.content = text
    _put(message, calls)
    for name in ("reasoning_content", "thinking_blocks", "provider_specific_fields", "audio"):
        if getattr(message, name, None) is not None:
            setattr(message, name, None)
    if not calls and choice.finish_reason in ("tool_calls", "function_call"):
        choice.finish_reason = "stop"


def _put(message: Any, calls: list[Any]) -> None:
    """The calls that go on, where the message has them."""
    if message.tool_calls:
        message.tool_calls = [one for one in calls if hasattr(one, "function")] or None
    if getattr(message, "function_call", None) is not None:
        message.function_call = next((one for one in calls if not hasattr(one, "function")), None)
