"""What is written of each class is all of it; and a change of that is a change of the form."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from hashlib import sha256
from typing import Any

import pytest

from remit.checked import model
from remit.checked.ops import COSTS
from remit.store import layout, more, read, shapes
from remit.store.findings import FINDING
from remit.store.layout import FORM
from remit.store.patterns import LOOK, PATTERN
from remit.store.shapes import Shape

LEFT_OUT = {"Scenario", "Checked"}  # trees; and the whole, whose parts are written


def records() -> dict[type, tuple[str, ...]]:
    """The fields that are written of each data class."""
    return dict(shapes.RECORDS)


def fields_of(made: Any) -> tuple[str, ...]:
    """The fields of a data class or named tuple."""
    return tuple(one.name for one in fields(made)) if is_dataclass(made) else made._fields


@pytest.mark.parametrize("made", records(), ids=lambda one: one.__name__)
def test_every_field_is_written(made: type) -> None:
    """In the order of the class, for that is how they are read back."""
    assert records()[made] == fields_of(made)


def test_every_class_is_written() -> None:
    """Of the checked form; one that is new must be looked at."""
    declared = {
        name
        for name, one in vars(model).items()
        if is_dataclass(one) and one.__module__ == model.__name__
    }
    assert declared - {one.__name__ for one in records()} == LEFT_OUT


def test_every_operation_is_written() -> None:
    """With what it keeps besides its arguments."""
    assert layout.VALUES.keys() == COSTS.keys() | {"call"}
    every = (*layout.VALUES.values(), *more.HEAD.values(), FINDING, PATTERN, LOOK)
    assert all(isinstance(one, Shape) for one in every)


def test_the_form_is_that_of_the_classes() -> None:
    """Where this fails, a store of before would be misread: count `FORM` up, then note the sum."""
    told = [" ".join((*read.HEAD, *more.HEAD))]
    told += [f"{made.__name__} {' '.join(names)}" for made, names in sorted_records()]
    sums = {FORM: sha256("\n".join(told).encode()).hexdigest()[:16]}
    assert sums == {2: "4f15771f078ec174"}


def sorted_records() -> list[tuple[Any, tuple[str, ...]]]:
    """By name."""
    return sorted(records().items(), key=lambda item: item[0].__name__)
