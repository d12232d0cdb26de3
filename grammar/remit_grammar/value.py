"""Classes of values, for those that are made by the ten thousand or needed at the very start.

They are data classes in all but the making: `dataclasses` takes longer to load than a policy does
to decide, and half a millisecond for each class. Whoever asks them for their fields in the way of
`dataclasses` (`fields`, `replace`, `asdict`) is answered, and that is when it is loaded.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast, dataclass_transform

__all__ = ["field", "record", "replace", "thing", "value"]

T = TypeVar("T")
_NOTHING: Any = object()  # no default


class Field(NamedTuple):
    """What is said of a field besides its type."""

    default: Any = _NOTHING
    default_factory: Callable[[], Any] | None = None
    compare: bool = True
    repr: bool = True
    kw_only: bool = False


def field(
    *, default: Any = _NOTHING, default_factory: Callable[[], Any] | None = None,
    compare: bool = True, repr: bool = True, kw_only: bool = False,
) -> Any:  # fmt: skip
    """As `dataclasses.field`."""
    return Field(default, default_factory, compare, repr, kw_only)


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def value(kind: type[T]) -> type[T]:
    """A class of values with slots, equal and hashed by their fields, to be treated as frozen.

    The type checker holds that nobody changes them. At run time nothing does: a frozen data class
    sets its fields by a call each, and takes three times as long to make.
    """
    return _made(kind, eq=True, hashed=True)


@dataclass_transform(field_specifiers=(field,))
def record(kind: type[T]) -> type[T]:
    """A class of records with slots, equal by their fields, which may change."""
    return _made(kind, eq=True, hashed=False)


@dataclass_transform(eq_default=False, field_specifiers=(field,))
def thing(kind: type[T]) -> type[T]:
    """A class of things with slots, each equal to itself alone."""
    return _made(kind, eq=False, hashed=False)


if TYPE_CHECKING:
    from dataclasses import replace  # which type checkers know
else:

    def replace(one: T, **changes: Any) -> T:
        """Another like it, with some fields changed: `dataclasses.replace`, or quicker here."""
        kind: Any = type(one)
        if not hasattr(kind, "__fields__"):
            from dataclasses import replace as general

            return general(one, **changes)
        for name in kind.__fields__:
            if name not in changes:
                changes[name] = getattr(one, name)
        made: T = kind(**changes)
        return made


# ---- making a class


def _made(kind: type[T], *, eq: bool, hashed: bool) -> type[T]:
    """The class with slots and methods."""
    own = {name: _said(kind, name) for name in kind.__annotations__}
    fields: dict[str, Field] = {}
    for base in reversed(kind.__mro__[1:]):
        fields |= base.__dict__.get("__fields__", {})
    fields |= own
    body = {name: one for name, one in kind.__dict__.items() if name not in own}
    body.pop("__dict__", None)
    body.pop("__weakref__", None)
    body["__slots__"] = tuple(own)
    body["__fields__"] = fields
    body["__match_args__"] = tuple(name for name, one in fields.items() if not one.kw_only)
    body["__dataclass_fields__"] = _DataClassFields()
    body["__init__"] = _init(kind, fields)
    if eq:
        get = _getter([name for name, one in fields.items() if one.compare])
        body["__eq__"] = _eq(get)
        body["__hash__"] = _hash(get) if hashed else None
        body.setdefault("__repr__", _repr([name for name, one in fields.items() if one.repr]))
    return cast("type[T]", type(kind.__name__, kind.__bases__, body))


def _said(kind: type[Any], name: str) -> Field:
    told = kind.__dict__.get(name, _NOTHING)
    return told if isinstance(told, Field) else Field(told)


def _init(kind: type[Any], fields: dict[str, Field]) -> Any:
    """`__init__`, written out as data classes do. All words in it are names of fields."""
    known: dict[str, Any] = {"_NOTHING": _NOTHING}
    plain: list[str] = []
    by_name: list[str] = []
    lines: list[str] = []
    for name, one in fields.items():
        given = name
        if one.default_factory is not None:
            known[f"_made_{name}"] = one.default_factory
            given = f"_made_{name}() if {name} is _NOTHING else {name}"
        if one.default_factory is not None or one.default is not _NOTHING:
            known[f"_{name}"] = one.default
            (by_name if one.kw_only else plain).append(f"{name}=_{name}")
        else:
            (by_name if one.kw_only else plain).append(name)
        lines.append(f" self.{name} = {given}")
    if hasattr(kind, "__post_init__"):
        lines.append(" self.__post_init__()")
    named = ["*", *by_name] if by_name else []
    text = f"def __init__({', '.join(['self', *plain, *named])}):\n" + "\n".join(lines or [" pass"])
    exec(text, known)  # noqa: S102 # nothing that anybody gave is in it
    init = known["__init__"]
    init.__qualname__ = f"{kind.__qualname__}.__init__"
    init.__module__ = kind.__module__
    return init


def _getter(names: list[str]) -> Callable[[Any], tuple[Any, ...]]:
    """What gives the values of fields as a tuple."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda one: tuple([getattr(one, name) for name in names])


def _eq(get: Callable[[Any], object]) -> Any:
    def __eq__(self: Any, other: object) -> Any:
        return get(self) == get(other) if type(other) is type(self) else NotImplemented

    return __eq__


def _hash(get: Callable[[Any], object]) -> Any:
    def __hash__(self: Any) -> int:
        return hash(get(self))

    return __hash__


def _repr(names: list[str]) -> Any:
    def __repr__(self: Any) -> str:
        fields = ", ".join(f"{name}={getattr(self, name)!r}" for name in names)
        return f"{type(self).__qualname__}({fields})"

    return __repr__


class _DataClassFields:
    """`__dataclass_fields__`, which makes a class a data class, worked out when it is asked for."""

    def __get__(self, one: object, kind: type[Any]) -> dict[str, Any]:
        from dataclasses import MISSING, dataclass
        from dataclasses import field as described

        said: dict[str, Any] = {"__annotations__": dict.fromkeys(kind.__fields__, Any)}
        for name, it in kind.__fields__.items():
            said[name] = described(
                default=MISSING if it.default is _NOTHING else it.default,
                default_factory=it.default_factory or MISSING,
                compare=it.compare, repr=it.repr, kw_only=it.kw_only,
            )  # fmt: skip
        twin: Any = dataclass(type(kind.__name__, (), said))
        kind.__dataclass_fields__ = twin.__dataclass_fields__
        found: dict[str, Any] = twin.__dataclass_fields__
        return found
