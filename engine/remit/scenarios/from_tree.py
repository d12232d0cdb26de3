"""A scenario block -> steps of a conversation. Says nothing about what should come of them.

Time starts at `START` and moves only where the scenario waits, so that a run is the same every day.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from remit.checked.literals import literal
from remit.conversation.model import Call, Handoff, Message, Result, Step
from remit.conversation.pieces import Given, Part
from remit.conversation.shared import structured
from remit_grammar import tree as t
from remit_grammar.diagnostic import Diagnostic, Label

START = 1_767_225_600.0  # seconds since the epoch: 2026-01-01 00:00 UTC, a day like any other
ORIGINS = {"quoting": "quoted", "attaching": "attached", "retrieving": "retrieved"}
AGENT = "assistant"  # the role of whom a scenario calls `agent`

Happening = t.Says | t.Calls | t.Hands | t.Gives


class Teller:
    """Makes the steps of one scenario, in order; `names` are the ids of directives by name."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names
        self.time = START
        self.calls = 0
        self.last: Call | None = None

    def wait(self, node: t.Wait) -> None:
        """Let time pass."""
        self.time += node.duration.seconds

    def step(self, node: Happening) -> Step | Diagnostic:
        """The step that a statement tells of, or why there can be none."""
        if isinstance(node, t.Says):
            return self._message(node)
        if isinstance(node, t.Calls):
            return self._call(node)
        if isinstance(node, t.Hands):
            return Handoff(
                node.to.text, node.text, _role(node.speaker), self.time,
                context=bindings(node.bindings), directives=self._given(node),
            )  # fmt: skip
        return self._result(node)

    def _message(self, node: t.Says) -> Message:
        parts = tuple(Part(one.text, ORIGINS[one.origin]) for one in node.parts)
        return Message(
            _role(node.speaker), node.text, parts, self.time,
            context=bindings(node.bindings), directives=self._given(node),
        )  # fmt: skip

    def _given(self, node: t.Says | t.Hands | t.Gives) -> tuple[Given, ...]:
        """The directives that the scenario, as a host would, says are in the text."""
        return tuple(
            Given(
                self.names.get(one.name.text, one.name.text),
                {word.name: literal(word.value) for word in one.values},
                one.implied,
            )
            for one in node.given
        )

    def _call(self, node: t.Calls) -> Call:
        self.calls += 1
        args = {one.name: literal(one.value) for one in node.arguments}
        id, role = f"call {self.calls}", _role(node.speaker)
        context = bindings(node.bindings)
        self.last = Call(node.tool.text, args, id, role, time=self.time, context=context)
        return self.last

    def _result(self, node: t.Gives) -> Result | Diagnostic:
        tool = node.tool.text if node.tool else None
        last = self.last
        if last is None and tool is None:
            return _no_call(node)
        answers = last is not None and tool in (None, last.tool)
        name = tool or (last.tool if last else "")
        text, value = _content(literal(node.value))
        id = last.id if last is not None and answers else ""
        return Result(
            name, text, value, id, time=self.time,
            context=bindings(node.bindings), directives=self._given(node),
        )  # fmt: skip


def _role(speaker: t.Name) -> str:
    return AGENT if speaker.text == "agent" else speaker.text


def _content(value: Any) -> tuple[str, Any]:
    """A result's text and value: one is made from the other, as a reader of conversations does."""
    if isinstance(value, str):
        return value, structured(value)
    return json.dumps(value, ensure_ascii=False), value


def _no_call(node: t.Gives) -> Diagnostic:
    return Diagnostic(
        "R1102",
        "nothing was called that this could be the result of",
        Label(node.span),
        help="put a call before it, or name the tool: `result of TOOL ...`",
    )


def bindings(given: Sequence[t.Binding]) -> dict[str, Any]:
    """What the host declares about a conversation or a step."""
    return {".".join(one.name.parts): literal(one.value) for one in given}
