"""Small values that are made by the ten thousand and never changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def value(kind: type[T]) -> type[T]:
    """A class of values with slots, equal and hashed by their fields, to be treated as frozen.

    The type checker holds that nobody changes them. At run time nothing does: a frozen dataclass
    sets its fields by a call each, and takes three times as long to make.
    """
    return dataclass(slots=True, unsafe_hash=True)(kind)
