"""What happens when Inspect asks whether a call may run: one gate for each sample."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from weakref import ref

from remit.conversation.from_chat import error_of
from remit.conversation.model import Call, Message, Result, Step
from remit.conversation.shared import structured
from remit.hooks.events import Event, Verdict
from remit.host import verdicts
from remit.host.hooked import agreed
from remit_plugins.adapters.needs import need

if TYPE_CHECKING:
    from remit.host.gate import Gate
    from remit.host.guard import Guard

POINTS = ("pre_model_call", "pre_tool_call")
GAPS = (
    "what was said, and what tools gave, until the next call: it is heard then, never held back",
    "tools that the approver is not set for, and that the provider of the model runs",
    "how a person changed a call that was passed on",
)


@dataclass(slots=True)
class Sample:
    """The gates of one sample: of the agent that called first, and of those under it."""

    first: str
    gate: Gate
    children: dict[str, Gate] = field(default_factory=dict)
    passed_on: dict[str, Call] = field(default_factory=dict)
    denied: dict[str, Verdict] = field(default_factory=dict)  # by the message that calls

    def of(self, first: str, agent: str) -> Gate:
        """The gate of a history. One that begins otherwise is that of an agent under the first."""
        if first == self.first:
            return self.gate
        if first not in self.children:
            self.children[first] = self.gate.hand_on(agent)
        return self.children[first]


class Approving:
    """Approves under a guard."""

    def __init__(self, guard: Guard, agent: str = "") -> None:
        self._guard, self._agent = guard, agent
        self._samples: dict[int, tuple[Any, Sample]] = {}

    def approver(self) -> Callable[..., Any]:
        """The function that Inspect calls."""

        async def approve(message: str, call: Any, view: Any, history: list[Any]) -> Any:
            return await self.approved(call, history)

        return approve

    async def approved(self, call: Any, history: Sequence[Any]) -> Any:
        """Whether a call may run."""
        sample, gate = self._gate(history)
        verdict = await self._heard(sample, gate, history)
        if verdict:
            verdict = await self._judged(sample, gate, call)
        return _approval(call, verdict)

    async def _heard(self, sample: Sample, gate: Gate, history: Sequence[Any]) -> Verdict:
        """What was said and given since the last call."""
        steps, ids = _steps(history)
        for step in steps:
            if isinstance(step, Result) and step.id in sample.passed_on:
                waited = sample.passed_on.pop(step.id)
                if not _was_rejected(step, history):
                    agreed(gate, waited, "whoever was asked next")
        turn = str(history[-1].id) if history else ""
        if turn not in sample.denied:
            event = Event("pre_model_call", tuple(steps), gate.conversation, ids=tuple(ids))
            verdict = self._taken(await gate.adecide(event))
            if verdict:
                return verdict
            sample.denied[turn] = verdict
        return sample.denied[turn]

    def _taken(self, verdict: Verdict) -> Verdict:
        """What follows for the calls of a turn. What the model has seen cannot be withheld from it,
        so what it calls then does not run."""
        denied = next((one for one in verdict.decisions if not one), None)
        if denied is None or not verdict or self._guard.mode == "shadow":
            return verdict
        message, reason = verdicts.message_of(denied), verdicts.reason_of(denied)
        return replace(verdict, kind="deny", message=message, reason=reason)

    async def _judged(self, sample: Sample, gate: Gate, call: Any) -> Verdict:
        step = Call(call.function, call.arguments, id=call.id)
        event = Event("pre_tool_call", (step,), gate.conversation)
        verdict = await gate.adecide(event)
        if verdict.request is None:
            return verdict
        if self._guard.plugins.hook.remit_approve.get_hookimpls():
            return await gate.asettle(event, verdict)
        sample.passed_on[step.id] = step
        return verdict

    def _gate(self, history: Sequence[Any]) -> tuple[Sample, Gate]:
        first = str(history[0].id) if history else ""
        store = need("inspect_ai.util", "inspect-ai").store()  # there is one for each sample
        found = self._samples.get(id(store))
        if found is None:
            made = Sample(first, self._guard.gate(agent=self._agent))
            found = self._samples[id(store)] = ref(store, self._forget(id(store))), made
        return found[1], found[1].of(first, self._agent)

    def _forget(self, key: int) -> Callable[[Any], None]:
        def gone(store: Any) -> None:
            self._samples.pop(key, None)

        return gone


def _approval(call: Any, verdict: Verdict) -> Any:
    """The verdict in the words of Inspect. A call that waits goes on to the next approver."""
    made = need("inspect_ai.approval", "inspect-ai").Approval
    why = verdict.message or verdict.reason
    told = {"remit": verdict.reason, "warnings": list(verdict.warnings)}
    if verdict.kind == "transform":
        going = verdict.after
        assert isinstance(going, Call), "a call goes on as a call"
        changed = replace(call, arguments=dict(going.args))
        return made(decision="modify", modified=changed, explanation="changed by policy")
    if verdict:
        return made(decision="approve", metadata=told)
    if verdict.kind == "ask":
        return made(decision="escalate", explanation=why, metadata=told)
    decision = "terminate" if verdict.scope == "run" else "reject"
    return made(decision=decision, explanation=why, metadata=told)


# ---- what Inspect has of a conversation


def _steps(history: Sequence[Any]) -> tuple[list[Step], list[str]]:
    steps: list[Step] = []
    ids: list[str] = []
    for message in history:
        made = _of_message(message)
        steps += made
        ids += [(message.id or "") if isinstance(one, Message) else "" for one in made]
    return steps, ids


def _of_message(message: Any) -> list[Step]:
    text = message.text
    if message.role == "tool":
        error = error_of(message.error is not None, text)
        id = message.tool_call_id or ""
        return [Result(message.function or "", text, structured(text), id, error)]
    calls = [Call(one.function, one.arguments, id=one.id)
             for one in getattr(message, "tool_calls", None) or ()]  # fmt: skip
    return [*([] if calls and not text else [Message(message.role, text)]), *calls]


def _was_rejected(step: Result, history: Sequence[Any]) -> bool:
    """Whether the next approver said no, and the tool did not run."""
    found = [one for one in history if getattr(one, "tool_call_id", None) == step.id]
    return any(one.error is not None and one.error.type == "approval" for one in found)
