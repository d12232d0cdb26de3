"""Tools that are judged: the toolset of a run, and the calls that it does not run itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from remit.conversation.model import Call, Result
from remit.hooks.events import Verdict
from remit.host.values import result_of, value_of
from remit_plugins.adapters.callers import calling
from remit_plugins.adapters.needs import need
from remit_plugins.adapters.places import Leave, asks_approvers, notes
from remit_plugins.adapters.pydantic_ai.messages import data_of, step_of

if TYPE_CHECKING:
    from remit_plugins.adapters.once import Door


class Judging:
    """A toolset, in a class that is made together with the framework's `WrapperToolset`."""

    door: Door
    wrapped: Any

    async def call_tool(self, name: str, tool_args: Any, ctx: Any, tool: Any) -> Any:
        """Run a tool with what the policy leaves, and give what it leaves of the result."""
        call = Call(name, data_of(tool_args), id=ctx.tool_call_id or "")
        verdict = await agreed(self.door, call)
        if verdict.request is not None:
            raise _errors().ApprovalRequired(verdict.request.to_json())
        if not verdict:
            raise _errors().ToolFailed(verdict.message)
        going = tool_args if verdict.kind == "allow" else _valid(tool, verdict)
        try:
            with calling(self.door.gate, call.id):
                value = await self.wrapped.call_tool(name, going, ctx, tool)
        except (_errors().CallDeferred, _errors().ApprovalRequired):
            notes(self.door.gate).leaves[call.id] = Leave(call, verdict)  # it comes again
            raise
        except Exception as error:  # noqa: BLE001 - what it says is a result
            raise await self._failed(call, error) from None
        return await self._given(call, value)

    async def _given(self, call: Call, value: Any) -> Any:
        whole = hasattr(value, "return_value")
        if whole and value.content is not None:  # else it would speak with the user's voice
            extra = [value.content] if isinstance(value.content, str) else list(value.content)
            value = replace(value, return_value=[value.return_value, *extra], content=None)
        data = data_of(value.return_value if whole else value)
        step = result_of(call.tool, data, call.id)
        verdict = await self.door.decide(self.door.event("post_tool_call", [step]))
        if not verdict:
            raise _errors().ToolFailed(verdict.message)
        if verdict.kind == "allow":
            return value
        after = verdict.after
        assert isinstance(after, Result), "a result goes on as a result"
        left = value_of(after, data)
        return replace(value, return_value=left) if whole else left

    async def _failed(self, call: Call, error: Exception) -> Exception:
        """What to raise where a tool fails: its error, if that may go on."""
        told = Result(call.tool, error=str(error) or type(error).__name__, id=call.id)
        verdict = await self.door.decide(self.door.event("post_tool_call", [told]))
        if not verdict:
            failed: Exception = _errors().ToolFailed(verdict.message)
            return failed
        if verdict.kind == "allow":
            return error
        after = verdict.after
        assert isinstance(after, Result), "a result goes on as a result"
        kinds = (_errors().ModelRetry, _errors().ToolFailed)
        made = type(error) if isinstance(error, kinds) else RuntimeError
        return made(after.error or after.text)


def judging(door: Door, toolset: Any) -> Any:
    """A toolset that is judged."""
    base = need("pydantic_ai.toolsets", "pydantic-ai").WrapperToolset
    return type("JudgedToolset", (Judging, base), {"door": door})(toolset)


async def agreed(door: Door, call: Call) -> Verdict:
    """What is decided about a call, once approvers were asked, if there are any."""
    leave = notes(door.gate).leaves.pop(call.id, None)
    if leave is not None and leave.call == call and call.id:
        return leave.verdict
    event = door.event("pre_tool_call", [call])
    verdict = await door.decide(event)
    return await door.settle(event, verdict) if asks_approvers(door.gate.guard) else verdict


async def refusals(door: Door, requests: Any) -> Any:
    """Calls that others are to run elsewhere: what the policy says no to is answered here."""
    left = {}
    for part in requests.calls:
        if part.tool_call_id in notes(door.gate).leaves:
            continue  # a tool waits that was let go
        call = step_of(part)
        assert isinstance(call, Call), "it is a call"
        verdict = await agreed(door, call)
        if verdict.kind != "allow":
            told = verdict.message or "the policy would change this call, which cannot be done"
            left[part.tool_call_id] = _errors().ToolFailed(told)
    return requests.build_results(calls=left) if left else None


def _valid(tool: Any, verdict: Verdict) -> Any:
    """Changed arguments as the tool wants them. Raises `ToolFailed` where it does not."""
    after = verdict.after
    assert isinstance(after, Call), "a call goes on as a call"
    try:
        return tool.args_validator.validate_python(dict(after.args))
    except ValueError:
        raise _errors().ToolFailed("the tool does not take what the policy leaves") from None


def _errors() -> Any:
    return need("pydantic_ai.exceptions", "pydantic-ai")
