"""A row whose items are made when they are first looked at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar, overload

T = TypeVar("T")


class Lazy(Sequence[T]):
    """`size` items; item `i` is `make(i)`, made once. Negative numbers and slices are not for it.

    Two threads may make an item at once; one of the two, which are alike, is kept.
    """

    __slots__ = ("_items", "_make")

    def __init__(self, size: int, make: Callable[[int], T]) -> None:
        self._items: list[Any] = [None] * size
        self._make = make

    def __len__(self) -> int:
        return len(self._items)

    @overload
    def __getitem__(self, at: int) -> T: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[T]: ...
    def __getitem__(self, at: Any) -> Any:
        item = self._items[at]
        if item is None:
            item = self._items[at] = self._make(at)
        return item
