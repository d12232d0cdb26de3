"""Tools from JSON: every format, what schemas mean, and files that are wrong or hostile."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remit.checked.model import Tool
from remit.checked.tools import LARGEST, read_tools, read_tools_file
from remit.checked.types import ANY, FLAG, NUMBER, RECORD, TEXT, Param, Type, list_of, one_of
from remit_grammar.codes import Severity
from remit_grammar.diagnostic import Diagnostic, render

FILES = Path(__file__).parent / "tools"
REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "tools.json"


def read(value: Any, select: str | None = None) -> tuple[list[Tool], list[Diagnostic]]:
    """The tools of a value that is written as JSON first."""
    return read_tools(json.dumps(value).encode(), "tools.json", select)


def params(schema: dict[str, Any]) -> dict[str, Param]:
    """The parameters of a tool with this schema; there must be no finding."""
    tools, found = read([{"name": "t", "inputSchema": schema}])
    assert not found, [render(one) for one in found]
    return dict(tools[0].params)


def kind(schema: Any, **root: Any) -> Param:
    """The parameter that a property with this schema makes."""
    return params({"type": "object", "properties": {"x": schema}, "required": ["x"], **root})["x"]


@pytest.mark.parametrize(
    "name",
    [
        "mcp",
        "mcp_response",
        "openai_chat",
        "openai_responses",
        "anthropic",
        "gemini",
        "bare_list",
        "one_schema",
        "by_name",
        "sets#shop",
        "sets#/shop",
        "by_name#refund",
    ],
)
def test_every_format_gives_the_same_tool(name: str) -> None:
    """One tool, written down in each way there is."""
    stem, mark, select = name.partition("#")
    tools, found = read_tools_file(FILES, f"{stem}.json{mark}{select}")
    assert not found, [render(one) for one in found]
    refund = next(tool for tool in tools if tool.name == "refund")
    assert dict(refund.params) == {
        "order": Param(TEXT),
        "amount": Param(NUMBER),
        "reason": Param(one_of("late", "broken"), required=False, default="late"),
    }
    assert refund.closed
    assert refund.span is not None
    assert "refund" in refund.span.text or refund.span.text == "{"


def test_hints_of_a_server_become_effects() -> None:
    """Only what is said; `destructive` outweighs `reads`."""

    def effects(**hints: object) -> frozenset[str]:
        return read({"tools": [{"name": "t", "annotations": hints}]})[0][0].effects

    assert effects() == frozenset()
    assert effects(title="T", readOnlyHint=True) == {"reads"}
    assert effects(readOnlyHint=False, destructiveHint=True) == {"writes", "destructive"}
    assert effects(readOnlyHint=True, destructiveHint=True) == {"destructive"}
    assert effects(idempotentHint=True, openWorldHint=True) == {"idempotent", "open_world"}
    assert effects(destructiveHint=False, openWorldHint=False) == frozenset()


@pytest.mark.parametrize(
    ("schema", "type_"),
    [
        ({"type": "string"}, TEXT),
        ({"type": "STRING"}, TEXT),
        ({"type": "string", "format": "date-time"}, TEXT),
        ({"type": "integer"}, NUMBER),
        ({"type": "number", "minimum": 0}, NUMBER),
        ({"type": "boolean"}, FLAG),
        ({}, ANY),
        (True, ANY),
        ({"description": "whatever"}, ANY),
        ({"enum": ["a", "b"]}, one_of("a", "b")),
        ({"type": "string", "enum": ["a"]}, one_of("a")),
        ({"enum": [1, 2]}, NUMBER),
        ({"enum": ["a", 1]}, ANY),
        ({"const": "a"}, one_of("a")),
        ({"oneOf": [{"const": "a"}, {"const": "b"}]}, one_of("a", "b")),
        ({"anyOf": [{"type": "string"}, {"type": "number"}]}, ANY),
        ({"anyOf": [{"type": "integer"}, {"type": "number"}]}, NUMBER),
        ({"type": ["string", "number"]}, ANY),
        ({"type": "array", "items": {"type": "string"}}, list_of(TEXT)),
        ({"type": "array"}, list_of(ANY)),
        ({"items": {"type": "number"}}, list_of(NUMBER)),
        (
            {"prefixItems": [{"const": "a"}, {"const": "b"}], "type": "array"},
            list_of(one_of("a", "b")),
        ),
        ({"type": "object"}, RECORD),
        ({"type": "object", "additionalProperties": {"type": "string"}}, RECORD),
        (
            {"properties": {"a": {"type": "string"}, "b": {}}, "required": ["b"]},
            Type("record", fields=(("a", Param(TEXT, False)), ("b", Param(ANY)))),
        ),
        (
            {
                "type": "object",
                "properties": {"a": {"type": "string"}},
                "anyOf": [{"required": ["a"]}],
            },
            Type("record", fields=(("a", Param(TEXT, False)),)),
        ),
        (
            {
                "oneOf": [
                    {"properties": {"a": {"type": "string"}}, "required": ["a"]},
                    {"properties": {"b": {"type": "number"}}, "required": ["b"]},
                ]
            },
            Type("record", fields=(("a", Param(TEXT, False)), ("b", Param(NUMBER, False)))),
        ),
        ({"allOf": [{"type": "string"}, {"minLength": 1}]}, TEXT),
    ],
)
def test_what_schemas_mean(schema: Any, type_: Type) -> None:
    """A required argument of this schema has this type."""
    assert kind(schema) == Param(type_)


@pytest.mark.parametrize(
    ("schema", "type_"),
    [
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, TEXT),
        (
            {"oneOf": [{"type": "null"}, {"type": "array", "items": {"type": "number"}}]},
            list_of(NUMBER),
        ),
        ({"type": ["integer", "null"]}, NUMBER),
        ({"type": "string", "nullable": True}, TEXT),
        ({"enum": ["a", None]}, one_of("a")),
        ({"type": "null"}, ANY),
        ({"anyOf": [{"anyOf": [{"type": "null"}, {"type": "boolean"}]}]}, FLAG),
    ],
)
def test_what_may_be_null_may_be_left_out(schema: Any, type_: Type) -> None:
    """Even where it is required: null says that there is none."""
    assert kind(schema) == Param(type_, required=False)


def test_required_default_and_closed() -> None:
    """Names that are required and not described are of any type."""
    made = params({"properties": {"a": {"type": "number", "default": 3}}, "required": ["b"]})
    assert made == {"a": Param(NUMBER, False, 3), "b": Param(ANY)}
    closed = {"type": "object", "additionalProperties": False}
    for schema, expected in [
        ({}, False),
        (closed, True),
        (closed | {"patternProperties": {"a": {}}}, False),
    ]:
        assert read([{"name": "t", "parameters": schema}])[0][0].closed is expected
    strict = {"type": "function", "function": {"name": "t", "parameters": {}, "strict": True}}
    assert read([strict])[0][0].closed


def test_references() -> None:
    """Within the schema or the file; a circle ends in any type."""
    defs = {"n": {"type": "number"}, "a/b~": {"type": "boolean"}}
    assert kind({"$ref": "#/$defs/n"}, **{"$defs": defs}) == Param(NUMBER)
    assert kind({"$ref": "#/$defs/a~1b~0"}, **{"$defs": defs}) == Param(FLAG)
    assert kind({"$ref": "#/$defs/a~1b%7E0"}, **{"$defs": defs}) == Param(FLAG)
    node = {
        "type": "object",
        "properties": {"next": {"$ref": "#/$defs/node"}, "v": {"type": "string"}},
    }
    inner = Type("record", fields=(("next", Param(ANY, False)), ("v", Param(TEXT, False))))
    assert kind({"$ref": "#/$defs/node"}, **{"$defs": {"node": node}}) == Param(inner)
    tools, found = read({"$defs": defs, "t": {"properties": {"x": {"$ref": "#/$defs/n"}}}})
    assert not found
    assert tools[0].params == {"x": Param(NUMBER, False)}


def test_two_tools_with_the_same_reference_get_the_same_type() -> None:
    """Looking into a reference once must not make it a circle the next time."""
    schema = {"$ref": "#/$defs/s", "$defs": {"s": {"properties": {"x": {"type": "number"}}}}}
    tools, found = read([{"name": "a", "parameters": schema}, {"name": "b", "parameters": schema}])
    assert not found
    assert tools[0].params == tools[1].params == {"x": Param(NUMBER, False)}


def test_all_of_is_merged() -> None:
    """Properties, names that are required, and closedness add up."""
    base = {"properties": {"a": {"type": "string"}}, "required": ["a"]}
    more = {
        "properties": {"b": {"type": "number"}},
        "required": ["b"],
        "additionalProperties": False,
    }
    schema = {"allOf": [{"$ref": "#/$defs/base"}, more], "$defs": {"base": base}}
    tools, found = read([{"name": "t", "parameters": schema}])
    assert not found
    assert tools[0].params == {"a": Param(TEXT), "b": Param(NUMBER)}
    assert tools[0].closed


@pytest.mark.parametrize(
    ("text", "message", "under"),
    [
        ("", "the JSON text ends too early", ""),
        ('{"tools": [', "the JSON text ends too early", ""),
        ('{"tools":\n  [}', "this is not valid JSON", "}"),
        ("3", "tools are described by an object or a list, not a number", "3"),
        ("{}", "there are no tools in the file", "{"),
        ('{"tools": {"a": {}}}', "there are no tools in the file", "{"),
        ('[{"name": "a"}, 5]', "a tool is described by an object, not a number", "5"),
        ('[{"x": 1}]', "a tool without a name", "{"),
        ('[{"name": ""}]', "the name of a tool is empty, where text belongs", '""'),
        ('[{"name": 7}]', "the name of a tool is a number, where text belongs", "7"),
        ('[{"name": "a"}, {"name": "a"}]', "two tools are called `a`", '"a"'),
        (
            '{"a": {"type": "object", "a": 1, "a": 2}}',
            "the key `a` stands twice in one object",
            '"a"',
        ),
        (
            '[{"name": "a", "parameters": 4}]',
            "the schema of a tool is a number, where an object belongs",
            "4",
        ),
        (
            '[{"name": "a", "parameters": {"type": "array"}}]',
            "the arguments of a tool are an object, not `array`",
            '"array"',
        ),
        (
            '[{"name": "a", "parameters": {"properties": []}}]',
            "`properties` is a list, where an object belongs",
            "[",
        ),
        (
            '[{"name": "a", "parameters": {"required": "x"}}]',
            "`required` is text, where a list of names belongs",
            '"x"',
        ),
        (
            '[{"name": "a", "parameters": {"properties": {"x": 1}}}]',
            "a schema is a number, where an object belongs",
            "1",
        ),
        (
            '[{"name": "a", "parameters": {"properties": {"x": {"type": 1}}}}]',
            "a type is a number, where text belongs",
            "1",
        ),
        (
            '[{"name": "a", "parameters": {"$ref": "#/no"}}]',
            "there is no `#/no` in the file",
            '"#/no"',
        ),
        (
            '[{"name": "a", "annotations": {"readOnlyHint": "yes"}}]',
            "`readOnlyHint` is text, where true or false belongs",
            '"yes"',
        ),
        (
            '{"jsonrpc": "2.0", "error": {"code": 1}}',
            "the server answered with an error instead of tools",
            "{",
        ),
        (
            '[{"name": "a\\u0000"}, {"name": "b", "x": NaN}]',
            "`NaN` is not a number that JSON has",
            "NaN",
        ),
        ("[" * 1000 + "]" * 1000, "nested more than 200 levels deep", "["),
        ("[" * 100_000, "nested more than 200 levels deep", "["),
    ],
)
def test_mistakes_are_pointed_at(text: str, message: str, under: str) -> None:
    """Each is an error that underlines what is wrong."""
    _, found = read_tools(text.encode(), "tools.json")
    assert [one.message for one in found] == [message]
    assert found[0].code == "R0803"
    assert found[0].is_error
    assert found[0].primary is not None
    assert found[0].primary.span.text == under
    assert render(found[0])


def test_positions() -> None:
    """Line and column of the second tool of a name."""
    first, second = b'{"name": "a"}', b'{"name": "b", "inputSchema": {"type": "object"}}'
    text = b'{"tools": [\n  ' + b",\n  ".join([first, second, first]) + b"\n]}"
    tools, found = read_tools(text, "tools.json")
    assert [tool.name for tool in tools] == ["a", "b"]
    assert [one.primary.span.place for one in found if one.primary] == ["tools.json:4:12"]
    assert [tool.span.place for tool in tools if tool.span] == [
        "tools.json:2:12",
        "tools.json:3:12",
    ]


@pytest.mark.parametrize(
    ("schema", "message", "help"),
    [
        (
            {"type": "strng"},
            "`strng` is no type of JSON Schema; anything is taken",
            "did you mean `string`?",
        ),
        (
            {"$ref": "https://x.example/s.json"},
            "a reference to `https://x.example/s.json` is not followed; anything is taken",
            "put the schema into this file",
        ),
    ],
)
def test_what_is_merely_unknown_is_a_warning(schema: Any, message: str, help: str) -> None:
    """The tool can be used; its argument is of any type."""
    tools, found = read([{"name": "t", "parameters": {"properties": {"x": schema}}}])
    assert [(one.message, one.help, one.level) for one in found] == [
        (message, help, Severity.WARNING)
    ]
    assert tools[0].params == {"x": Param(ANY, False)}


def test_bytes() -> None:
    """A mark at the start is fine; other encodings and huge files are not."""
    assert read_tools(b'\xef\xbb\xbf[{"name": "a"}]', "t")[0][0].name == "a"
    for data in (
        b"[]\xff",
        '[{"name": "a"}]'.encode("utf-16"),
        b"[" + b" " * LARGEST + b"]",
        b"[\0]",
    ):
        tools, found = read_tools(data, "t")
        assert (tools, [one.code for one in found]) == ([], ["R0803"])


def test_expansion_is_bounded() -> None:
    """References that double at each step, and long chains of them, end in a finding."""
    doubling: dict[str, Any] = {
        f"d{i}": {
            "properties": {"a": {"$ref": f"#/$defs/d{i + 1}"}, "b": {"$ref": f"#/$defs/d{i + 1}"}}
        }
        for i in range(100)
    }
    chain = {f"c{i}": {"$ref": f"#/$defs/c{i + 1}"} for i in range(5000)}
    for defs, first in ((doubling, "d0"), (chain, "c0")):
        _, found = read(
            [
                {
                    "name": "t",
                    "parameters": {
                        "properties": {"x": {"$ref": f"#/$defs/{first}"}},
                        "$defs": defs,
                    },
                }
            ]
        )
        assert found
        assert found[0].message.startswith("the schemas ")
    circle = {"allOf": [{"$ref": "#"}, {"$ref": "#"}], "properties": {"x": {"type": "number"}}}
    assert read([{"name": "t", "parameters": circle}])[0][0].params == {"x": Param(NUMBER, False)}


def test_findings_are_not_repeated_and_not_endless() -> None:
    """One mistake in a schema that two tools share is one finding; a hundred are enough."""
    shared = {"$defs": {"s": {"properties": {"x": 1}}}}
    tools = [{"name": name, "parameters": {"$ref": "#/$defs/s"}} for name in "ab"]
    assert len(read(shared | {"tools": tools})[1]) == 1
    _, found = read([1] * 1000)
    assert len(found) == 100
    assert found[-1].notes == ("900 more findings in this file are not shown",)


def test_selecting() -> None:
    """A key of the file, with a suggestion where it is misspelt."""
    sets = {"shop/a": [{"name": "t"}], "shop/b": [{"name": "t"}, {"name": "u"}]}
    assert [tool.name for tool in read(sets, "shop/b")[0]] == ["t", "u"]
    assert [tool.name for tool in read(sets, "/shop~1b")[0]] == ["t", "u"]
    tools, found = read(sets, "shop/c")
    assert (tools, len(found)) == ([], 1)
    assert found[0].help in ("did you mean `#shop/a`?", "did you mean `#shop/b`?")
    _, found = read(sets, "nothing like it")
    assert found[0].help == "its keys are `shop/a`, `shop/b`"
    tools, found = read(sets)
    assert [tool.name for tool in tools] == ["t", "u"]
    assert [one.help for one in found] == ["select one of several sets with `#KEY` behind the path"]


@pytest.mark.parametrize("path", ["missing.json", ".", "a\0b", "x" * 5000])
def test_files_that_cannot_be_read(path: str, tmp_path: Path) -> None:
    """Missing, a folder, or no path at all."""
    tools, found = read_tools_file(tmp_path, path)
    assert (tools, [one.code for one in found]) == ([], ["R0001"])


KEYS = st.sampled_from(
    [
        *("tools", "result", "name", "title", "function", "parameters", "inputSchema", "type", "x"),
        *("properties", "required", "items", "anyOf", "oneOf", "allOf", "$ref", "$defs", "enum"),
        *("const", "default", "annotations", "readOnlyHint", "additionalProperties", "prefixItems"),
        *("nullable", "strict"),
    ]
)
WORDS = ["object", "array", "string", "null", "function", "#", "#/$defs/x", "#/tools/0", "x", ""]
LEAVES = st.none() | st.booleans() | st.integers() | st.sampled_from([*WORDS, "\ud800"])
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5)
)


@given(JSON, st.none() | st.sampled_from(["x", "/x", "/tools/0", "tools", ""]))
def test_any_json_is_read_without_an_exception(value: Any, select: str | None) -> None:
    """Findings can be shown, and tools are usable."""
    tools, found = read(value, select)
    assert all(render(one) for one in found)
    assert all(tool.name and tool.span for tool in tools)
    assert len({tool.name for tool in tools}) == len(tools)
    assert all(param.type.kind != "nothing" for tool in tools for param in tool.params.values())


@given(st.binary(max_size=60))
def test_any_bytes_are_read_without_an_exception(data: bytes) -> None:
    """Whatever is not JSON has one finding."""
    _, found = read_tools(data, "t")
    assert all(render(one) for one in found)


@pytest.mark.skipif(not REAL.exists(), reason="the shared data is not here")
def test_real_tools() -> None:
    """Every tool of every set, without a finding."""
    sets = json.loads(REAL.read_text("utf-8"))
    for key, wanted in sets.items():
        tools, found = read_tools_file(REAL.parent, f"{REAL.name}#{key}")
        assert not found, [render(one) for one in found]
        assert [tool.name for tool in tools] == [one["name"] for one in wanted]
        described = [one.get("parameters", {}).get("properties", {}) for one in wanted]
        assert [list(tool.params) for tool in tools] == [list(one) for one in described]
