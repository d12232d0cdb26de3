"""What happens at each hook of a LangChain agent: the same body with and without an event loop."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from remit.conversation.model import Call, Handoff, Message, Result
from remit.host.coverage import Coverage, coverage
from remit_plugins.adapters.callers import calling
from remit_plugins.adapters.langchain.gates import Gates, Leave, Round
from remit_plugins.adapters.langchain.messages import (
    Sent,
    answer,
    call_of,
    denied,
    result_of,
    said,
    steps_of,
)
from remit_plugins.adapters.langchain.quiet import quiet
from remit_plugins.adapters.needs import need
from remit_plugins.adapters.once import Door, now
from remit_plugins.adapters.replies import edited

if TYPE_CHECKING:
    from remit.host.guard import Guard

POINTS = ("pre_model_call", "post_model_call", "pre_tool_call", "post_tool_call", "handoff")
GAPS = (
    "tools that the provider of the model runs",
    "the model's reasoning",
    "what a tool writes into the state besides messages",
    "models that tools and other middleware call themselves",
    "callbacks and traces have the model's own answer, and the first checkpoint what a user said",
)


class Hooks:
    """The hooks, in a class that is made together with the framework's."""

    def __init__(
        self, guard: Guard, *, agent: str = "",
        conversation: Callable[[Mapping[str, Any]], str] | None = None,
        context: Callable[[Any], Mapping[str, Any]] | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.guard = guard
        self._gates = Gates(guard, agent, conversation, context)

    def coverage(self) -> Coverage:
        """What the policy misses in LangChain."""
        return coverage(self.guard.policy, POINTS, GAPS)

    # ---- a run begins

    def before_agent(self, state: Any, runtime: Any) -> dict[str, Any] | None:
        """Open the conversation."""
        return self._gates.opened(runtime)

    async def abefore_agent(self, state: Any, runtime: Any) -> dict[str, Any] | None:
        """Open the conversation."""
        return self._gates.opened(runtime)

    # ---- the model

    def wrap_model_call(self, request: Any, handler: Callable[[Any], Any]) -> Any:
        """Judge what the model will see and what it says."""
        return now(self._model(request, handler, waits=False))

    async def awrap_model_call(self, request: Any, handler: Callable[[Any], Any]) -> Any:
        """Judge what the model will see and what it says."""
        return await self._model(request, handler, waits=True)

    def call_model(self, model: Any, messages: list[Any]) -> list[Any]:
        """In a node of a graph of one's own: have a model answer, and judge both.

        What it gives is for the state: the answer, and messages that went on otherwise.
        """
        request = _request(model, messages)
        given = self.wrap_model_call(request, lambda it: _response([it.model.invoke(it.messages)]))
        return _all(given)

    async def acall_model(self, model: Any, messages: list[Any]) -> list[Any]:
        """As `call_model`, in an event loop."""

        async def handler(it: Any) -> Any:
            return _response([await it.model.ainvoke(it.messages)])

        return _all(await self.awrap_model_call(_request(model, messages), handler))

    async def _model(self, request: Any, handler: Callable[[Any], Any], *, waits: bool) -> Any:
        # Not in `before_agent`: there the system prompt, which comes first, is not known yet.
        door = self._gates.door(request.state, request.runtime, waits=waits)
        self._gates.seeing.add(door.gate)
        system = [] if request.system_message is None else [request.system_message]
        sent = Sent.of([*system, *request.messages])
        verdict = await door.decide(door.event("pre_model_call", sent.steps, sent.ids))
        if not verdict:
            return _response([answer(verdict.message)])
        left = sent.left(verdict)
        going = [left.get(at, one) for at, one in enumerate(sent.messages)]
        if left:
            first, rest = going[: len(system)], going[len(system) :]
            request = request.override(system_message=first[0] if first else None, messages=rest)
        with quiet() if door.gate.stream().holds else nullcontext():
            response = await door.given(handler(request))
        response = await self._said(door, response)
        return _with_state(response, [one for one in left.values() if one.id])

    async def _said(self, door: Door, response: Any) -> Any:
        """The model has answered."""
        message, *rest = response.result
        step = _message_of(message, response.structured_response)
        steps = [] if step is None else [step]
        verdict = await door.decide(door.event("post_model_call", steps, [message.id or ""]))
        if not verdict:
            return _response([answer(verdict.message, message)])
        if verdict.kind != "transform" or step is None:
            return response
        if response.structured_response is not None:
            return _response([answer(said(message, step, verdict.after).text, message)])
        return replace(response, result=[said(message, step, verdict.after), *rest])

    # ---- tools

    def wrap_tool_call(self, request: Any, handler: Callable[[Any], Any]) -> Any:
        """Judge a call and its result."""
        return now(self._tool(request, handler, waits=False))

    async def awrap_tool_call(self, request: Any, handler: Callable[[Any], Any]) -> Any:
        """Judge a call and its result."""
        return await self._tool(request, handler, waits=True)

    async def _tool(self, request: Any, handler: Callable[[Any], Any], *, waits: bool) -> Any:
        door = self._gates.door(request.state, request.runtime, waits=waits)
        call = call_of(request.tool_call)
        round = self._gates.round(door.gate, request.runtime)
        before, given = round.given.get(call.id, (None, None))
        if round.waited and before == call:
            return given  # a `ToolNode` runs all its calls again when one of them has waited
        try:
            given = await self._run(door, round, call, request, handler)
        except need("langgraph.errors", "langchain").GraphInterrupt:
            round.waited = True
            raise
        if call.id:
            round.given[call.id] = call, given
        return given

    async def _run(
        self, door: Door, round: Round, call: Call, request: Any, handler: Callable[[Any], Any]
    ) -> Any:
        leave = await self._leave(door, round, call, _messages(request.state))
        if not leave.verdict:
            return denied(request.tool_call, leave.verdict.message)
        going = leave.verdict.after
        assert isinstance(going, Call), "a call goes on as a call"
        if going.args != call.args:  # rewritten, or edited by whoever was asked
            request = request.override(tool_call={**request.tool_call, "args": dict(going.args)})
        errors = need("langgraph.errors", "langchain")
        try:
            with calling(door.gate, call.id):
                given = await door.given(handler(request))
        except errors.GraphInterrupt:
            round.leaves[call.id] = leave
            raise
        except errors.GraphBubbleUp:
            raise  # no error: the graph is handed on
        except Exception as error:
            left = await self._failed(door, request.tool_call, error)
            if left is None:
                raise
            return left
        return await self._given(door, request.tool_call, given)

    async def _leave(self, door: Door, round: Round, call: Call, messages: list[Any]) -> Leave:
        """Whether a call may go on, once everybody agreed who is asked."""
        leave = round.leaves.pop(call.id, None)
        if leave is not None and leave.call == call:
            for _ in range(leave.answers):
                _interrupt(None)  # the graph counts: these give what was answered before
            return leave
        # What was said is known from the model's hook, except in graphs that have only this one,
        # and where a run goes on in a new process.
        if door.gate not in self._gates.seeing:
            sent = Sent.of(messages)
            verdict = await door.decide(door.event("pre_model_call", sent.steps, sent.ids))
            if not verdict:
                return Leave(call, verdict)
        return await self._agreed(door, call)

    async def _agreed(self, door: Door, call: Call) -> Leave:
        event = door.event("pre_tool_call", [call])
        verdict = await door.decide(event)
        answers = 0
        while verdict.request is not None:
            if self.guard.plugins.hook.remit_approve.get_hookimpls():
                return Leave(call, await door.settle(event, verdict))
            # The node runs again from its start when somebody has answered; then this returns.
            reply = _interrupt(verdict.request.to_json())
            answers += 1
            event = edited(event, reply)
            verdict = await door.resume(event, verdict, _bound(reply))
        return Leave(call, verdict, answers)

    async def _failed(self, door: Door, call: Any, error: Exception) -> Any:
        """What to answer instead of the error of a tool; None where that may go on."""
        told = Result(call["name"], error=str(error) or type(error).__name__, id=call["id"] or "")
        verdict = await door.decide(door.event("post_tool_call", [told]))
        if not verdict:
            return denied(call, verdict.message)
        after = verdict.after
        assert isinstance(after, Result), "a result goes on as a result"
        return None if verdict.kind == "allow" else denied(call, after.error or after.text)

    async def _given(self, door: Door, call: Any, given: Any) -> Any:
        """What a tool gave, as it goes on: a message, a command, or several of them."""
        if isinstance(given, list):
            return [await self._given(door, call, one) for one in given]
        if not hasattr(given, "goto"):
            return await self._result(door, call, given)
        if to := _places(given.goto):
            verdict = await door.decide(door.event("handoff", [_handoff(one, call) for one in to]))
            if not verdict:
                return denied(call, verdict.message)
        return replace(given, update=await self._update(door, call, given.update))

    async def _update(self, door: Door, call: Any, update: Any) -> Any:
        """What a command writes into the state: the messages in it are results."""
        if isinstance(update, Mapping):
            return {name: await self._update(door, call, value) for name, value in update.items()}
        if isinstance(update, list):
            return [await self._result(door, call, one) for one in update]
        return await self._result(door, call, update)

    async def _result(self, door: Door, call: Any, message: Any) -> Any:
        """A result as it goes on; whatever else it is goes on as it is."""
        if getattr(message, "type", "") != "tool":
            return message
        step = result_of(message, call)
        verdict = await door.decide(door.event("post_tool_call", [step]))
        if not verdict:
            return denied(call, verdict.message, message.id)
        return message if verdict.kind == "allow" else said(message, step, verdict.after)


# ---- small things


def _interrupt(value: Any) -> Any:
    return need("langgraph.types", "langchain").interrupt(value)


def _message_of(message: Any, structure: Any) -> Message | None:
    """What the agent says, a structured answer as text; None where it only calls tools."""
    words = [step for step in steps_of(message) if isinstance(step, Message)]
    if structure is None:
        return words[0] if words else None
    calls = [json.dumps(one["args"], default=str) for one in message.tool_calls]
    return Message("assistant", "\n".join([*(one.text for one in words), *calls]))


def _request(model: Any, messages: list[Any]) -> Any:
    made = need("langchain.agents.middleware.types", "langchain").ModelRequest
    runtime = need("langgraph.runtime", "langchain").get_runtime()
    return made(model=model, messages=_messages(messages), runtime=runtime)


def _all(response: Any) -> list[Any]:
    """What a response puts into the state."""
    whole = getattr(response, "model_response", response)
    command = getattr(response, "command", None)
    return [*(command.update["messages"] if command else ()), *whole.result]


def _response(messages: list[Any]) -> Any:
    made = need("langchain.agents.middleware.types", "langchain").ModelResponse
    return made(result=messages)


def _with_state(response: Any, messages: list[Any]) -> Any:
    """The response; the state is to hold the messages as they went on."""
    if not messages:
        return response
    made = need("langchain.agents.middleware.types", "langchain").ExtendedModelResponse
    command = need("langgraph.types", "langchain").Command
    return made(model_response=response, command=command(update={"messages": messages}))


def _bound(reply: Any) -> Any:
    """The reply, where it names the request; else it is to none: what waits may have changed."""
    data = dict(reply) if isinstance(reply, Mapping) else {}
    return {**data, "id": data.get("id", "")}


def _messages(state: Any) -> list[Any]:
    """The messages of a graph's state, where it has them in the usual place."""
    found = state.get("messages") if isinstance(state, Mapping) else state
    if not isinstance(found, list):
        found = getattr(state, "messages", None) or []
    whole: list[Any] = need("langchain_core.messages", "langchain").convert_to_messages(found)
    return whole


def _places(goto: Any) -> list[str]:
    """The names of the nodes to which a command goes."""
    rows = goto if isinstance(goto, (list, tuple)) else [goto]
    return [str(getattr(one, "node", one)) for one in rows if one]


def _handoff(to: str, call: Any) -> Handoff:
    """A handoff with what the agent says by it."""
    return Handoff(to, "\n".join(one for one in call["args"].values() if isinstance(one, str)))
