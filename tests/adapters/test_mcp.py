"""MCP: the contract in servers of the SDK and of FastMCP, and what only MCP has."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("fastmcp")

import mcp_types
from fastmcp import FastMCP
from fastmcp.exceptions import ToolError
from fastmcp.server.context import Context
from mcp import MCPError
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError as SdkError
from tests.adapters.contract import SPEC, Contract, Ear, Script, odd, pay
from tests.adapters.served import Served, Server, client_of, texts, through, with_fastmcp, with_sdk

import remit
from remit import Policy, Result
from remit.hooks import hookimpl
from remit.hooks.events import Reply, Request
from remit.host.guard import Guard
from remit_plugins.adapters import fastmcp as fast
from remit_plugins.adapters import mcp as sdk
from remit_plugins.adapters.mcp import wire
from remit_plugins.adapters.mcp.gates import Gates
from remit_plugins.adapters.mcp.gateway import gateway
from remit_plugins.adapters.needs import MissingError

OLD, NOW = "legacy", "2026-07-28"
MORE = """
clause files
  forbid call read_resource where uri contains "shadow"
  otherwise deny advise "Not that file."
clause greetings
  forbid call get_prompt where args.arguments.who is "Mallory"
"""


class TestSdkOfOld(Contract):
    """With the handshake."""

    driver = Served(with_sdk, OLD)


class TestSdkOfNow(Contract):
    """Without it."""

    driver = Served(with_sdk, NOW)


class TestFastOfOld(Contract):
    """With the handshake."""

    driver = Served(with_fastmcp, OLD)


class TestFastOfNow(Contract):
    """Without it."""

    driver = Served(with_fastmcp, NOW)


class TestGatewayOfOld(Contract):
    """Through the gateway, with the handshake on both sides."""

    driver = Served(through, OLD)


class TestGatewayOfNow(Contract):
    """Through the gateway, without it."""

    driver = Served(through, NOW)


@pytest.fixture(scope="module")
def policy() -> Policy:
    return remit.load(SPEC.replace("tool ask_helper(task: text)\n", "").replace(
        "tool pay(to: text, amount: number)\ntool read(path: text)\n", "") + MORE)  # fmt: skip


@pytest.fixture
def guard(policy: Policy) -> Guard:
    return Guard(policy, judges={"oddity": odd})


@pytest.fixture(params=[with_sdk, with_fastmcp, through], ids=["sdk", "fastmcp", "gateway"])
def serve(request: pytest.FixtureRequest) -> Server:
    made: Server = request.param
    return made


@pytest.fixture(params=[OLD, NOW], ids=["of old", "of now"])
def mode(request: pytest.FixtureRequest) -> str:
    made: str = request.param
    return made


def held(kind: str, guard: Guard) -> Any:
    """A server of one of the two libraries, and its decorators are alike."""
    if kind == "sdk":
        return MCPServer("s", middleware=[sdk.middleware(guard)])
    return FastMCP("s", middleware=[fast.middleware(guard)])


@pytest.fixture(params=["sdk", "fastmcp"])
def server(request: pytest.FixtureRequest, guard: Guard) -> Any:
    return held(request.param, guard)


def talk(server: Any, mode: str, say: Callable[[Any], Awaitable[Any]], asked: Any = None) -> Any:
    """What comes of a talk with a server."""

    async def run() -> Any:
        async with client_of(server, mode=mode, elicitation_callback=asked) as client:
            return await say(client)

    return asyncio.run(run())


# ---- asking a person at the client

EVE = {"to": "Eve", "amount": 5}
ANSWERS = {
    "yes": ("accept", {"approve": True}, 1),
    "no": ("accept", {"approve": False}, 0),
    "no word": ("accept", {}, 0),
    "a word that is no yes": ("accept", {"approve": "true"}, 0),
    "declined": ("decline", None, 0),
    "left": ("cancel", {"approve": True}, 0),
}


@pytest.mark.parametrize("case", ANSWERS)
def test_the_client_is_asked(guard: Guard, serve: Server, mode: str, case: str) -> None:
    """In either way of the protocol; only a plain yes is one, and for one call."""
    action, content, runs = ANSWERS[case]
    script = Script([])
    questions: list[str] = []

    async def asked(context: Any, params: Any) -> Any:
        questions.append(params.message)
        return mcp_types.ElicitResult(action=action, content=content)

    async def say(client: Any) -> Any:
        return await client.call_tool("pay", EVE)

    given = talk(serve(guard, script), mode, say, asked)
    assert len(script.ran) == runs
    assert given.is_error is (runs == 0)
    [question] = questions
    assert "manager must agree" in question
    assert "'Eve'" in question


def test_whoever_must_agree_does_not_sit_there(guard: Guard, serve: Server, mode: str) -> None:
    """The user at the client cannot answer for the manager."""
    script = Script([])

    async def asked(context: Any, params: Any) -> Any:
        raise AssertionError("nobody is to be asked here")

    async def say(client: Any) -> Any:
        return await client.call_tool("pay", EVE)

    given = talk(serve(guard, script, people={"user"}), mode, say, asked)
    assert script.ran == []
    assert "manager did not agree" in texts(given)


def test_a_client_that_asks_nobody(guard: Guard, serve: Server, mode: str) -> None:
    """It is a no."""
    script = Script([])
    given = talk(serve(guard, script), mode, lambda client: client.call_tool("pay", EVE))
    assert script.ran == []
    assert given.is_error


def test_approvers_come_first(policy: Policy, serve: Server, mode: str) -> None:
    """Where the guard has some, the client is not asked."""

    class Desk:
        @hookimpl
        def remit_approve(self, request: Request) -> Reply:
            """Agree."""
            return Reply(True, person="ann")

    script = Script([])
    guard = Guard(policy, plugins=[Desk()], judges={"oddity": odd})
    talk(serve(guard, script), mode, lambda client: client.call_tool("pay", EVE))
    assert len(script.ran) == 1


def test_the_tool_asks_too(guard: Guard, policy: Policy) -> None:
    """It does not see what was said to the policy; and the call is one call, agreed to once."""
    seen: list[Any] = []
    ear = Ear()
    guard = Guard(policy, plugins=[ear], judges={"oddity": odd})
    server = FastMCP("s", middleware=[fast.middleware(guard, people={"manager"})])

    @server.tool
    async def pay(to: str, amount: int, ctx: Context) -> mcp_types.InputRequiredResult | str:
        seen.append(sorted(ctx.input_responses or {}))
        if "sure" in (ctx.input_responses or {}):
            return "paid"
        params = {"mode": "form", "message": "sure?", "requestedSchema": {
            "type": "object", "properties": {}}}  # fmt: skip
        return mcp_types.InputRequiredResult.model_validate(
            {"inputRequests": {"sure": {"method": "elicitation/create", "params": params}}},
            by_name=False,
        )

    questions: list[str] = []

    async def asked(context: Any, params: Any) -> Any:
        questions.append(params.message)
        return mcp_types.ElicitResult(action="accept", content={"approve": True})

    async def say(client: Any) -> Any:
        given = await client.call_tool("pay", EVE)
        sure = {"sure": mcp_types.ElicitResult(action="accept", content={})}
        again = await client.session.call_tool(
            "pay", EVE, input_responses=sure, allow_input_required=True
        )
        assert isinstance(again, mcp_types.InputRequiredResult)  # of the policy: asked anew
        return given

    given = talk(server, NOW, say, asked)
    assert texts(given).startswith("paid")
    assert seen == [[], ["sure"]]
    assert [one.endswith("sure?") for one in questions] == [False, True]
    calls = [one.decision.verdict for one in ear.told if one.decision.step.kind == "call"]
    assert calls[-2:] == ["allow", "ask"]
    assert calls.count("allow") == 1


def test_a_halt_while_the_tool_asks(policy: Policy) -> None:
    """What waited does not go on after it."""
    guard = Guard(policy, judges={"oddity": odd})
    server = FastMCP("s", middleware=[fast.middleware(guard)])
    ran = []

    @server.tool
    async def wait(ctx: Context) -> mcp_types.InputRequiredResult | str:
        ran.append(sorted(ctx.input_responses or {}))
        return mcp_types.InputRequiredResult(request_state="more")

    @server.tool
    def read(path: str) -> str:
        return "read"

    async def say(client: Any) -> None:
        async def again(state: str | None) -> Any:
            return await client.session.call_tool(
                "wait", {}, request_state=state, allow_input_required=True
            )

        state = (await again(None)).request_state
        state = (await again(state)).request_state
        with pytest.raises(MCPError):
            await client.call_tool("read", {"path": "/etc/shadow"})
        with pytest.raises(MCPError):
            await again(state)

    talk(server, NOW, say)
    assert len(ran) == 2


# ---- results


def test_all_of_a_result_is_judged(server: Any, mode: str) -> None:
    """Text, what is structured, embedded resources; the rest stays, and the schema holds."""

    @server.tool()
    def find() -> dict[str, str]:
        return {"who": "ann@acme.example", "where": "here"}

    @server.tool()
    def show() -> list[Any]:
        inner = mcp_types.TextResourceContents(uri="data://x", text="one\nann@acme.example")
        picture = mcp_types.ImageContent(type="image", data="QUJD", mime_type="image/png")
        return ["to bob@acme.example", picture,
                mcp_types.EmbeddedResource(type="resource", resource=inner), "end"]  # fmt: skip

    async def say(client: Any) -> Any:
        return await client.call_tool("find", {}), await client.call_tool("show", {})

    found, shown = talk(server, mode, say)
    assert found.structured_content == {"who": "(address)", "where": "here"}
    assert "(address)" in found.content[0].text
    assert "ann@acme" not in str((found, shown))
    first, picture, inner, last = shown.content
    assert (first.text, last.text) == ("to (address)", "end")
    assert inner.resource.text == "one\n(address)"
    assert picture.data == "QUJD"


def test_a_secret_over_two_blocks() -> None:
    """It is found in the whole; where lines are gone, what is left stands in the first."""
    call = wire.call_of(wire.TOOL, {"name": "f"}, "1")
    answer = {"content": [{"type": "text", "text": "a sec"}, {"type": "text", "text": "ret b"}]}
    before = wire.result_of(wire.TOOL, call, answer)
    after = Result("f", "a *** b")
    left = wire.left_of(wire.TOOL, answer, before, after)
    assert [one["text"] for one in left["content"]] == ["a *** b", ""]


def test_what_is_no_result_does_not_go_on() -> None:
    """As of a call that goes on in the background: what it gives comes another way."""
    call = wire.call_of(wire.TOOL, {"name": "f"}, "1")
    with pytest.raises(ValueError, match="has no `content`"):
        wire.result_of(wire.TOOL, call, {"task": {"taskId": "1"}})


def test_errors_are_judged(server: Any, mode: str) -> None:
    """Those of tools, and those of the protocol, with their data."""

    @server.tool()
    def fail() -> str:
        kind = ToolError if isinstance(server, FastMCP) else SdkError
        raise kind("ask ann@acme.example")

    @server.tool()
    def poison() -> str:
        raise MCPError(-32000, "stop", {"why": "poison for Mallory, ann@acme.example"})

    async def say(client: Any) -> list[str]:
        told = [texts(await client.call_tool("fail", {}))]
        try:
            told.append(texts(await client.call_tool("poison", {})))
        except MCPError as error:
            told.append(str(error.error))
        return told

    told = talk(server, mode, say)
    assert "ask (address)" in told[0]
    assert "acme.example" not in str(told)
    assert "Mallory" not in str(told)


def test_arguments_that_are_none(server: Any, mode: str) -> None:
    """Nothing runs."""
    ran = []

    @server.tool()
    def pay(to: str = "", amount: int = 0) -> str:
        ran.append(to)
        return "paid"

    async def say(client: Any) -> None:
        for arguments in ([1], "x", 7):
            sent = Raw(method="tools/call", params={"name": "pay", "arguments": arguments})
            with suppress(MCPError):
                given = await client.session.send_request(sent, mcp_types.CallToolResult)
                assert given.is_error

    talk(server, mode, say)
    assert ran == []


def test_an_argument_that_is_null(server: Any, mode: str) -> None:
    """Stays so."""
    ran = []

    @server.tool()
    def note(text: str | None = "x", more: dict[str, Any] | None = None) -> str:
        ran.append((text, more))
        return "ok"

    sent = {"text": None, "more": {"a": None}}
    talk(server, mode, lambda client: client.call_tool("note", sent))
    assert ran == [(None, {"a": None})]


def test_calls_within_the_server(guard: Guard) -> None:
    """Without a client nobody can be asked; the policy holds all the same."""
    script = Script([])
    server = with_fastmcp(guard, script)
    for arguments in ({"to": "Bob", "amount": 500}, EVE):
        with pytest.raises(ToolError):
            asyncio.run(server.call_tool("pay", arguments))
    asyncio.run(server.call_tool("pay", {"to": "Bob", "amount": 7}))
    assert script.ran == [("pay", {"to": "Bob", "amount": 8})]


class Raw(mcp_types.Request[dict[str, Any], str]):  # type: ignore[misc] # its base is not typed here
    """A request as it is, however malformed."""


# ---- resources, prompts, lists


def test_resources_and_prompts(server: Any, mode: str) -> None:
    """Reading one and getting one are calls; what they hold is a result."""
    ran = []

    @server.resource("data://{name}")
    def data(name: str) -> str:
        ran.append(name)
        return "poison" if name == "bad" else "ask ann@acme.example"

    @server.prompt()
    def greet(who: str) -> str:
        ran.append(who)
        return f"Greet {who}@acme.example"

    async def say(client: Any) -> list[Any]:
        told: list[Any] = [(await client.read_resource("data://a")).contents[0].text]
        told.append((await client.get_prompt("greet", {"who": "bob"})).messages[0].content.text)
        for refused in (client.read_resource("data://shadow"), client.read_resource("data://bad"),
                        client.get_prompt("greet", {"who": "Mallory"})):  # fmt: skip
            with pytest.raises(MCPError) as error:
                await refused
            told.append(str(error.value))
        return told

    told = talk(server, mode, say)
    assert told[:3] == ["ask (address)", "Greet (address)", "Not that file."]
    assert ran == ["a", "bob", "bad"]
    assert "poison" not in told[3].replace("`poison`", "")


def test_a_hidden_tool_is_decided_all_the_same(guard: Guard, serve: Server, mode: str) -> None:
    """It is not listed; whether it may be called the policy says."""
    script = Script([])

    async def say(client: Any) -> list[str]:
        listed = [one.name for one in (await client.list_tools()).tools]
        await client.call_tool("pay", {"to": "Bob", "amount": 5})
        await client.call_tool("pay", {"to": "Bob", "amount": 500})
        return listed

    listed = talk(serve(guard, script, hide=["p*", "remit_*"]), mode, say)
    assert listed == ["read"]
    assert script.ran == [("pay", {"to": "Bob", "amount": 5})]


@pytest.mark.parametrize("mode", [OLD, NOW])
def test_sampling_does_not_pass_the_gateway(guard: Guard, mode: str) -> None:
    """Nobody judges what the server would have the client's model say."""
    inner = FastMCP("inner")
    heard: list[Any] = []

    @inner.tool
    async def think(ctx: Context) -> mcp_types.InputRequiredResult | str:
        heard.append(ctx.session.client_capabilities.sampling)
        if mode == OLD:
            return "no"
        params = {"messages": [], "maxTokens": 5}
        return mcp_types.InputRequiredResult.model_validate(
            {"inputRequests": {"x": {"method": "sampling/createMessage", "params": params}}},
            by_name=False,
        )

    async def say(client: Any) -> Any:
        return await client.call_tool("think", {})

    async def sampled(context: Any, params: Any) -> Any:
        raise AssertionError("nobody is to be asked")

    async def run() -> Any:
        proxy = gateway(guard, inner)
        async with client_of(proxy, mode=mode, sampling_callback=sampled) as client:
            return await say(client)

    given = asyncio.run(run())
    assert heard == [None]
    assert given.is_error is (mode == NOW)


# ---- conversations


def test_a_session_is_a_conversation(guard: Guard) -> None:
    """It is forgotten when it ends. Without one all clients are one, but for who signed in."""
    gates = Gates(guard)

    async def run() -> None:
        async with AsyncExitStack() as stack:
            connection = SimpleNamespace(session_id="s1", exit_stack=stack)
            context = SimpleNamespace(session=SimpleNamespace(_connection=connection))
            gate = gates.of(context)
            assert gates.of(context) is gate
            assert gate.conversation == "s1"
            assert gates.of(None) is gates.of(SimpleNamespace()) is not gate
        assert gates.of(context) is not gate

    asyncio.run(run())
    assert Gates(guard).of(None) is not gates.of(None)


def test_a_context_that_cannot_be_had_denies(guard: Guard, serve: Server, mode: str) -> None:
    """And says nothing of why."""

    def broken(context: Any) -> str:
        raise OSError("token=hunter2")

    script = Script([])
    server = serve(guard, script, conversation=broken)
    given = talk(server, mode, lambda client: client.call_tool("pay", {"to": "Bob", "amount": 5}))
    assert given.is_error
    assert "hunter2" not in texts(given)
    assert script.ran == []


def test_spans_lie_under_those_of_the_server(policy: Policy, mode: str) -> None:
    """FastMCP has one for each request."""
    sdk_trace = pytest.importorskip("opentelemetry.sdk.trace")
    trace = pytest.importorskip("opentelemetry.trace")
    names: list[str] = []

    class Tracer:
        @hookimpl
        def remit_decided(self) -> None:
            """Hear under which span."""
            names.append(getattr(trace.get_current_span(), "name", ""))

    if not isinstance(trace.get_tracer_provider(), sdk_trace.TracerProvider):
        trace.set_tracer_provider(sdk_trace.TracerProvider())
    script = Script([])
    guard = Guard(policy, plugins=[Tracer()], judges={"oddity": odd})
    for serve in (with_sdk, with_fastmcp):
        talk(serve(guard, script), mode, lambda client: client.call_tool("pay", pay(5).args))
    assert [one.startswith("tools/call") for one in names] == [True] * 4


def test_what_it_cannot_show(guard: Guard) -> None:
    """It says so."""
    for made in (sdk.middleware(guard), fast.middleware(guard)):
        seen = made.coverage()
        assert seen.gaps == sdk.GAPS
        assert "contract::rude" in seen.blind
        assert "contract::pay.most" not in seen.blind
        assert set(seen.missing).isdisjoint(sdk.POINTS)


@pytest.mark.parametrize(
    ("made", "module"), [(sdk, "mcp.server"), (fast, "fastmcp.server.middleware")]
)
def test_without_the_framework(
    guard: Guard, monkeypatch: pytest.MonkeyPatch, made: Any, module: str
) -> None:
    """One line."""
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingError, match=r"^`\w+` is not installed: pip install 'remit\["):
        made.middleware(guard)
