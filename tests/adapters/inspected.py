"""The driver for Inspect: one sample, with its scripted model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import wraps
from inspect import signature
from typing import Any

import pytest
from tests.adapters.contract import ASYNC, CHILD, SYSTEM, Ran, Script

from remit import Call
from remit.host.guard import Guard
from remit_plugins.adapters.inspect import approver

pytest.importorskip("inspect_ai")

from inspect_ai import Task, eval
from inspect_ai.agent import Agent, AgentState, agent, as_tool
from inspect_ai.approval import ApprovalPolicy
from inspect_ai.dataset import Sample
from inspect_ai.model import ModelOutput, ModelUsage, get_model
from inspect_ai.model._model import Model
from inspect_ai.solver import generate, system_message, use_tools
from inspect_ai.tool import Tool, ToolCall, ToolDef


@dataclass
class Log:
    """What an evaluation came to."""

    sample: Any
    seen: list[str]


class Inspected:
    """The driver. What tools give is heard at the next call, too late to hold it back."""

    can = frozenset({ASYNC, CHILD, SYSTEM})
    leaves_results = True

    def run(self, guard: Guard, script: Script, *, asynchronous: bool) -> Ran:
        """Evaluate."""
        log = evaluated(script, [ApprovalPolicy(approver(guard), "*")])
        sample = log.sample
        stopped = sample.limit is not None or sample.error is not None
        return Ran(log.seen, sample.output.completion, stopped=stopped)

    def resume(
        self, guard: Guard, script: Script, ran: Ran, reply: Any, *, edited: Call | None,
        asynchronous: bool,
    ) -> Ran:  # fmt: skip
        """A run of Inspect cannot be left and taken up."""
        raise NotImplementedError


def evaluated(script: Script, approval: Any, **more: Any) -> Log:
    """One sample that runs a script."""
    seen: list[str] = []
    solver = [use_tools(*tools_of(script)), generate(tool_calls="loop")]
    if script.system:
        solver.insert(0, system_message(script.system))
    turns = [*script.turns[:1], *script.child, *script.turns[1:]]
    task = Task([Sample(input=script.user)], solver=solver, approval=approval, message_limit=40)
    [log] = eval(task, model=model_of(turns, seen), display="none", log_level="critical",
                 log_dir="memory://logs", fail_on_error=False, **more)  # fmt: skip
    assert log.samples, log.error
    return Log(log.samples[0], seen)


def model_of(turns: Sequence[Any], seen: list[str]) -> Model:
    """A model that says these turns, and notes what it was sent."""
    left = [output_of(one) for one in turns]

    def next_output(messages: Any, tools: Any, choice: Any, config: Any) -> ModelOutput:
        seen[:] = [one.text + (one.error.message if getattr(one, "error", None) else "")
                   for one in messages]  # fmt: skip
        return left.pop(0)

    return get_model("mockllm/model", custom_outputs=next_output, memoize=False)


def output_of(turn: Any) -> ModelOutput:
    """A turn as an output."""
    made = ModelOutput.from_content("mockllm/model", "" if _is_calls(turn) else "".join(turn))
    if _is_calls(turn):
        made.choices[0].message.tool_calls = [
            ToolCall(id=one.id, function=one.tool, arguments=dict(one.args)) for one in turn
        ]
        made.choices[0].stop_reason = "tool_calls"
    made.usage = ModelUsage()  # else Inspect counts, with a table that it downloads
    return made


def _is_calls(turn: Any) -> bool:
    return not isinstance(turn, str) and isinstance(turn[0], Call)


def tools_of(script: Script) -> list[Tool]:
    """The tools of a script."""
    tools = [_tool(name, one) for name, one in script.tools.items()]

    @agent
    def helper() -> Agent:
        async def execute(state: AgentState) -> AgentState:
            """Do something."""
            state.messages, state.output = await get_model().generate_loop(state.messages, tools)
            return state

        return execute

    ask = as_tool(helper(), description="Ask the helper.")
    return [*tools, _named(ask)]


def _named(tool: Tool) -> Tool:
    """The tool that asks the helper, as a script has it."""

    async def ask_helper(task: str) -> Any:
        return await tool(input=task)

    return ToolDef(ask_helper, description="Ask.", parameters={"task": "what"}).as_tool()


def _tool(name: str, function: Any) -> Tool:
    @wraps(function)
    async def execute(**given: Any) -> str:
        return str(function(**given))

    names = dict.fromkeys(signature(function).parameters, "an argument")
    return ToolDef(execute, name=name, description=name, parameters=names).as_tool()
