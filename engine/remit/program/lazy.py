"""Rows and tables whose items are made when they are first looked at.

Two threads may make an item at once; one of the two, which are alike, is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

T = TypeVar("T")


class LazyRow(Sequence[T]):
    """`size` items; item `i` is `make(i)`. For numbers from 0, no slices."""

    __slots__ = ("_items", "_make")

    def __init__(self, size: int, make: Callable[[int], T]) -> None:
        self._items: list[Any] = [None] * size
        self._make = make

    def __len__(self) -> int:
        return len(self._items)

    def made(self) -> Iterator[T]:
        """The items that somebody has looked at."""
        return (item for item in self._items if item is not None)

    def __getitem__(self, at: Any) -> Any:
        item = self._items[at]
        if item is None:
            item = self._items[at] = self._make(at)
        return item


class LazyTable(Mapping[str, T]):
    """The items of `raw` by their names, each as `make` makes it."""

    __slots__ = ("_made", "_make", "_raw")

    def __init__(self, raw: Mapping[str, Any], make: Callable[[Any], T]) -> None:
        self._raw = raw
        self._make = make
        self._made: dict[str, T] = {}

    def __len__(self) -> int:
        return len(self._raw)

    def __iter__(self) -> Iterator[str]:
        return iter(self._raw)

    def __contains__(self, name: object) -> bool:
        return name in self._raw

    def get(self, name: str, default: Any = None) -> Any:
        """As of any mapping, without an error on the way."""
        return self[name] if name in self._raw else default

    def __getitem__(self, name: str) -> T:
        made = self._made.get(name)
        if made is None:
            made = self._made[name] = self._make(self._raw[name])
        return made


class Fresh:
    """A dictionary that an object has from the first time that somebody looks at it."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, one: object, owner: type) -> Any:
        if one is None:
            return self
        made: dict[Any, Any] = {}
        setattr(one, self.name, made)  # not through `__dict__`, which would make one
        return made
