"""How values of a type are written as plain JSON data, and read back with every part checked.

A `Shape` is a pair of functions. What is read may come from anywhere: data that has not the shape
raises `ValueError`, and no class is ever made that the shape does not name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from remit.store.sources import Sources


class Shape(NamedTuple):
    """How a value is written, and how it is read. Both are given the sources that spans are of."""

    write: Callable[[Any, Sources], Any]
    read: Callable[[Any, Sources], Any]


def unfit(wanted: str, found: object) -> ValueError:
    """The error for data that is not what it must be."""
    return ValueError(f"{wanted} is wanted, not {str(found)[:40]!r}")


def _as_it_is(value: Any, sources: Sources) -> Any:
    return value


def exactly(kind: type, words: str) -> Shape:
    """Values of just this type, written as they are."""

    def read(data: Any, sources: Sources) -> Any:
        if type(data) is not kind:
            raise unfit(words, data)
        return data

    return Shape(_as_it_is, read)


def _count(data: Any, sources: Sources) -> int:
    if type(data) is not int or data < 0:
        raise unfit("a whole number from 0", data)
    return data


def _number(data: Any, sources: Sources) -> float:
    if type(data) not in (int, float):
        raise unfit("a number", data)
    number: float = data
    return number


def _counts(data: Any, sources: Sources) -> tuple[int, ...]:
    if type(data) is not list or not set(map(type, data)) <= {int} or min(data, default=0) < 0:
        raise unfit("a list of whole numbers from 0", data)
    return tuple(data)


TEXT, FLAG = exactly(str, "a text"), exactly(bool, "true or false")
COUNT, NUMBER = Shape(_as_it_is, _count), Shape(_as_it_is, _number)
COUNTS = Shape(lambda value, sources: list(value), _counts)  # `many(COUNT)`, read faster
NOTHING = exactly(type(None), "null")


def one_of(*words: str) -> Shape:
    """Some texts and no others."""
    known = frozenset(words)

    def read(data: Any, sources: Sources) -> str:
        if type(data) is not str or data not in known:
            raise unfit(f"one of {', '.join(sorted(known))}", data)
        return data

    return Shape(_as_it_is, read)


def maybe(shape: Shape) -> Shape:
    """None, or what the shape says."""
    return Shape(
        lambda value, sources: None if value is None else shape.write(value, sources),
        lambda data, sources: None if data is None else shape.read(data, sources),
    )


def many(shape: Shape) -> Shape:
    """A tuple of any length."""

    def read(data: Any, sources: Sources) -> tuple[Any, ...]:
        return tuple([shape.read(one, sources) for one in _listed(data)])

    return Shape(lambda value, sources: [shape.write(one, sources) for one in value], read)


def some(shape: Shape) -> Shape:
    """A frozen set, written in order."""

    def read(data: Any, sources: Sources) -> frozenset[Any]:
        return frozenset([shape.read(one, sources) for one in _listed(data)])

    return Shape(lambda value, sources: [shape.write(one, sources) for one in sorted(value)], read)


def row(*shapes: Shape) -> Shape:
    """A tuple of as many items as there are shapes."""

    def write(value: Any, sources: Sources) -> list[Any]:
        return [one.write(item, sources) for one, item in zip(shapes, value, strict=True)]

    def read(data: Any, sources: Sources) -> tuple[Any, ...]:
        return tuple([one.read(item, sources)
                      for one, item in zip(shapes, _listed(data), strict=True)])  # fmt: skip

    return Shape(write, read)


def named(shape: Shape) -> Shape:
    """A dictionary by names."""

    def write(value: Mapping[str, Any], sources: Sources) -> dict[str, Any]:
        return {name: shape.write(one, sources) for name, one in value.items()}

    def read(data: Any, sources: Sources) -> dict[str, Any]:
        return {name: shape.read(one, sources) for name, one in object_of(data).items()}

    return Shape(write, read)


def later(shape: Callable[[], Shape]) -> Shape:
    """A shape that is not there yet, for what holds its like."""
    return Shape(
        lambda value, sources: shape().write(value, sources),
        lambda data, sources: shape().read(data, sources),
    )


RECORDS: dict[type, tuple[str, ...]] = {}  # the classes that are written, with their fields


def record(made: type, **shapes: Shape) -> Shape:
    """A data class, field by field; fields at the end that have their default are left out."""
    RECORDS[made] = tuple(shapes)
    parts = tuple(shapes.items())
    reads = tuple(shape.read for shape in shapes.values())

    def write(value: Any, sources: Sources) -> list[Any]:
        least = _least(made, value)
        return [shape.write(getattr(value, name), sources) for name, shape in parts[:least]]

    def read(data: Any, sources: Sources) -> Any:
        items = _listed(data)
        if len(items) > len(reads):
            raise unfit(f"at most {len(reads)} items", len(items))
        return made(*[read(item, sources) for read, item in zip(reads, items, strict=False)])

    return Shape(write, read)


def _least(made: type, value: Any) -> int:
    """How many fields must be written, so that the others have their default."""
    names = RECORDS[made]
    for at in range(len(names) - 1, -1, -1):
        if getattr(value, names[at]) != _default(made, names[at]):
            return at + 1
    return 0


def _default(made: type, name: str) -> Any:
    """What a field is where it is not given; something that nothing equals where it must be."""
    from dataclasses import MISSING, fields

    if hasattr(made, "_field_defaults"):  # a named tuple
        return made._field_defaults.get(name, MISSING)
    one = {field.name: field for field in fields(made)}[name]
    return one.default if one.default_factory is MISSING else one.default_factory()


def tagged(**shapes: Shape) -> Shape:
    """One of several data classes, behind its name."""

    def write(value: Any, sources: Sources) -> list[Any]:
        name = type(value).__name__
        return [name, shapes[name].write(value, sources)]

    def read(data: Any, sources: Sources) -> Any:
        name, item = _listed(data)
        if type(name) is not str or name not in shapes:
            raise unfit(f"one of {', '.join(shapes)}", name)
        return shapes[name].read(item, sources)

    return Shape(write, read)


def _listed(data: Any) -> list[Any]:
    if type(data) is not list:
        raise unfit("a list", data)
    return data


def object_of(data: Any) -> dict[str, Any]:
    """Data that must be a JSON object."""
    if type(data) is not dict:
        raise unfit("an object", data)
    return data
