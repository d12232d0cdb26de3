"""The shape of everything in a stored policy: one line a field, in the order of the data class.

A test holds every line against the class; another holds `FORM` against all of this, so that a
change of a class is a new form, and a store of the old one is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from remit.checked.norm import (
    DEFAULT,
    FORBID,
    PERMIT,
    PROTECT,
    REQUIRE,
    SEVERITY,
    Act,
    Context,
    Norm,
    Remedy,
    Term,
    Tool,
)  # fmt: skip
from remit.checked.types import Param, Type
from remit.store.shapes import (
    COUNT,
    FLAG,
    NOTHING,
    TEXT,
    Shape,
    later,
    many,
    maybe,
    named,
    one_of,
    record,
    row,
    some,
    unfit,
)
from remit_grammar.source import Span

if TYPE_CHECKING:
    from remit.store.sources import Sources

MAGIC = b"REMITP\r\n"  # bytes that a transfer as text would change
FORM = 2  # of stored policies that are written and read here

# ---- leaves


def _plain(value: Any, sources: Sources) -> Any:
    if value is None or type(value) in (str, bool, int):
        return value
    from remit.state.plain import to_plain

    return to_plain(value)


def _value(data: Any, sources: Sources) -> Any:
    if data is None or type(data) in (str, bool, int, float):
        return data
    from remit.state.plain import from_plain

    return from_plain(data)


def _span(value: Span, sources: Sources) -> list[int]:
    """Most spans are of the first source, whose number is left out."""
    number = sources.number(value.source)
    return [value.start, value.end - value.start, *([number] if number else [])]


def _read_span(data: Any, sources: Sources) -> Span:
    numbers = [COUNT.read(one, sources) for one in (data if type(data) is list else ())]
    if len(numbers) not in (2, 3):
        raise unfit("a place in a source", data)
    start, length, *source = numbers
    return Span(sources.at(source[0] if source else 0), start, start + length)


PLAIN = Shape(_plain, _value)
SPAN = Shape(_span, _read_span)
PATTERNS = many(later(lambda: _patterns().PATTERN))
NAMES = many(TEXT)


def _patterns() -> Any:
    from remit.store import patterns

    return patterns


# ---- types and terms


def _write_type(value: Type, sources: Sources) -> Any:
    made = _TYPE.write(value, sources)
    return made if len(made) > 1 else value.kind


def _read_type(data: Any, sources: Sources) -> Type:
    """Most types are a word."""
    if type(data) is str:
        return _SIMPLE[_KINDS.read(data, sources)]
    kind: Type = _TYPE.read(data, sources)
    return kind


TYPE = Shape(_write_type, _read_type)
PARAM = record(Param, type=TYPE, required=FLAG, default=PLAIN)
_NAMES_OF_TYPES = ("text", "number", "flag", "time", "duration", "list", "set", "one_of", "record",
                   "any", "nothing")  # fmt: skip
_KINDS = one_of(*_NAMES_OF_TYPES)
_SIMPLE = {name: Type(name) for name in _NAMES_OF_TYPES}
_TYPE: Shape = record(Type, kind=_KINDS, item=maybe(TYPE), choices=NAMES,
                      fields=many(row(TEXT, PARAM)))  # fmt: skip
_ORIGIN = maybe(row(TEXT, NAMES))
VALUES = {  # what an operation keeps besides its arguments
    **dict.fromkeys(("and", "or", "not", "=", "<", "<=", "in", "contains", "starts with",
                     "ends with", "missing", "empty", "+", "-", "*", "negative", "list",
                     "effects", "asked"), NOTHING),
    **dict.fromkeys(("field", "arg", "context", "var", "any", "all", "member", "setting",
                     "call", "confirmed"), TEXT),
    "const": PLAIN, "record": NAMES, "matches": PATTERNS, "has": row(TEXT, PATTERNS),
    "void": row(maybe(TEXT), _ORIGIN, FLAG), "judged": row(TEXT, TEXT),
    "past": later(lambda: _more().HISTORY), "overdue": later(lambda: _more().DEBT),
    **dict.fromkeys(("quotes", "came from"), row(TEXT, NAMES, maybe(TEXT))),
}  # fmt: skip


def _more() -> Any:
    from remit.store import more

    return more


def _write_term(value: Term, sources: Sources) -> list[Any]:
    made: list[Any] = _TERM.write(value, sources)
    if len(made) > 3:
        made[3] = VALUES[value.op].write(value.value, sources)
    return made


def _read_term(data: Any, sources: Sources) -> Term:
    if type(data) is not list or not data or data[0] not in VALUES:
        raise unfit("an operation", data)
    kept = data[3] if len(data) > 3 else None
    value = VALUES[data[0]].read(kept, sources)
    term: Term = _TERM.read([*data[:3], value, *data[4:]], sources)
    return term


_ANYTHING = Shape(lambda value, sources: value, lambda data, sources: data)
TERM = Shape(_write_term, lambda data, sources: _read_term(data, sources))
_TERM = record(
    Term, op=TEXT, args=many(TERM), type=TYPE, value=_ANYTHING, span=maybe(SPAN), text=TEXT
)  # fmt: skip
CONDITION = maybe(TERM)

# ---- acts and norms

ACT = record(
    Act, key=TEXT, kind=one_of("message", "call", "result", "handoff", "step"),
    tools=maybe(some(TEXT)), roles=maybe(some(TEXT)), agents=maybe(some(TEXT)), effects=some(TEXT),
    where=CONDITION, label=maybe(TEXT), span=maybe(SPAN), text=TEXT,
)  # fmt: skip
_VERDICT = one_of(*SEVERITY)
REMEDY = record(
    Remedy, kind=_VERDICT, who=maybe(TEXT), what=maybe(TEXT), patterns=PATTERNS, replacement=TEXT,
    target=NAMES, value=CONDITION,
)  # fmt: skip
NORM = record(
    Norm, id=TEXT, name=TEXT, spec=TEXT, modality=one_of(FORBID, PERMIT, PROTECT, REQUIRE, DEFAULT),
    author=COUNT, strength=COUNT, act=ACT, where=CONDITION, unless=CONDITION, lifts=NAMES,
    overrides=NAMES, goal=maybe(TEXT), remedy=REMEDY, advice=maybe(TEXT),
    if_unknown=maybe(_VERDICT), parent=maybe(TEXT), doc=maybe(TEXT), cites=NAMES,
    span=maybe(SPAN), head=maybe(SPAN), marks=named(SPAN), said=NOTHING,
)  # fmt: skip
# ---- what a policy knows

TOOL = record(Tool, name=TEXT, params=named(PARAM), effects=some(TEXT), closed=FLAG,
              span=maybe(SPAN))  # fmt: skip
CONTEXT = record(Context, name=TEXT, type=TYPE, default=PLAIN, span=maybe(SPAN))
