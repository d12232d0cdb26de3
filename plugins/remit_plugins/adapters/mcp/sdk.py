"""Remit as middleware of servers that are built with the MCP SDK."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from remit.host.coverage import Coverage, coverage
from remit_plugins.adapters.mcp import wire
from remit_plugins.adapters.mcp.asking import Asks, is_modern
from remit_plugins.adapters.mcp.flow import Asked, Failed, Flow, Refused
from remit_plugins.adapters.mcp.wire import Wire
from remit_plugins.adapters.needs import need

if TYPE_CHECKING:
    from remit.host.guard import Guard

POINTS = ("pre_tool_call", "post_tool_call")
GAPS = (
    "what people and the model say: a server of MCP hears calls only",
    "tools of the client, and of servers that are not held",
    "names and descriptions in lists of tools, resources and prompts",
    "what a server asks of the client (sampling, roots, elicitation), its logs and progress",
    "pictures, sound and other binary data",
    "who it is that answers at the client",
)
REFUSED = -32600  # `INVALID_REQUEST`: whatever has no result of its own to say no with


@dataclass(frozen=True, slots=True)
class Middleware:
    """Give it to `MCPServer(middleware=[...])`, or append it to `Server.middleware`."""

    guard: Guard
    flow: Flow
    hide: Collection[str] = ()

    async def __call__(self, ctx: Any, call_next: Callable[[Any], Awaitable[Any]]) -> Any:
        """Judge what a message asks for, and what it gives."""
        if ctx.method == "tools/list" and self.hide and ctx.request_id is not None:
            return self._shown(_data(await call_next(ctx)))
        if ctx.method not in wire.METHODS or ctx.request_id is None:
            return await call_next(ctx)

        async def run(params: Wire) -> Any:
            return await call_next(replace(ctx, params=params))

        try:
            return await self.flow.carried(
                Asked(ctx.method, ctx.params or {}, ctx, run, _read, _made)
            )
        except Asks as asks:
            return {"resultType": "input_required", "inputRequests": asks.inputs}
        except Failed as failed:
            raise _error(str(failed)) from None
        except Refused as refused:
            return _told(ctx, refused)

    def _shown(self, answer: Wire) -> Wire:
        """A list of tools without those that are hidden. They can be called, if the policy says."""
        tools = [one for one in answer.get("tools", ()) if not is_hidden(one["name"], self.hide)]
        return {**answer, "tools": tools}

    def coverage(self) -> Coverage:
        """What the policy misses in a server of MCP."""
        return coverage(self.guard.policy, POINTS, GAPS)


def is_hidden(name: str, hide: Collection[str]) -> bool:
    """Whether a tool is not shown; `hide` are names, or patterns with `*`."""
    return any(fnmatchcase(name, one) for one in hide)


def _data(given: Any) -> Wire:
    if isinstance(given, Mapping):
        return dict(given)
    made: Wire = given.model_dump(by_alias=True, mode="json", exclude_none=True)
    return made


def _read(given: Any) -> Wire | None:
    answer = _data(given)
    if answer.get("resultType") == "input_required":
        return None
    import copy

    return copy.deepcopy(answer)


def _made(given: Any, answer: Wire) -> Wire:
    return answer


def _told(ctx: Any, refused: Refused) -> Wire:
    """No, in the place of a result; a halt, and what has no such place, is an error."""
    if refused.stops or ctx.method != wire.TOOL:
        raise _error(str(refused))
    told = {"content": [{"type": "text", "text": str(refused)}], "isError": True}
    return told | ({"resultType": "complete"} if is_modern(ctx) else {})


def _error(text: str) -> Exception:
    made: Exception = need("mcp", "mcp").MCPError(REFUSED, text)
    return made
