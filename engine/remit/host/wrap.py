"""Any function as a tool under a policy: `guard` one, or `guard_tools` a row of them.

For hosts that have no hooks of their own. The function runs with the arguments that the policy
leaves, and gives what the policy leaves of its result; where the policy says no, it does not run.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any

from remit.conversation.model import Call, Result
from remit.hooks.events import Event, Verdict
from remit.host.gate import Gate
from remit.host.values import result_of, value_of

AnyGate = Gate | Callable[[], Gate]


class Denied(Exception):
    """A policy says no; the text is for the model. `verdict` is the verdict, with its reason."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.message)
        self.verdict = verdict


class Halted(Denied):
    """A policy says that the whole run ends."""


def guard(
    function: Callable[..., Any], gate: AnyGate, *, name: str = "", hide: Collection[str] = ()
) -> Callable[..., Any]:
    """The function under a policy: a plain one, a coroutine, a generator or an async generator.

    `gate` may be a function that gives the gate of the conversation at hand. `name` is that of the
    tool, if it is not the function's; `hide` are parameters that are no arguments of the model.
    What asks is put to the approvers of the guard. Raises `Denied` (`Halted` where the run ends)
    when the function is called and the policy says no. What a generator gives is held back until
    it is whole. A plain function may give a coroutine or a generator, too: what comes out of it is
    judged. `TypeError` where an argument is given twice, by its place and by its name.
    """
    tool = _Tool(function, gate, name or getattr(function, "__name__", "tool"), frozenset(hide))
    made: Callable[..., Any]
    if inspect.isasyncgenfunction(function):
        made = tool.pieces_async
    elif inspect.isgeneratorfunction(function):
        made = tool.pieces
    elif inspect.iscoroutinefunction(function):
        made = tool.run_async
    else:
        made = tool.run
    return wraps(function)(_plain(made, function))


def guard_tools(
    tools: Iterable[Callable[..., Any]], gate: AnyGate, *, hide: Collection[str] = ()
) -> list[Callable[..., Any]]:
    """Each function under a policy, as `guard` makes it."""
    return [guard(one, gate, hide=hide) for one in tools]


def _plain(made: Callable[..., Any], like: Callable[..., Any]) -> Callable[..., Any]:
    """A function of the same sort: frameworks look whether it is a coroutine or a generator."""
    if inspect.isasyncgenfunction(like):

        async def pieces_async(*args: Any, **kwargs: Any) -> AsyncIterator[Any]:
            async for one in made(*args, **kwargs):
                yield one

        return pieces_async
    if inspect.iscoroutinefunction(like):

        async def run_async(*args: Any, **kwargs: Any) -> Any:
            return await made(*args, **kwargs)

        return run_async
    if inspect.isgeneratorfunction(like):

        def pieces(*args: Any, **kwargs: Any) -> Iterator[Any]:
            yield from made(*args, **kwargs)

        return pieces

    def run(*args: Any, **kwargs: Any) -> Any:
        return made(*args, **kwargs)

    return run


@dataclass(frozen=True, slots=True)
class _Tool:
    function: Callable[..., Any]
    source: AnyGate
    name: str
    hide: frozenset[str]

    def run(self, *args: Any, **kwargs: Any) -> Any:
        return self._run(self.function, args, kwargs)

    async def run_async(self, *args: Any, **kwargs: Any) -> Any:
        return await self._run_async(self.function, args, kwargs)

    def pieces(self, *args: Any, **kwargs: Any) -> Iterator[Any]:
        yield from self._run(self.function, args, kwargs)

    async def pieces_async(self, *args: Any, **kwargs: Any) -> AsyncIterator[Any]:
        async def all_of(*a: Any, **k: Any) -> list[Any]:
            return [one async for one in self.function(*a, **k)]

        for one in await self._run_async(all_of, args, kwargs):
            yield one

    def _run(self, body: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        gate, before = self._before(args, kwargs)
        args, kwargs = self._let(before, gate.settle(before, gate.decide(before)), args, kwargs)
        try:
            value = body(*args, **kwargs)
            held = list(value) if inspect.isgenerator(value) else value
        except Exception as error:
            left = _left(gate.decide(self._failed(before, error)))
            if left is None:
                raise
            raise left from None
        if inspect.isawaitable(value):  # a plain function may give what comes later
            return self._later(gate, before, value)
        if inspect.isasyncgen(value):
            return self._pieces_later(gate, before, value)
        given = _given(gate.decide(self._gave(before, held)), held)
        return given if held is value else iter(given)

    async def _run_async(self, body: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        gate, before = self._before(args, kwargs)
        verdict = await gate.asettle(before, await gate.adecide(before))
        args, kwargs = self._let(before, verdict, args, kwargs)
        return await self._later(gate, before, body(*args, **kwargs))

    async def _later(self, gate: Gate, before: Event, value: Awaitable[Any]) -> Any:
        """What is left of a result that comes later. Raises `Denied`, and what the tool raises."""
        try:
            found = await value
        except Exception as error:
            left = _left(await gate.adecide(self._failed(before, error)))
            if left is None:
                raise
            raise left from None
        return _given(await gate.adecide(self._gave(before, found)), found)

    async def _pieces_later(
        self, gate: Gate, before: Event, value: AsyncIterator[Any]
    ) -> AsyncIterator[Any]:
        async def all_of() -> list[Any]:
            return [one async for one in value]

        for one in await self._later(gate, before, all_of()):
            yield one

    # ---- events

    def _before(self, args: Any, kwargs: Any) -> tuple[Gate, Event]:
        gate = self.source if isinstance(self.source, Gate) else self.source()
        call = Call(self.name, self._arguments(args, kwargs), id=os.urandom(8).hex())
        return gate, Event("pre_tool_call", (call,), gate.conversation)

    def _arguments(self, args: Any, kwargs: Any) -> dict[str, Any]:
        bound = self._bound(args, kwargs)
        bound.apply_defaults()
        named: dict[str, Any] = {}
        for name, value in bound.arguments.items():
            kind = bound.signature.parameters[name].kind
            if kind is inspect.Parameter.VAR_KEYWORD:
                twice = sorted(named.keys() & value.keys())  # the policy would see one of them
                if twice:
                    raise TypeError(f"the argument `{twice[0]}` of `{self.name}` is given twice")
                named.update(value)
            elif kind is inspect.Parameter.VAR_POSITIONAL:
                named[name] = list(value)
            else:
                named[name] = value
        return {name: value for name, value in named.items() if name not in self.hide}

    def _bound(self, args: Any, kwargs: Any) -> inspect.BoundArguments:
        return inspect.signature(self.function).bind(*args, **kwargs)

    def _let(
        self, before: Event, verdict: Verdict, args: Any, kwargs: Any
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The arguments with which it runs, given as they were. Raises `Denied`."""
        _must_go_on(verdict)
        if verdict.kind != "transform":
            return args, kwargs
        old, new = before.steps[-1], verdict.after
        assert isinstance(old, Call), "it was made here"
        assert isinstance(new, Call), "a call goes on as a call"
        changed = {name: value for name, value in new.args.items()
                   if name not in old.args or old.args[name] != value}  # fmt: skip
        if not args:
            return (), {**kwargs, **changed}
        bound = self._bound(args, kwargs)
        bound.apply_defaults()
        for name, value in changed.items():
            _put(bound, name, value)
        return bound.args, bound.kwargs

    def _gave(self, before: Event, value: Any) -> Event:
        return self._after(before, result_of(self.name, value))

    def _failed(self, before: Event, error: Exception) -> Event:
        return self._after(before, Result(self.name, error=str(error) or type(error).__name__))

    def _after(self, before: Event, result: Result) -> Event:
        call = before.steps[0]
        assert isinstance(call, Call), "it was made here"
        return Event("post_tool_call", (replace(result, id=call.id),), before.conversation)


def _put(bound: inspect.BoundArguments, name: str, value: Any) -> None:
    """Another value for an argument; one without a parameter goes to `**kwargs`."""
    parameter = bound.signature.parameters.get(name)
    if parameter is None:
        rest = next(one.name for one in bound.signature.parameters.values()
                    if one.kind is inspect.Parameter.VAR_KEYWORD)  # fmt: skip
        bound.arguments[rest] = {**bound.arguments.get(rest, {}), name: value}
    elif parameter.kind is inspect.Parameter.VAR_POSITIONAL:
        bound.arguments[name] = tuple(value)
    else:
        bound.arguments[name] = value


def _must_go_on(verdict: Verdict) -> None:
    if not verdict:
        raise Halted(verdict) if verdict.scope == "run" else Denied(verdict)


def _given(verdict: Verdict, value: Any) -> Any:
    """What is left of a result. Raises `Denied`."""
    _must_go_on(verdict)
    if verdict.kind != "transform":
        return value
    after = verdict.after
    assert isinstance(after, Result), "a result goes on as a result"
    return value_of(after, value)


def _left(verdict: Verdict) -> Exception | None:
    """What to raise instead of the error of a tool; None where that stays."""
    if not verdict:
        return Denied(verdict)
    if verdict.kind != "transform":
        return None
    after = verdict.after
    assert isinstance(after, Result), "a result goes on as a result"
    return RuntimeError(after.error or after.text)
