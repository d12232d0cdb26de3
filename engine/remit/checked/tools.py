"""Reads the signatures of tools from JSON: MCP, OpenAI, Anthropic, Gemini, plain JSON Schema.

Finds the tools and says what is wrong with the file; what a schema means is decided in `schema.py`.
Hints that an MCP server gives about its tools become effects. They are the server's word: who does
not trust the server declares the effects in the spec.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from remit.checked.model import Tool
from remit.checked.schema import Schemas, at_pointer
from remit.checked.seen import Seen
from remit.conversation.decode import Broken, decode
from remit.conversation.findings import kind_of
from remit.conversation.locate import Extent, find_paths
from remit.conversation.locate import Path as Trail
from remit_grammar.codes import Severity
from remit_grammar.diagnostic import Diagnostic, Label, did_you_mean
from remit_grammar.source import Source, Span
from remit_grammar.value import replace

LARGEST = 16 << 20  # bytes of a file
MOST = 100  # findings; the rest are counted
_SCHEMA_KEYS = ("inputSchema", "input_schema", "parameters", "schema")
_LIST_KEYS = ("tools", "functions", "functionDeclarations", "function_declarations")
_NO_TOOL = ("$schema", "$id", "$defs", "definitions", "$comment", "description", "version")
_BARE_SCHEMA = ("properties", "$ref", "allOf", "additionalProperties")
_MARKS = ("type", "properties", "$ref", "allOf", "anyOf", "function", *_SCHEMA_KEYS)
_HINTS = {  # by hint and value; what is not said means nothing
    ("readOnlyHint", True): "reads",
    ("readOnlyHint", False): "writes",
    ("destructiveHint", True): "destructive",
    ("idempotentHint", True): "idempotent",
    ("openWorldHint", True): "open_world",
}
_FORMS = 'write a list of tools, `{"tools": [...]}`, or an object of schemas by name'


def read_tools(
    data: bytes, source_name: str, select: str | None = None
) -> tuple[list[Tool], list[Diagnostic]]:
    """The tools of a JSON text and what is wrong with it; never raises.

    `select` is a key of the outermost object (`agentdojo/banking`), or a JSON pointer (`/a/tools`);
    only the tools under it are read. A tool with a mistake is left out or has less said about it,
    and then there is an error among the findings.
    """
    return _Reading(source_name).read(data, select)


def read_tools_file(
    home: Path, path: str, seen: Seen | None = None
) -> tuple[list[Tool], list[Diagnostic]]:
    """The same for `tools from "PATH"` of a file in `home`; `PATH#KEY` selects a key."""
    name, _, select = path.partition("#")
    try:
        with (home / name).open("rb") as file:
            data = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "the path cannot be used"
        message = f"`{name}` cannot be read"
        return [], [Diagnostic("R0001", message, notes=(reason[:1].lower() + reason[1:],))]
    if seen is not None:
        seen.note(home / name, data)
    return read_tools(data, str(home / name), select or None)


@dataclass(frozen=True, slots=True)
class _Entry:
    """A tool as written; `name` stands in where it does not name itself."""

    data: Any
    name: str | None = None


@dataclass(slots=True)
class _Finding:
    """`holder` and `key` say what it is about: the value of a key of an object, or of a list."""

    message: str
    holder: Any
    key: str | int | None
    help: str | None
    severity: Severity | None


class _Reading:
    def __init__(self, name: str) -> None:
        self.name = name
        self.document: Any = None
        self.found: list[_Finding] = []
        self.about: set[tuple[int, str | int | None]] = set()  # what there is a finding about
        self.more = 0
        self.failed = False

    def read(self, data: bytes, select: str | None) -> tuple[list[Tool], list[Diagnostic]]:
        source = Source(self.name, "")
        try:
            source = Source(self.name, _text(data))
            self.document, _ = decode(source.text)
        except Broken as broken:
            return [], [_broken(broken, source)]
        tools = self.tools(self.selected(select), source)
        places = _Places(source, self.document)
        places.find([(one.holder, one.key) for one in self.found], [raw for _, raw in tools])
        kept = self.unique(tools, places)
        return kept, self.diagnostics(places)

    def add(
        self,
        message: str,
        holder: Any,
        key: str | int | None = None,
        help: str | None = None,
        severity: Severity | None = None,
    ) -> None:
        if (id(holder), key) in self.about:
            return  # a schema that several tools share is wrong once
        error = severity is None
        if len(self.found) >= MOST and (self.failed or not error):
            self.more += 1
            return
        self.failed = self.failed or error  # the first error is never crowded out by warnings
        if isinstance(holder, (dict, list)):
            self.about.add((id(holder), key))
        self.found.append(_Finding(message, holder, key, help, severity))

    def diagnostics(self, places: _Places) -> list[Diagnostic]:
        made = [self.diagnostic(one, places) for one in self.found]
        if self.more:
            note = f"{self.more:,} more findings in this file are not shown"
            made[-1] = replace(made[-1], notes=(note,))
        return made

    def diagnostic(self, one: _Finding, places: _Places) -> Diagnostic:
        label = Label(places.span(one.holder, one.key))
        return Diagnostic("R0803", one.message, label, help=one.help, severity=one.severity)

    # ---- finding the tools

    def selected(self, select: str | None) -> _Entry:
        document = self.document
        if select is None:
            return _Entry(document)
        if isinstance(document, dict) and select in document:
            return _Entry(document[select], select)
        if select.startswith("/"):
            found, value = at_pointer(document, select)
            if found:
                return _Entry(value, select.rpartition("/")[2])
        keys = list(document) if isinstance(document, dict) else []
        close = did_you_mean(select, keys)
        help = f"did you mean `#{close}`?" if close else None
        if keys and not close:
            help = "its keys are " + ", ".join(f"`{key[:60]}`" for key in keys[:12])
        self.add(f"there is no `{select}` in the file", document, None, help)
        return _Entry([])

    def tools(self, entry: _Entry, source: Source) -> list[tuple[Tool, Any]]:
        schemas = Schemas(self.document, len(source.text), self.add)
        made = [(self.tool(one, schemas), one.data) for one in self.entries(entry)]
        return [(tool, data) for tool, data in made if tool is not None]

    def entries(self, entry: _Entry) -> Iterator[_Entry]:
        data = entry.data
        if isinstance(data, list):
            yield from self.items(data)
        elif not isinstance(data, dict):
            self.add(f"tools are described by an object or a list, not {kind_of(data)}", data, None)
        elif (inner := _wrapped(data)) is not None:
            yield from self.entries(_Entry(inner))
        elif _is_tool(data, entry.name):
            yield entry
        else:
            yield from self.named(data)

    def items(self, items: list[Any]) -> Iterator[_Entry]:
        for index, item in enumerate(items):
            if not isinstance(item, dict):
                self.add(f"a tool is described by an object, not {kind_of(item)}", items, index)
            elif (inner := _wrapped(item)) is not None and "name" not in item:
                yield from self.entries(_Entry(inner))
            else:
                yield _Entry(item)

    def named(self, data: dict[str, Any]) -> Iterator[_Entry]:
        """An object of schemas, or of lists of tools, by name."""
        if isinstance(data.get("error"), dict) and "jsonrpc" in data:
            self.add("the server answered with an error instead of tools", data, "error")
            return
        seen = False
        for key, value in data.items():
            if isinstance(value, list) and key not in _NO_TOOL:
                yield from self.items(value)
            elif isinstance(value, dict) and key not in _NO_TOOL and _is_schema(value):
                yield _Entry(value, key)
            else:
                continue
            seen = True
        if not seen:
            self.add("there are no tools in the file", data, None, _FORMS)

    # ---- one tool

    def tool(self, entry: _Entry, schemas: Schemas) -> Tool | None:
        data = entry.data
        inner = data.get("function")
        told = inner if isinstance(inner, dict) else data
        name = self.tool_name(told, entry.name)
        if name is None:
            return None
        key = next((key for key in _SCHEMA_KEYS if told.get(key) is not None), None)
        bare = told if any(mark in told for mark in _BARE_SCHEMA) else {}
        schema = told[key] if key else bare
        params, closed = schemas.params(schema, told, key)
        strict = told.get("strict") is True
        return Tool(name, params, self.effects(data), closed or strict)

    def tool_name(self, data: dict[str, Any], given: str | None) -> str | None:
        for key in ("name", "title") if given is None else ("name",):
            value = data.get(key)
            if isinstance(value, str) and value.strip():
                return value
            if value is not None and key == "name":
                wrong = "empty" if isinstance(value, str) else kind_of(value)
                self.add(f"the name of a tool is {wrong}, where text belongs", data, key)
                return None
        if given is None:
            self.add("a tool without a name", data, None, 'add `"name": "..."`')
        return given

    def effects(self, data: dict[str, Any]) -> frozenset[str]:
        hints = data.get("annotations")
        if hints is None:
            return frozenset()
        if not isinstance(hints, dict):
            wrong = f"the annotations of a tool are {kind_of(hints)}, where an object belongs"
            self.add(wrong, data, "annotations")
            return frozenset()
        for name in dict.fromkeys(name for name, _ in _HINTS):
            if not isinstance(hints.get(name), bool | None):
                wrong = f"`{name}` is {kind_of(hints[name])}, where true or false belongs"
                self.add(wrong, hints, name)
        said = {effect for (name, value), effect in _HINTS.items() if hints.get(name) is value}
        # Who says both is not believed where it would do harm.
        return frozenset(said - {"reads"} if "destructive" in said else said)

    def unique(self, tools: list[tuple[Tool, Any]], places: _Places) -> list[Tool]:
        """The first tool of each name, with its place; a finding for every other."""
        first: dict[str, Tool] = {}
        for tool, data in tools:
            if tool.name in first:
                help = "select one of several sets with `#KEY` behind the path"
                self.add(f"two tools are called `{tool.name[:80]}`", *_name_place(data), help)
                places.find([_name_place(data)], [])
            else:
                span = places.span(*_name_place(data))
                first[tool.name] = Tool(tool.name, tool.params, tool.effects, tool.closed, span)
        return list(first.values())


def _name_place(data: Any) -> tuple[Any, str | None]:
    inner = data.get("function")
    told = inner if isinstance(inner, dict) else data
    return told, "name" if "name" in told else None


def _wrapped(data: dict[str, Any]) -> Any:
    """The list of tools that an envelope holds; None where this is no envelope."""
    result = data.get("result")
    if isinstance(result, dict) and any(key in result for key in _LIST_KEYS):
        return _wrapped(result)
    return next((data[key] for key in _LIST_KEYS if isinstance(data.get(key), list)), None)


def _is_tool(data: dict[str, Any], name: str | None) -> bool:
    """Whether the object describes one tool, which names itself or is called `name`."""
    if isinstance(data.get("function"), dict) and data.get("type") == "function":
        return True
    named = name is not None or isinstance(data.get("name", data.get("title")), str)
    return named and any(key in data for key in _MARKS)


def _is_schema(data: Mapping[str, Any]) -> bool:
    return not data or any(key in data for key in _MARKS)


# ---- bytes and places


def _text(data: bytes) -> str:
    if len(data) > LARGEST:
        raise Broken("R0803", f"the file is larger than {LARGEST >> 20} MiB")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        byte = data[error.start]
        message = f"the file is not UTF-8: byte 0x{byte:02x} at offset {error.start}"
        raise Broken("R0803", message) from None


def _broken(broken: Broken, source: Source) -> Diagnostic:
    start, end = broken.at or (0, 0)
    second = (Label(source.span(*broken.first), "first here"),) if broken.first else ()
    # Past the end there is nothing to underline.
    start = min(start, len(source.text))
    label = Label(source.span(start, min(end, len(source.text))), broken.remark)
    return Diagnostic("R0803", broken.message, label, second)


class _Places:
    """Where values of a decoded document stand in its text; one walk over each for many."""

    def __init__(self, source: Source, document: Any) -> None:
        self.source = source
        self.document = document
        self._trails: dict[int, Trail] | None = None
        self._extents: dict[Trail, Extent] = {}

    def find(self, values: list[tuple[Any, str | int | None]], tools: list[Any]) -> None:
        wanted = [self._trail(holder, key) for holder, key in values]
        wanted += [self._trail(*_name_place(tool)) for tool in tools]
        missing = {trail for trail in wanted if trail is not None} - set(self._extents)
        if missing:
            self._extents |= find_paths(self.source.text, missing)

    def span(self, holder: Any, key: str | int | None) -> Span:
        """Of the value under a key; of the holder's first character if the key is not there."""
        trail = self._trail(holder, key)
        start, end = self._extents.get(trail or (), (0, min(1, len(self.source.text))))
        return self.source.span(start, end)

    def _trail(self, holder: Any, key: str | int | None) -> Trail | None:
        if self._trails is None:
            self._trails = _trails(self.document)
        trail = self._trails.get(id(holder))
        if trail is None or key is None:
            return trail
        there = isinstance(key, int) or (isinstance(holder, dict) and key in holder)
        return (*trail, key) if there else trail


def _trails(document: Any) -> dict[int, Trail]:
    """The way to every object and list, by identity: equal ones stand in many places."""
    trails: dict[int, Trail] = {id(document): ()}
    left = [document] if isinstance(document, (dict, list)) else []
    while left:
        one = left.pop()
        for key, value in one.items() if isinstance(one, dict) else enumerate(one):
            if isinstance(value, (dict, list)):
                trails[id(value)] = (*trails[id(one)], key)
                left.append(value)
    return trails
