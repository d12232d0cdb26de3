"""What a JSON Schema says about the arguments of a tool, in the types of the language.

Takes in what describes the shape: types, properties, choices, lists, references within the file,
`allOf`, `anyOf` and `oneOf`. Bounds, patterns and formats are not types and are passed over. What
cannot be told is of any type. Never raises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import unquote

from remit.checked.types import ANY, FLAG, NUMBER, RECORD, TEXT, Param, Type, common, list_of
from remit.conversation.findings import kind_of
from remit_grammar.codes import Severity
from remit_grammar.diagnostic import did_you_mean

DEEPEST = 48  # schemas within each other, references included
LEAST = 10_000  # schemas that any file may hold; a longer one may hold more
_SIMPLE = {"string": TEXT, "number": NUMBER, "integer": NUMBER, "boolean": FLAG}
_TYPES = (*_SIMPLE, "array", "object", "null")
_NOTHING = Type("nothing")  # what `null` is; it is never the type of an argument
Note = Callable[..., None]  # message, holder, key, help, severity


class Schemas:
    """Turns the schemas of one document into types.

    `note` takes what is wrong. References can multiply: the work is bounded by `size`, the length
    of the document's text.
    """

    def __init__(self, document: Any, size: int, note: Note) -> None:
        self.document = document
        self.note = note
        self.left = LEAST + size // 8
        self.root: Any = document
        self.open: list[str] = []
        self.full = False

    def params(self, schema: Any, holder: Any, key: str | None) -> tuple[dict[str, Param], bool]:
        """The parameters that the schema of a tool's arguments gives, and whether no others may be.

        `holder` and `key` say where the schema stands.
        """
        self.root, self.open = schema, []
        if not isinstance(schema, dict):
            wrong = f"the schema of a tool is {kind_of(schema)}, where an object belongs"
            self.note(wrong, holder, key)
            return {}, False
        flat = self.flat(schema, 0)
        kind = flat.get("type", "object")
        if isinstance(kind, str) and kind.lower() != "object":
            self.note(f"the arguments of a tool are an object, not `{kind[:40]}`", schema, "type")
        return self.fields(flat, 0), _is_closed(flat)

    def fields(self, flat: Mapping[str, Any], depth: int) -> dict[str, Param]:
        """The parameters that an object's properties make, and those it merely requires."""
        properties = self.checked(flat, "properties", dict, "an object") or {}
        named = self.checked(flat, "required", list, "a list of names") or []
        required = {name for name in named if isinstance(name, str)}
        made = {
            name: self.param(schema, name in required, depth + 1, properties, name)
            for name, schema in properties.items()
        }
        merely = (name for name in named if isinstance(name, str) and name not in properties)
        return made | {name: Param(ANY) for name in merely}

    def param(self, schema: Any, required: bool, depth: int, holder: Any, key: str | int) -> Param:
        """The parameter of a property; `holder` and `key` say where its schema stands."""
        kind = self.type(schema, depth, holder, key)
        bare = _without_nothing(kind)
        default = schema.get("default") if isinstance(schema, dict) else None
        return Param(bare, required and not _may_be_nothing(kind), default)

    def checked(self, flat: Mapping[str, Any], key: str, kind: type, wanted: str) -> Any:
        """The value of a keyword if it is of this kind; else None, with a finding."""
        value = flat.get(key)
        if value is None or isinstance(value, kind):
            return value
        self.note(f"`{key}` is {kind_of(value)}, where {wanted} belongs", flat, key)
        return None

    # ---- types; `nothing` among the choices of a union stands for null

    def type(self, schema: Any, depth: int, holder: Any, key: str | int | None) -> Type:
        """The type that a schema describes; a union with null is a `nothing` with an item."""
        if isinstance(schema, bool):
            return ANY
        if not isinstance(schema, dict):
            self.note(f"a schema is {kind_of(schema)}, where an object belongs", holder, key)
            return ANY
        if not self.may_go_on(depth, schema):
            return ANY
        before = len(self.open)
        flat = self.flat(schema, depth)
        made = self.of_flat(flat, depth)
        del self.open[before:]
        return made

    def may_go_on(self, depth: int, schema: Any) -> bool:
        """Whether there is room for one more schema; a finding the first time there is none."""
        self.left -= 1
        if depth <= DEEPEST and self.left > 0:
            return True
        if not self.full:
            self.full = True
            deep = depth > DEEPEST
            what = f"nest more than {DEEPEST} deep" if deep else "stand for too many schemas"
            self.note(f"the schemas {what}", schema, None, "use fewer references")
        return False

    def of_flat(self, flat: Mapping[str, Any], depth: int) -> Type:
        """The type of a schema whose references have been followed."""
        if "const" in flat:
            return _of_values([flat["const"]])
        if flat.get("enum") is not None:
            return _of_values(self.checked(flat, "enum", list, "a list") or [])
        for key in ("anyOf", "oneOf"):
            if choices := self.checked(flat, key, list, "a list of schemas"):
                made = _union(
                    self.type(one, depth + 1, choices, i) for i, one in enumerate(choices)
                )
                # Choices that only say which fields are required leave the type to the rest.
                if _without_nothing(made) != ANY or not ("type" in flat or "properties" in flat):
                    return made
        return self.of_types(flat, depth)

    def of_types(self, flat: Mapping[str, Any], depth: int) -> Type:
        """The type that the keyword `type` gives, which may name several."""
        named = flat.get("type")
        kinds = named if isinstance(named, list) else [named]
        made = _union(self.of_type(kind, flat, depth) for kind in kinds)
        return _optional(made) if flat.get("nullable") is True else made

    def of_type(self, kind: Any, flat: Mapping[str, Any], depth: int) -> Type:
        """The type of one name of JSON Schema, or of none."""
        if kind is None:
            kind = "object" if "properties" in flat else "array" if "items" in flat else "any"
        elif not isinstance(kind, str):
            self.note(f"a type is {kind_of(kind)}, where text belongs", flat, "type")
            return ANY
        name = kind.lower()
        if name in _SIMPLE:
            return _SIMPLE[name]
        if name == "array":
            return list_of(self.items(flat, depth))
        if name == "object":
            return Type("record", fields=tuple(self.fields(flat, depth).items()))
        return _NOTHING if name == "null" else self.unknown(kind, flat)

    def unknown(self, kind: str, flat: Mapping[str, Any]) -> Type:
        """Any type, with a warning unless it was asked for."""
        if kind != "any":
            close = did_you_mean(kind, _TYPES)
            help = f"did you mean `{close}`?" if close else "the types are " + ", ".join(_TYPES)
            wrong = f"`{kind[:40]}` is no type of JSON Schema; anything is taken"
            self.note(wrong, flat, "type", help, Severity.WARNING)
        return ANY

    def items(self, flat: Mapping[str, Any], depth: int) -> Type:
        """What a list holds."""
        each = flat.get("prefixItems", flat.get("items"))
        if isinstance(each, list):
            made = _union(self.type(one, depth + 1, each, i) for i, one in enumerate(each))
        else:
            made = ANY if each is None else self.type(each, depth + 1, flat, "items")
        return _without_nothing(made)

    # ---- references and allOf

    def flat(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        """The schema with what `$ref` and `allOf` add to it."""
        parts = self.checked(schema, "allOf", list, "a list of schemas") or []
        if not parts and "$ref" not in schema:
            return schema
        made = {key: value for key, value in schema.items() if key not in ("$ref", "allOf")}
        target = self.target(schema)
        for part in ([target] if target is not None else []) + parts:
            if not isinstance(part, dict):
                self.note(f"a schema is {kind_of(part)}, where an object belongs", schema, "allOf")
            elif self.may_go_on(depth + 1, part):
                made = _merged(made, self.flat(part, depth + 1))
        return made

    def target(self, schema: dict[str, Any]) -> Any:
        """What `$ref` refers to; None where it is absent, unknown, or already being looked into."""
        ref = schema.get("$ref")
        if ref is None:
            return None
        if not isinstance(ref, str) or not ref.startswith("#"):
            where = f"`{ref[:80]}`" if isinstance(ref, str) else kind_of(ref)
            wrong = f"a reference to {where} is not followed; anything is taken"
            self.note(wrong, schema, "$ref", "put the schema into this file", Severity.WARNING)
            return None
        if ref in self.open:
            return None
        for root in (self.root, self.document):
            found, value = at_pointer(root, unquote(ref[1:]))
            if found:
                self.open.append(ref)
                return value
        self.note(f"there is no `{ref[:80]}` in the file", schema, "$ref")
        return None


def at_pointer(document: Any, pointer: str) -> tuple[bool, Any]:
    """Whether a JSON pointer (`/a/0`, empty for the whole) leads to a value, and the value."""
    value = document
    for step in pointer.split("/")[1:] if pointer.startswith("/") else [pointer] * bool(pointer):
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and key in value:
            value = value[key]
        elif isinstance(value, list) and key.isascii() and key.isdigit() and len(key) < 9:
            if int(key) >= len(value):
                return False, None
            value = value[int(key)]
        else:
            return False, None
    return True, value


def _merged(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    """Both schemas at once. Where they speak of the same thing the first one is kept."""
    made = second | first
    for key, join in (("properties", _joined), ("required", _added)):
        both = first.get(key), second.get(key)
        if None not in both:
            made[key] = join(*both)
    if False in (first.get("additionalProperties"), second.get("additionalProperties")):
        made["additionalProperties"] = False
    return made


def _joined(first: Any, second: Any) -> Any:
    return second | first if isinstance(first, dict) and isinstance(second, dict) else first


def _added(first: Any, second: Any) -> Any:
    return [*first, *second] if isinstance(first, list) and isinstance(second, list) else first


def _is_closed(flat: Mapping[str, Any]) -> bool:
    keys = ("additionalProperties", "unevaluatedProperties")
    return any(flat.get(key) is False for key in keys) and not flat.get("patternProperties")


def _of_values(values: list[Any]) -> Type:
    return _union(_of_value(value) for value in values)


def _of_value(value: Any) -> Type:
    if isinstance(value, str):
        return Type("one_of", choices=(value,))
    if isinstance(value, bool):
        return FLAG
    if isinstance(value, int | float):
        return NUMBER
    if value is None:
        return _NOTHING
    return list_of(ANY) if isinstance(value, list) else RECORD


def _union(kinds: Iterable[Type]) -> Type:
    """A type that holds the values of all."""
    given = list(kinds)
    if given and all(kind == _NOTHING for kind in given):
        return _NOTHING
    bare = [_without_nothing(kind) for kind in given if kind != _NOTHING]
    if bare and all(kind.kind == "one_of" for kind in bare):
        texts = dict.fromkeys(text for kind in bare for text in kind.choices)
        made = Type("one_of", choices=tuple(texts))
    else:
        made = bare[0] if bare else ANY
        for kind in bare[1:]:
            made = _both(made, kind)
    return _optional(made) if any(_may_be_nothing(kind) for kind in given) else made


def _both(first: Type, second: Type) -> Type:
    """A type that holds the values of both; a record with the fields of either."""
    if not first.kind == second.kind == "record":
        return common(first, second)
    if not (first.fields and second.fields):
        return RECORD
    one, other = dict(first.fields), dict(second.fields)
    made = {name: Param(field.type, False) for name, field in (one | other).items()}
    for name in one.keys() & other.keys():
        needed = one[name].required and other[name].required
        made[name] = Param(_both(one[name].type, other[name].type), needed)
    return Type("record", fields=tuple(made.items()))


def _optional(kind: Type) -> Type:
    return kind if _may_be_nothing(kind) else Type("nothing", kind)


def _may_be_nothing(kind: Type) -> bool:
    return kind.kind == "nothing"


def _without_nothing(kind: Type) -> Type:
    return (kind.item or ANY) if kind.kind == "nothing" else kind
