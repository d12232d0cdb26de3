"""What happens at each point of Agent Framework's host of AGENT-HOOKS, and around it.

The host asks the interceptor at each point, and blocks. What the contract has no word for is done
by middleware around it: a call that waits for a person, an agent that another one asks, and the
instructions, which the host does not show.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from remit.conversation.model import Message, Result
from remit.hooks.events import Event, Reply, Request, Verdict
from remit.host import verdicts
from remit.host.coverage import Coverage, coverage
from remit_plugins.adapters.agent_framework.messages import Shown, result, value_of
from remit_plugins.adapters.agent_hooks import event_of, wire_of
from remit_plugins.adapters.callers import caller, calling
from remit_plugins.adapters.needs import need
from remit_plugins.adapters.places import Place, asks_approvers

if TYPE_CHECKING:
    from remit.host.gate import Gate

POINTS = (
    "input", "pre_model_call", "post_model_call", "pre_tool_call", "post_tool_call", "output",
)  # fmt: skip
GAPS = (
    "tools that the provider of the model runs, until the model has answered",
    "the model's reasoning",
    "what the error of a tool says: the framework tells its type alone",
    "who wrote what a context provider puts into the conversation",
    "a handoff is a call of the tool that hands on",
    "traces have the model's own answer, and a tool's own result",
)
KEY = "remit"  # what a request for approval carries
Next = Callable[[], Awaitable[None]]
# What is at hand: the call of a model, and the answer of a person to a call of a tool.
_MODEL: ContextVar[Any] = ContextVar("remit_af_model", default=None)
_ANSWER: ContextVar[Any] = ContextVar("remit_af_answer", default=None)


class Held:
    """The interceptor of one agent, and the middleware around the framework's host."""

    def __init__(self, place: Place, gate: Gate) -> None:
        self.guard = place.guard
        self.gate = gate
        self._place = place
        self._denied: dict[str, Verdict] = {}  # by call, what the host is to block

    def around(self, bundle: Any) -> list[Any]:
        """The framework's host, with what is around it."""
        framework = need("agent_framework", "agent-framework")

        def made(base: str, process: Callable[[Any, Next], Awaitable[None]]) -> Any:
            async def body(_: Any, context: Any, call_next: Next) -> None:
                await process(context, call_next)

            names = {"process": body, "coverage": lambda _: self.coverage(), "gate": self.gate,
                     "interceptor": self}  # fmt: skip
            return type("RemitMiddleware", (getattr(framework, base),), names)()

        return [
            made("AgentMiddleware", self._run), made("ChatMiddleware", self._model),
            made("FunctionMiddleware", self._tool), bundle, made("FunctionMiddleware", self._inner),
        ]  # fmt: skip

    def coverage(self) -> Coverage:
        """What the policy misses in Agent Framework."""
        return coverage(self.guard.policy, POINTS, GAPS)

    def _gate(self) -> Gate:
        """The gate at hand: one for each call of a tool that asks this agent, or its own."""
        return self.gate if caller() is None else self._place.gate()

    # ---- the interceptor

    async def intercept(self, context: Mapping[str, Any], /) -> dict[str, Any]:
        """The verdict on a context, in its wire form. Raises nothing."""
        try:
            point = context["interception_point"]
            if point == "pre_tool_call":
                return await self._call(context)
            if point == "post_tool_call":
                return await self._result(context)
            if point in POINTS:
                return await self._messages(context)
            event = event_of(context)
            return wire_of(await self._gate().adecide(event), event, context)
        except Exception as error:  # noqa: BLE001 - what cannot be read must not go on
            return wire_of(verdicts.failed(error), Event("input"), context)

    async def _messages(self, context: Mapping[str, Any]) -> dict[str, Any]:
        gate, model = self._gate(), _MODEL.get()
        is_call = context["interception_point"] == "pre_model_call" and model is not None
        shown = Shown.of(context, _instructions(model) if is_call else "")
        event = replace(_event(gate, context), steps=tuple(shown.steps))
        if event.point == "output":  # with all that came before: only the last is new
            said = [one for one in shown.steps if isinstance(one, Message)]
            event = replace(event, steps=tuple(one for one in said if one.role == "assistant"))
        verdict = await gate.adecide(event)
        if verdict.kind != "transform":
            return wire_of(verdict, event, context)
        verdict = _for_all(verdict, event, shown)
        target, instructions = shown.left(context, verdict)
        if instructions is not None:
            model.options = {**model.options, "instructions": instructions}
        return _changed(verdict, event, context, target)

    async def _call(self, context: Mapping[str, Any]) -> dict[str, Any]:
        gate = self._gate()
        event = replace(event_of(context), conversation=gate.conversation, agent=gate.agent)
        verdict = await gate.adecide(event)
        if verdict.request is not None:
            verdict = await self._agreed(gate, event, verdict)
        self._note(verdict, context)
        return wire_of(verdict, event, context)

    def _note(self, verdict: Verdict, context: Mapping[str, Any]) -> None:
        """Keep what the host is to block: it would tell the model what is for the log alone."""
        if not verdict:
            self._denied[context["tool_call"]["id"]] = verdict

    async def _agreed(self, gate: Gate, event: Event, verdict: Verdict) -> Verdict:
        """Whether a call may go on that somebody must agree to."""
        if asks_approvers(self.guard):
            return await gate.asettle(event, verdict)
        answer = _ANSWER.get()
        if answer is None:
            return verdict
        asked = _about(answer)
        reply = {"yes": answer.approved, "id": asked.get("id", ""), "person": asked.get("person")}
        return await gate.aresume(event, verdict, reply)

    async def _result(self, context: Mapping[str, Any]) -> dict[str, Any]:
        gate, call, given = self._gate(), context["tool_call"], context["tool_result"]
        step = result(call["name"], given["value"], call["id"])
        if given["is_error"]:
            step = Result(call["name"], error=str(given["value"]), id=call["id"])
        event = replace(_event(gate, context), steps=(step,))
        verdict = await gate.adecide(event)
        self._note(verdict, context)
        if verdict.kind != "transform":
            return wire_of(verdict, event, context)
        assert isinstance(verdict.after, Result), "a result goes on as a result"
        return _changed(verdict, event, context, value_of(verdict.after))

    # ---- around it

    async def _run(self, context: Any, call_next: Next) -> None:
        """Hear who did not agree: the framework answers the model itself."""
        gate = self._gate()
        for message in context.messages:
            for one in message.contents:
                if one.type == "function_approval_response" and not one.approved:
                    await _refused(gate, _about(one))
        await call_next()

    async def _model(self, context: Any, call_next: Next) -> None:
        """A model is called, with instructions that the host does not show."""
        _MODEL.set(context)
        await call_next()

    async def _tool(self, context: Any, call_next: Next) -> None:
        """A tool is called: it waits for a person, or the model is told why it does not run."""
        _ANSWER.set(context.metadata.get("approval_response"))
        await call_next()
        verdict = self._denied.pop(str(context.metadata.get("call_id")), None)
        if verdict is None:
            return
        context.result = verdict.message
        if verdict.request is not None:
            context.result = _asking(context, verdict.request)
            raise need("agent_framework", "agent-framework").MiddlewareTermination()

    async def _inner(self, context: Any, call_next: Next) -> None:
        """A tool runs: who asks an agent from there is an agent."""
        with calling(self._gate(), str(context.metadata.get("call_id"))):
            await call_next()


# ---- small things


def _event(gate: Gate, context: Mapping[str, Any]) -> Event:
    return Event(context["interception_point"], (), gate.conversation, gate.agent)


def _instructions(model: Any) -> str:
    given = (model.options or {}).get("instructions")
    return given if isinstance(given, str) else ""


def _for_all(verdict: Verdict, event: Event, shown: Shown) -> Verdict:
    """The verdict, for all that is shown and not only for what is judged."""
    left = {id(old): new for old, new in zip(event.steps, verdict.steps, strict=True)}
    return replace(verdict, steps=tuple(left.get(id(one), one) for one in shown.steps))


def _changed(
    verdict: Verdict, event: Event, context: Mapping[str, Any], target: Any
) -> dict[str, Any]:
    """The wire form of a verdict that changes the target of a context."""
    wire = wire_of(replace(verdict, kind="allow"), event, context)
    return wire | {"decision": "transform", "transform": {"path": "$target", "value": target}}


def _asking(context: Any, request: Request) -> Any:
    """The framework's request for approval of a call."""
    made = need("agent_framework", "agent-framework").Content
    call = made.from_function_call(
        context.metadata["call_id"], context.function.name, arguments=dict(request.call.args),
        id=context.metadata.get("function_call_occurrence_id"),
    )  # fmt: skip
    asked = {KEY: request.to_json()}
    return made.from_function_approval_request(
        call.id or call.call_id, call, additional_properties=asked
    )


def _about(answer: Any) -> Mapping[str, Any]:
    """What an answer carries of the request that it is to."""
    found = (answer.additional_properties or {}).get(KEY)
    return found if isinstance(found, Mapping) else {}


async def _refused(gate: Gate, asked: Mapping[str, Any]) -> None:
    """Note a no; one that nobody waits for changes nothing."""
    if asked.get("id") in {one.id for one in gate.waiting}:
        await gate.aanswer(str(asked["id"]), Reply(False, str(asked.get("person") or "")))
