"""The three requests of MCP that a policy judges, as steps: calls, and what they give.

All as plain data, in the words of the wire. Reading a resource and getting a prompt are calls of
`read_resource` and `get_prompt`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from remit.conversation.from_chat import error_of
from remit.conversation.model import Call, Result
from remit.conversation.shared import structured

TOOL, RESOURCE, PROMPT = "tools/call", "resources/read", "prompts/get"
METHODS = (TOOL, RESOURCE, PROMPT)
READ_RESOURCE, GET_PROMPT = "read_resource", "get_prompt"
Wire = dict[str, Any]
_LINK = ("name", "title", "description", "uri")  # what a link to a resource says


def call_of(method: str, params: Mapping[str, Any], id: str) -> Call:
    """A request as a call. What is malformed in it makes a call that no policy allows."""
    if method == RESOURCE:
        return Call(READ_RESOURCE, {"uri": params.get("uri")}, id=id)
    args = params.get("arguments")
    if method == PROMPT:
        return Call(GET_PROMPT, {"name": params.get("name"), "arguments": args or {}}, id=id)
    name: Any = params.get("name")
    if args is None or isinstance(args, Mapping):
        return Call(name, dict(args or {}), id=id)
    return Call(name, id=id, bad_args=str(args))


def params_of(method: str, params: Mapping[str, Any], call: Call) -> Wire:
    """The request with what is left of its call."""
    if method == TOOL:
        return {**params, "arguments": dict(call.args)}
    if method == RESOURCE:
        return {**params, "uri": call.args["uri"]}
    return {**params, "name": call.args["name"], "arguments": call.args["arguments"]}


def result_of(method: str, call: Call, wire: Wire) -> Result:
    """What a request gave. Raises `ValueError` for what cannot be judged."""
    if not isinstance(wire.get(_CONTENT[method]), list):
        told = f"the answer to {method} has no `{_CONTENT[method]}`"
        raise ValueError(told)  # noqa: TRY004 - bad input
    text = "\n".join(holder[name] for holder, name in _texts(method, wire))
    value = wire.get("structuredContent")
    is_error = wire.get("isError") is True
    if value is None and not is_error:
        value = structured(text)
    return Result(call.tool, text, value, call.id, error_of(is_error, text))


def left_of(method: str, wire: Wire, before: Result, after: Result) -> Wire:
    """The answer with what is left of its result; the wire is taken over."""
    text = after.error if after.error is not None and after.error != before.error else after.text
    if text != before.text:
        _say(list(_texts(method, wire)), text)
    if wire.get("structuredContent") is not None:
        wire["structuredContent"] = after.value
    return wire


def failed_of(call: Call, text: str) -> Result:
    """An error instead of an answer."""
    return Result(call.tool, error=text, id=call.id)


def _say(places: list[tuple[Wire, str]], text: str) -> None:
    """Put a text where others were: line by line, or where lines are gone all in the first."""
    lines = text.split("\n")
    counts = [holder[name].count("\n") + 1 for holder, name in places]
    if sum(counts) != len(lines):
        counts = [len(lines)] + [0] * (len(places) - 1)
    for (holder, name), count in zip(places, counts, strict=True):
        holder[name], lines = "\n".join(lines[:count]), lines[count:]


_CONTENT = {TOOL: "content", RESOURCE: "contents", PROMPT: "messages"}


def _texts(method: str, wire: Wire) -> Iterator[tuple[Wire, str]]:
    """Where an answer holds text: the record, and the name of the field."""
    if method == PROMPT:
        yield from _fields(wire, ("description",))
    for one in wire[_CONTENT[method]]:
        block = one.get("content") if method == PROMPT else one
        for each in block if isinstance(block, list) else [block]:
            yield from _in_block(each)


def _in_block(block: Wire) -> Iterator[tuple[Wire, str]]:
    yield from _fields(block, ("text", *(_LINK if block.get("type") == "resource_link" else ())))
    inner = block.get("resource")
    if isinstance(inner, dict):
        yield from _fields(inner, ("text",))


def _fields(holder: Wire, names: tuple[str, ...]) -> Iterator[tuple[Wire, str]]:
    return ((holder, name) for name in names if isinstance(holder.get(name), str))


def text_of(error: Exception) -> str:
    """What an error says, and the data that an error of the protocol carries."""
    data = getattr(getattr(error, "error", None), "data", None)
    told = str(error) or type(error).__name__
    return told if data in (None, "") else f"{told}\n{json.dumps(data, default=str)}"
