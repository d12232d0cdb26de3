"""Values are data classes in all that can be seen of them."""

import copy
import dataclasses
import inspect
import pickle
from typing import Any

import pytest

from remit_grammar.value import field, record, replace, thing, value


@value
class Base:
    mark: int = field(compare=False, repr=False, kw_only=True)


@value
class Value(Base):
    name: str
    items: tuple[int, ...] = ()
    more: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        assert self.name, "has a name"


@record
class Record:
    name: str
    kind = "record"


@thing
class Thing:
    name: str


@dataclasses.dataclass(frozen=True, slots=True)
class TwinBase:
    mark: int = dataclasses.field(compare=False, repr=False, kw_only=True)


@dataclasses.dataclass(frozen=True, slots=True)
class Twin(TwinBase):
    name: str
    items: tuple[int, ...] = ()
    more: dict[str, int] = dataclasses.field(default_factory=dict)


def test_a_value_is_what_a_data_class_is() -> None:
    one, twin = Value("a", (1,), mark=1), Twin("a", (1,), mark=1)
    assert repr(one) == repr(twin).replace("Twin", "Value")
    assert Value.__match_args__ == Twin.__match_args__
    assert dataclasses.is_dataclass(one)
    assert dataclasses.asdict(one) == dataclasses.asdict(twin)
    names = [[at.name for at in dataclasses.fields(kind)] for kind in (Value, Twin)]
    assert names[0] == names[1]
    signatures = [[*inspect.signature(kind).parameters] for kind in (Value, Twin)]
    assert signatures[0] == signatures[1]
    assert not hasattr(one, "__dict__")


def test_values_are_equal_and_hashed_by_their_compared_fields() -> None:
    one, other = Value("a", mark=1), Value("a", mark=2)
    assert one == other != Value("b", mark=1)
    assert one.__eq__(("a", (), {})) is NotImplemented
    assert hash(Base(mark=1)) == hash(Base(mark=2))
    with pytest.raises(TypeError, match="unhashable"):
        hash(one)  # for it holds a dictionary


def test_each_value_has_defaults_of_its_own() -> None:
    one, other = Value("a", mark=1), Value("a", mark=1)
    assert one.more == {}
    assert one.more is not other.more
    with pytest.raises(TypeError, match="mark"):
        Value("a")  # type: ignore[call-arg]
    with pytest.raises(AssertionError, match="has a name"):
        Value("", mark=1)


@pytest.mark.parametrize("changed", [replace, dataclasses.replace])
def test_another_like_it(changed: Any) -> None:
    assert changed(Value("a", (1,), mark=7), name="b") == Value("b", (1,), mark=0)
    assert changed(Value("a", mark=7), name="b").mark == 7
    with pytest.raises(TypeError, match="nome"):
        changed(Value("a", mark=7), nome="b")


def test_replace_takes_any_data_class() -> None:
    """Callers need not know which kind they hold."""
    assert replace(Twin("a", (1,), mark=7), name="b") == Twin("b", (1,), mark=7)


def test_values_can_be_copied_and_pickled() -> None:
    one = Value("a", (1,), {"b": 2}, mark=3)
    for other in (copy.copy(one), copy.deepcopy(one), pickle.loads(pickle.dumps(one))):
        assert (other, other.mark) == (one, 3)


def test_a_record_may_change_and_a_thing_is_itself() -> None:
    one, other = Record("a"), Record("b")
    other.name = "a"
    assert one == other
    assert one.kind == "record"
    with pytest.raises(TypeError, match="unhashable"):
        hash(one)
    assert Thing("a") != Thing("a")
    assert len({Thing("a"), Thing("a")}) == 2
