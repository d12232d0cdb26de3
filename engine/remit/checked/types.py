"""The types of the language and which fits where. Nothing here knows expressions or names."""

from __future__ import annotations

from typing import NamedTuple


class Type(NamedTuple):
    """A type. `kind` is `text number flag time duration list set one_of record any nothing`.

    `item` is what a list or set holds, `choices` what a one_of allows, `fields` what a record has.
    """

    kind: str
    item: Type | None = None
    choices: tuple[str, ...] = ()
    fields: tuple[tuple[str, Param], ...] = ()

    def __str__(self) -> str:
        if self.item is not None:
            return f"{self.kind} of {self.item}"
        if self.kind == "one_of":
            return "one of " + ", ".join(self.choices)
        return "anything" if self.kind == "any" else self.kind


class Param(NamedTuple):
    """A parameter of a tool or a field of a record.

    `required`: a call without it is malformed. `default` stands in when it is left out; None where
    there is none, and then the value is known to be absent.
    """

    type: Type
    required: bool = True
    default: object = None


TEXT, NUMBER, FLAG = Type("text"), Type("number"), Type("flag")
TIME, DURATION, ANY = Type("time"), Type("duration"), Type("any")
RECORD = Type("record")
NAMED = {
    "text": TEXT, "number": NUMBER, "flag": FLAG, "time": TIME, "duration": DURATION,
    "anything": ANY, "record": RECORD,
}  # fmt: skip
COLLECTIONS = ("list", "set")
_WORDS = (("text", "one_of"), ("one_of", "text"))


def list_of(item: Type) -> Type:
    """The type of lists of `item`."""
    return Type("list", item)


def one_of(*choices: str) -> Type:
    """The type of the given texts."""
    return Type("one_of", choices=choices)


def is_text(kind: Type) -> bool:
    """Whether values of the type are texts."""
    return kind.kind in ("text", "one_of", "any")


def is_collection(kind: Type) -> bool:
    """Whether values of the type hold items."""
    return kind.kind in (*COLLECTIONS, "any")


def fits(have: Type, want: Type) -> bool:
    """Whether a value of type `have` may stand where `want` is asked for."""
    one, other = have.kind, want.kind
    if one == "any" or other == "any":
        return True
    if one in COLLECTIONS and other in COLLECTIONS:
        return have.item is None or want.item is None or fits(have.item, want.item)
    if one == other == "one_of":
        return not set(have.choices).isdisjoint(want.choices)
    return one == other or (one, other) in _WORDS


def common(first: Type, second: Type) -> Type:
    """A type that holds the values of both."""
    if first == second:
        return first
    if fits(first, second) and "any" not in (first.kind, second.kind):
        return TEXT if is_text(first) else second
    return ANY
