"""Remit as the tool executor of AgentDojo's pipeline: an element that judges, then executes.

A call that is held back is not executed; an error says so to the model. It is also taken out of the
message that proposed it, because AgentDojo's checks count what messages propose as done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import remit
from remit.bench.field.agentdojo.package import message, part, text_of
from remit.bench.field.judge import agreed_to
from remit.conversation.model import Call, Message, Result

Refuse = Callable[[str], bool]  # of a call's id, whether it is held back whatever a policy says


class Guard:
    """Stands in the place of AgentDojo's executor, and behind the loop, for the answer.

    Without a policy only what `refuse` says is held back. `agrees`: whoever is asked says yes.
    `decisions` are the first ones on calls, `held` those by which calls were held back.
    """

    def __init__(
        self, policy: remit.Policy | None, context: Mapping[str, Any], *, agrees: bool,
        refuse: Refuse | None = None,
    ) -> None:  # fmt: skip
        self.session = None if policy is None else policy.session(context)
        self.agrees, self.refuse = agrees, refuse or (lambda _: False)
        self.execute = part("agent_pipeline.tool_execution", "ToolsExecutor")()
        self.decisions: list[remit.Decision] = []
        self.held: list[remit.Decision] = []
        self.seen = 0

    def query(
        self, query: str, runtime: Any, env: Any = None, messages: Sequence[Any] = (),
        extra_args: Any = None,
    ) -> tuple[Any, ...]:  # fmt: skip
        """Judge what is new; execute what may be."""
        *before, last = messages
        for one in before[self.seen :]:
            self._decide(Message(one["role"], text_of(one)))
        said = self._said(last)
        allowed: list[Any] = []
        results = [
            one for call in last.get("tool_calls") or ()
            for one in self._run(call, runtime, env, allowed)
        ]  # fmt: skip
        spoken = [*before, message("assistant", said, allowed), *results]
        self.seen = len(spoken)
        return query, runtime, env, spoken, extra_args

    def _said(self, last: Mapping[str, Any]) -> str:
        """What the model says, or what is said in its place."""
        text = text_of(last)
        decision = self._decide(Message("assistant", text)) if text else None
        if decision is None:
            return text
        return str(decision.after.text) if decision else refusal(decision)  # type: ignore[union-attr] # of a message

    def _run(self, call: Any, runtime: Any, env: Any, allowed: list[Any]) -> Iterator[Any]:
        """The result of a call, or the error that stands for it."""
        decision = self._decide(Call(call.function, dict(call.args), call.id or ""))
        if self.refuse(call.id or "") or (decision is not None and not decision):
            yield self._refused(call, decision)
            return
        if decision is not None and decision.changes:
            call = call.model_copy(update={"args": dict(decision.after.args)})  # type: ignore[union-attr] # of a call
        allowed.append(call)
        [result] = self.execute.query("", runtime, env, [message("assistant", "", [call])])[3][1:]
        heard = self._decide(
            Result(call.function, text_of(result), id=call.id or "", error=result["error"])
        )
        if heard is not None and (not heard or heard.changes):
            text = str(heard.after.text) if heard else refusal(heard)  # type: ignore[union-attr] # of a result
            result = {**result, "content": message("tool", text)["content"]}
        yield result

    def _decide(self, step: remit.Message | remit.Call | remit.Result) -> remit.Decision | None:
        """The decision on a step; where somebody is asked who agrees, the one after their yes."""
        if self.session is None:
            return None
        first = decision = self.session.decide(step)
        if self.agrees and first.verdict == "ask":
            decision = agreed_to(self.session, first)
        if isinstance(step, Call):
            self.decisions.append(first)
            self.held += [] if decision else [decision]
        return decision

    @staticmethod
    def _refused(call: Any, decision: remit.Decision | None) -> dict[str, Any]:
        error = "refused" if decision is None else refusal(decision)
        return {**message("tool", ""), "tool_call": call, "tool_call_id": call.id, "error": error}


def refusal(decision: remit.Decision) -> str:
    """What the model is told where a step was held back."""
    return " ".join(["This is not allowed.", *decision.advice])
