"""Remit as middleware of FastMCP servers, and of its proxies.

The framework is imported when the middleware is made.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from remit.host.coding import AT_HAND
from remit.host.coverage import Coverage, coverage
from remit_plugins.adapters.mcp import wire
from remit_plugins.adapters.mcp.asking import Asks
from remit_plugins.adapters.mcp.flow import Asked, Failed, Flow, Refused
from remit_plugins.adapters.mcp.gates import Gates
from remit_plugins.adapters.mcp.sdk import GAPS, POINTS, REFUSED, is_hidden
from remit_plugins.adapters.mcp.wire import Wire
from remit_plugins.adapters.needs import need

if TYPE_CHECKING:
    from remit.host.guard import Guard

__all__ = ["GAPS", "POINTS", "middleware"]


def middleware(
    guard: Guard, *, agent: str = "", conversation: Callable[[Any], str] | None = None,
    context: Callable[[Any], Mapping[str, Any]] | None = None,
    people: Collection[str] = AT_HAND, hide: Collection[str] = (), sampling: bool = True,
) -> Any:  # fmt: skip
    """Middleware that holds a FastMCP server to the policy of a guard. Add it last.

    The arguments are those of `remit_plugins.adapters.mcp.middleware`; without `sampling` no tool
    may answer with what the client's model is to say, which nobody judges. Raises `MissingError`
    where FastMCP is not installed.
    """
    base = need("fastmcp.server.middleware", "fastmcp").Middleware
    made = type("RemitMiddleware", (Hooks, base), {})
    return made(guard, Flow(Gates(guard, agent, conversation, context), people), hide, sampling)


class Hooks:
    """The hooks, in a class that is made together with the framework's."""

    def __init__(self, guard: Guard, flow: Flow, hide: Collection[str], sampling: bool) -> None:
        super().__init__()
        self.guard = guard
        self._flow, self._hide, self._sampling = flow, hide, sampling

    def coverage(self) -> Coverage:
        """What the policy misses in a server of MCP."""
        return coverage(self.guard.policy, POINTS, GAPS)

    async def on_list_tools(self, context: Any, call_next: Callable[[Any], Any]) -> Any:
        """A list of tools without those that are hidden."""
        tools = await call_next(context)
        return [one for one in tools if not is_hidden(one.name, self._hide)]

    async def on_call_tool(self, context: Any, call_next: Callable[[Any], Any]) -> Any:
        """Judge a call and its result."""
        return await self._carried(wire.TOOL, context, call_next)

    async def on_read_resource(self, context: Any, call_next: Callable[[Any], Any]) -> Any:
        """Judge which resource is read, and what it holds."""
        return await self._carried(wire.RESOURCE, context, call_next)

    async def on_get_prompt(self, context: Any, call_next: Callable[[Any], Any]) -> Any:
        """Judge which prompt is fetched, and what it says."""
        return await self._carried(wire.PROMPT, context, call_next)

    async def _carried(self, method: str, context: Any, call_next: Callable[[Any], Any]) -> Any:
        form = _FORMS[method]
        asking = getattr(context.fastmcp_context, "request_context", None)

        async def run(params: Wire) -> Any:
            left = params.get("inputResponses")
            with _answers(asking, left):
                return await call_next(context.copy(message=_sent(context.message, params, left)))

        asked = Asked(method, _params(context.message), asking, run, form.read, form.made)
        try:
            given = await self._flow.carried(asked)
            if not self._sampling and _samples(given):
                raise form.error("what the server would have the model say is not passed on")
            return given
        except Asks as asks:
            return form.asking(asks)
        except Failed as failed:
            raise form.error(str(failed)) from None
        except Refused as refused:
            if refused.stops:
                raise need("mcp", "fastmcp").MCPError(REFUSED, str(refused)) from None
            raise form.error(str(refused)) from None


def _samples(given: Any) -> bool:
    """Whether an answer asks for what the client's model says."""
    inputs = getattr(getattr(given, "input_required", None), "input_requests", None)
    return any(one.method == "sampling/createMessage" for one in (inputs or {}).values())


_JUDGED = ("name", "arguments", "uri")  # what a request asks for, in either of its forms


def _params(message: Any) -> Wire:
    """A request as data; what it asks for stays as it is, also what JSON does not hold."""
    data: Wire = message.model_dump(
        by_alias=True, mode="json", exclude_none=True, include={"input_responses", "request_state"}
    )
    return data | {name: getattr(message, name) for name in _JUDGED if hasattr(message, name)}


def _sent(message: Any, params: Wire, left: Wire | None) -> Any:
    """The request as it goes on."""
    answers = message.input_responses
    update = {name: params[name] for name in _JUDGED if name in params}
    if answers is not None:
        update["input_responses"] = {one: answers[one] for one in left or ()} or None
    return message.model_copy(update=update)


def _answers(asking: Any, left: Any) -> AbstractContextManager[Any]:
    """What the client answers, as a tool sees it: without what was for the policy."""
    inner = getattr(asking, "_srctx", None)
    if inner is None or "inputResponses" not in (inner.params or {}):
        return nullcontext()
    params = {name: one for name, one in inner.params.items() if name != "inputResponses"}
    if left:
        params["inputResponses"] = left
    bind = need("fastmcp.server.dependencies", "fastmcp").bind_request_context
    bound: AbstractContextManager[Any] = bind(replace(inner, params=params))
    return bound


# ---- the results of FastMCP as data, and back


class _Tools:
    """What tools give."""

    @staticmethod
    def read(given: Any) -> Wire | None:
        """As data."""
        if hasattr(given, "input_required"):
            return None
        if not hasattr(given, "structured_content"):
            return {}  # of an extension, as for what runs in the background: cannot be judged
        data = {"content": [_dumped(one) for one in given.content], "isError": given.is_error}
        structured = copy.deepcopy(given.structured_content)
        return data | ({} if structured is None else {"structuredContent": structured})

    @staticmethod
    def made(given: Any, answer: Wire) -> Any:
        """A result of data."""
        types = need("mcp_types", "fastmcp")
        left = types.CallToolResult.model_validate(answer, by_name=False)
        return type(given)(
            content=left.content, structured_content=left.structured_content,
            meta=given.meta, is_error=left.is_error,
        )  # fmt: skip

    @staticmethod
    def error(text: str) -> Exception:
        """No, for the model."""
        return _error("ToolError", text)

    @staticmethod
    def asking(asks: Asks) -> Any:
        """A question in the place of a result."""
        base = need("fastmcp.tools.base", "fastmcp")
        return base.InputRequiredToolResult(_question(asks))


class _Resources:
    """What resources hold."""

    @staticmethod
    def read(given: Any) -> Wire | None:
        """As data."""
        if hasattr(given, "input_required"):
            return None
        texts = [one.content if isinstance(one.content, str) else None for one in given.contents]
        return {"contents": [{} if one is None else {"text": one} for one in texts]}

    @staticmethod
    def made(given: Any, answer: Wire) -> Any:
        """A result of data."""
        rows = zip(given.contents, answer["contents"], strict=True)
        left = [old.model_copy(update={"content": new["text"]} if new else {}) for old, new in rows]
        return given.model_copy(update={"contents": left})

    @staticmethod
    def error(text: str) -> Exception:
        """No."""
        return _error("ResourceError", text)

    @staticmethod
    def asking(asks: Asks) -> Any:
        """A question in the place of a result."""
        base = need("fastmcp.resources.base", "fastmcp")
        return base.InputRequiredResourceResult(_question(asks))


class _Prompts:
    """What prompts say."""

    @staticmethod
    def read(given: Any) -> Wire | None:
        """As data."""
        if hasattr(given, "input_required"):
            return None
        messages = [{"content": _dumped(one.content)} for one in given.messages]
        return {"messages": messages, "description": given.description}

    @staticmethod
    def made(given: Any, answer: Wire) -> Any:
        """A result of data."""
        left = []
        for old, new in zip(given.messages, answer["messages"], strict=True):
            content = type(old.content).model_validate(new["content"], by_name=False)
            left.append(old.model_copy(update={"content": content}))
        return given.model_copy(update={"messages": left, "description": answer["description"]})

    @staticmethod
    def error(text: str) -> Exception:
        """No."""
        return _error("PromptError", text)

    @staticmethod
    def asking(asks: Asks) -> Any:
        """A question in the place of a result."""
        base = need("fastmcp.prompts.base", "fastmcp")
        return base.InputRequiredPromptResult(_question(asks))


_FORMS: dict[str, Any] = {wire.TOOL: _Tools, wire.RESOURCE: _Resources, wire.PROMPT: _Prompts}


def _dumped(block: Any) -> Wire:
    made: Wire = block.model_dump(by_alias=True, mode="json", exclude_none=True)
    return made


def _error(kind: str, text: str) -> Exception:
    made: Exception = getattr(need("fastmcp.exceptions", "fastmcp"), kind)(text)
    return made


def _question(asks: Asks) -> Any:
    made = need("mcp_types", "fastmcp").InputRequiredResult
    return made.model_validate({"inputRequests": asks.inputs}, by_name=False)
