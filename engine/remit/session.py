"""One conversation under a policy, step by step.

A session belongs to one conversation. Its lock makes two threads that use it at once take turns.
"""

from __future__ import annotations

from collections.abc import Mapping
from threading import Lock
from typing import Any

from remit.conversation.model import Step, malformed
from remit.verdict.decide import decide
from remit.verdict.model import ENGINE_ERROR, HALTED, Decision, Ground


class Session:
    """Judges steps in their order. Nothing in a step can raise out of `decide`."""

    __slots__ = ("_context", "_ground", "_index", "_lock", "halted")

    def __init__(self, ground: Ground, context: Mapping[str, Any]) -> None:
        self._ground = ground
        self._context = dict(context)
        self._index = 0
        self._lock = Lock()
        self.halted = False

    def decide(self, step: Step | Mapping[str, Any]) -> Decision:
        """Judge a proposed step before it takes effect.

        A step may be a `Message`, `Call`, `Result` or `Handoff`, or a mapping in the native form of
        conversations (`{"kind": "call", "tool": ..., "args": {...}}`). What is no step at all is
        denied with the reason `engine_error`. After a `halt` every further step is denied, with the
        reason `halted`.
        """
        with self._lock:
            index, self._index = self._index, self._index + 1
            decision = self._decide(step, index)
            if decision.verdict == "halt":
                self.halted = True
            return decision

    def _decide(self, step: Step | Mapping[str, Any], index: int) -> Decision:
        try:
            proper = step if isinstance(step, Step) else _from_mapping(step)
        except Exception as error:  # noqa: BLE001 - whatever was given, the answer is deny
            return Decision.failed(self._ground, _nothing(), index, error)
        problem = malformed(proper)
        if problem is not None:
            return Decision.refused(self._ground, _nothing(), index, ENGINE_ERROR, problem)
        if self.halted:
            text = "an earlier step halted the conversation"
            return Decision.refused(self._ground, proper, index, HALTED, text)
        return decide(self._ground.program, self._ground, proper, self._context, index)


def _from_mapping(data: Any) -> Step:
    from remit.conversation.from_steps import step_from_json

    return step_from_json(data)


def _nothing() -> Step:
    from remit.conversation.model import Message

    return Message(role="", text="")
