"""Any function as a tool: the contract, in a host that only calls functions."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from tests.adapters.contract import ASYNC, SYNC, Contract, Ran, Script

import remit
from remit import Call
from remit.host.gate import Gate
from remit.host.guard import Guard
from remit.host.wrap import Denied, Halted, guard, guard_tools


class Tools:
    """The driver: it runs the calls of a script, and shows no messages."""

    can = frozenset({SYNC, ASYNC})

    def run(self, guard: Guard, script: Script, *, asynchronous: bool) -> Ran:
        """Run each call of each turn."""
        gate = guard.gate(script.conversation)
        if asynchronous:
            tools = {one.__name__: _waiting(one) for one in script.tools.values()}
        else:
            tools = dict(script.tools)
        guarded = dict(zip(tools, guard_tools(tools.values(), gate), strict=True))
        ran = Ran([])
        for call in [one for turn in script.turns for one in turn if isinstance(one, Call)]:
            try:
                value = guarded[call.tool](**call.args)
                ran.seen.append(asyncio.run(value) if asynchronous else value)
            except Halted:
                ran.stopped = True
                break
            except Denied as denied:
                ran.seen.append(str(denied))
        return ran

    def resume(self, *args: Any, **kwargs: Any) -> Ran:
        """Never: nothing pauses here."""
        raise NotImplementedError


def _waiting(tool: Callable[..., str]) -> Callable[..., Any]:
    async def wait(**kwargs: Any) -> str:
        await asyncio.sleep(0)
        return tool(**kwargs)

    wait.__name__ = tool.__name__
    wait.__signature__ = inspect.signature(tool)  # type: ignore[attr-defined]
    return wait


class TestGuardTools(Contract):
    """What can be had where a host only calls functions."""

    driver = Tools()


# ---- functions of every sort

SPEC = """
spec s
author developer
tool send(to: text, note: text)
tool count(to: text)
clause who
  forbid call send where to is "Mallory"
clause whom
  forbid call count where to is "Mallory"
clause calm
  forbid call send where note contains "damn"
  otherwise redact as "***"
clause mail
  forbid result where has email
  otherwise redact as "(address)"
clause poison
  forbid result where text contains "poison"
"""


@pytest.fixture
def gate() -> Gate:
    return Guard(remit.load(SPEC)).gate("c1")


def test_a_call_as_it_is_written(gate: Gate) -> None:
    """By place, by name, with defaults; name and signature stay, for frameworks read them."""

    def send(to: str, note: str = "hi", *rest: int, ctx: object = None, **more: str) -> list[Any]:
        """Send."""
        return [to, note, rest, more]

    tool = guard(send, gate, hide=["ctx"])
    assert (tool.__name__, tool.__doc__) == ("send", "Send.")
    assert inspect.signature(tool) == inspect.signature(send)
    assert tool("Bob", "damn it", 1, 2, ctx=object(), cc="Eve") == [
        "Bob", "*** it", (1, 2), {"cc": "Eve"},
    ]  # fmt: skip
    assert tool(to="Bob") == ["Bob", "hi", (), {}]
    with pytest.raises(Denied):
        tool("Mallory")
    with pytest.raises(TypeError):
        tool()


def test_what_is_more_than_text(gate: Gate) -> None:
    """Plain data is seen into; what is none is its text, and stays itself where nothing changes."""

    class Letter:
        def __init__(self, text: str) -> None:
            self.text = text

        def __str__(self) -> str:
            return self.text

    def give(value: Any) -> Any:
        return value

    tool = guard(give, gate, name="give")
    assert tool({"a": ["x@y.org", 1]}) == {"a": ["(address)", 1]}
    letter = Letter("hello")
    assert tool(letter) is letter
    assert tool(Letter("to x@y.org")) == "to (address)"

    class Words(str):
        """A text of another class, as frameworks have them."""

    assert tool(Words("hello")) == "hello"
    assert tool(Words("to x@y.org")) == "to (address)"
    with pytest.raises(Denied):
        tool({"deep": [{"er": "poison"}]})


def test_pieces_are_held_back(gate: Gate) -> None:
    """Nothing is given before the whole is judged."""
    given: list[str] = []

    def count(to: str) -> Iterator[str]:
        for one in ("a", to, "x@y.org"):
            given.append(one)
            yield one

    async def count_async(to: str) -> AsyncIterator[str]:
        for one in ("a", to, "x@y.org"):
            yield one

    async def all_of(to: str) -> list[str]:
        tool = guard(count_async, gate, name="count")
        assert inspect.isasyncgenfunction(tool)
        return [one async for one in tool(to)]

    tool = guard(count, gate)
    assert inspect.isgeneratorfunction(tool)
    assert list(tool("b")) == asyncio.run(all_of("b")) == ["a", "b", "(address)"]
    given.clear()
    for none in (lambda: list(tool("Mallory")), lambda: asyncio.run(all_of("Mallory"))):
        with pytest.raises(Denied):
            none()
    with pytest.raises(Denied):
        list(tool("poison"))
    assert given == ["a", "poison", "x@y.org"]


def test_a_tool_that_fails(gate: Gate) -> None:
    """Its error goes to the model, so it is judged too."""

    def count(to: str) -> str:
        raise LookupError(to)

    async def count_async(to: str) -> str:
        raise LookupError(to)

    waiting = guard(count_async, gate, name="count")

    def waited(to: str) -> Any:
        return asyncio.run(waiting(to))

    for call in (guard(count, gate), waited):
        with pytest.raises(LookupError, match="nobody"):
            call("nobody")
        with pytest.raises(RuntimeError, match=r"^\(address\)$") as left:
            call("x@y.org")
        assert left.value.__cause__ is None
        with pytest.raises(Denied):
            call("poison")


def test_the_gate_at_hand() -> None:
    """One tool for many conversations."""
    policy = remit.load(
        "spec s\nauthor developer\ntool f(a: number)\nclause c\n"
        "  forbid call f where (count of call f) >= 1\n"
    )
    keeper, now = Guard(policy), ["a"]

    def f(a: int) -> int:
        return a

    tool = guard(f, lambda: keeper.gate(now[0]))
    assert tool(1) == 1
    with pytest.raises(Denied):
        tool(1)
    now[0] = "b"
    assert tool(1) == 1


def test_an_argument_that_is_given_twice(gate: Gate) -> None:
    """By its place and by its name: the policy would see one, and the function take the other."""
    ran: list[str] = []

    def send(to: str, /, **more: str) -> None:
        ran.append(to)

    def count(*to: str, **more: str) -> None:
        ran.extend(to)

    for tool in guard_tools([send, count], gate):
        with pytest.raises(TypeError, match=r"`to` of `.*` is given twice"):
            tool("Mallory", to="Bob")
    assert ran == []


def test_a_plain_function_that_gives_what_comes_later(gate: Gate) -> None:
    """A decorated coroutine is none, and an object that is called tells nobody what it gives."""

    class Waits:
        async def __call__(self, to: str) -> str:
            """Give it later."""
            if to == "nobody":
                raise LookupError("no x@y.org")
            return "x@y.org"

    def pieces(to: str) -> Iterator[str]:
        yield from ("a", "x@y.org")

    async def pieces_async(to: str) -> AsyncIterator[str]:
        for one in pieces(to):
            yield one

    async def collected(tool: Any) -> list[str]:
        return [one async for one in tool("Bob")]

    waits = guard(Waits(), gate, name="count")
    assert asyncio.run(waits("Bob")) == "(address)"
    with pytest.raises(RuntimeError, match=r"no \(address\)"):
        asyncio.run(waits("nobody"))
    assert list(guard(lambda to: pieces(to), gate, name="count")("Bob")) == ["a", "(address)"]
    later = guard(lambda to: pieces_async(to), gate, name="count")
    assert asyncio.run(collected(later)) == ["a", "(address)"]
