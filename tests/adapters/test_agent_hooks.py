"""AGENT-HOOKS: the conformance kit passes for our host; Remit is an interceptor in it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from agent_hooks import InterceptionEmitter, Verdict
from agent_hooks._types import EnforcementMode
from agent_hooks.context import AgentContextBuilder
from agent_hooks.ctk.harness import ModelResponse, RunOutcome, Scenario, ToolBehavior, ToolSpec
from agent_hooks.ctk.runner import load_vectors, run_vector
from tests.adapters.contract import SPEC, Ear, odd
from tests.adapters.hooked import DECLARATION, Host

import remit
from remit.hooks import hookimpl
from remit.hooks.events import Reply, Request
from remit.host.guard import Guard
from remit_plugins.adapters.agent_hooks import AsyncInterceptor, Interceptor, Resolver, event_of

VECTORS = load_vectors(None)
SKIPPED = "streaming/incremental"  # the one part of the kit that our declaration leaves out


@pytest.mark.parametrize("vector", VECTORS, ids=[one["id"] for one in VECTORS])
def test_the_conformance_kit(vector: dict[str, Any]) -> None:
    """Every vector for the surface that our declaration claims."""
    host: Any = Host()
    result = asyncio.run(run_vector(host, vector))
    if vector.get("part") == SKIPPED:
        assert result.status == "skip"
        return
    assert result.status == "pass", [result.detail, *result.failures]


def test_the_declaration_is_the_host() -> None:
    """What the file claims is what the code can."""
    claimed = json.loads(DECLARATION.read_text("utf-8"))["surface"]["capabilities"]
    assert claimed == sorted(one.value for one in Host.capabilities)


# ---- Remit in it


class Desk:
    """Agrees to what Eve gets, or not."""

    def __init__(self, yes: bool) -> None:
        self.yes = yes

    @hookimpl
    def remit_approve(self, request: Request) -> Reply:
        """Answer."""
        return Reply(self.yes, "ann")


@pytest.fixture(scope="module")
def policy() -> remit.Policy:
    return remit.load(SPEC)


def _run(
    guard: Guard, *turns: Any, user: str = "please", found: Any = "nothing", waits: bool = False,
    role: str = "user",
) -> tuple[Host, Any]:  # fmt: skip
    """Run a script: a turn is a text, or calls as (name, args)."""
    answers = [
        ModelResponse(turn, [], "stop") if isinstance(turn, str) else ModelResponse(
            None, [{"id": f"{at}-{place}", "name": name, "args": args}
                   for place, (name, args) in enumerate(turn)], "tool_calls")
        for at, turn in enumerate(turns)
    ]  # fmt: skip
    tools = {name: ToolSpec(name, [ToolBehavior(None, value)]) for name, value in (
        ("pay", "paid"), ("read", found))}  # fmt: skip
    host = Host()
    interceptor: Any = AsyncInterceptor(guard) if waits else Interceptor(guard)
    resolver: Any = Resolver(guard)
    scenario = Scenario({"content": user, "role": role}, tools, answers)
    host.setup(scenario, [interceptor], resolver, EnforcementMode.ENFORCE)
    return host, asyncio.run(host.run())


def _pay(amount: Any, to: str = "Bob") -> tuple[str, dict[str, Any]]:
    return "pay", {"to": to, "amount": amount}


@pytest.mark.parametrize("waits", [False, True])
def test_verdicts(policy: remit.Policy, waits: bool) -> None:
    """Allow, deny with advice, rewrite, redaction of text and of data, in one run."""
    guard = Guard(policy, judges={"oddity": odd})
    turns = [[_pay(5), _pay(500), _pay(7)], [("read", {"path": "a"})], "a secret word"]
    found = {"rows": ["ask ann@acme.example", 1]}
    host, record = _run(guard, *turns, found=found, waits=waits)
    assert [one["args"].get("amount") for one in host.ran] == [5, 8, None]
    assert "blocked: Offer a smaller sum." in host.seen
    assert {"rows": ["ask (address)", 1]} in host.seen
    assert (record.outcome, record.final_output) == (RunOutcome.COMPLETED, "a *** word")
    denied = [one["verdict"] for one in record.records if one["verdict"]["decision"] == "deny"]
    assert [one["reason"] for one in denied] == ["remit:deny:contract::pay.most"]
    assert denied[0]["evidence"]["verification_pointers"]["policy_sha256"] == policy.digest


def test_each_message_is_judged_once(policy: remit.Policy) -> None:
    """Though the host sends all of them before each model call."""
    ear = Ear()
    guard = Guard(policy, plugins=[ear], judges={"oddity": odd})
    _run(guard, [_pay(5)], [_pay(6)], "done", user="Pay at most 10.")
    kinds = [one.decision.step.kind for one in ear.told]
    assert kinds == ["message", "call", "result", "call", "result", "message"]
    host, _ = _run(guard, [_pay(50)], "done", user="Pay at most 10.")
    assert host.ran == []
    host, _ = _run(guard, [_pay(50)], "done", user="Pay at most 10.", role="external")
    assert len(host.ran) == 1


def test_a_halt_blocks_the_rest(policy: remit.Policy) -> None:
    """At every point that comes."""
    guard = Guard(policy, judges={"oddity": odd})
    host, record = _run(guard, [("read", {"path": "/etc/shadow"})], [_pay(5)], "done")
    assert (host.ran, record.outcome) == ([], RunOutcome.BLOCKED)


@pytest.mark.parametrize(("yes", "runs"), [(True, 1), (False, 0)])
def test_approvals(policy: remit.Policy, yes: bool, runs: int) -> None:
    """A liftable deny, lifted by an approver, once."""
    ear = Ear()
    guard = Guard(policy, plugins=[Desk(yes), ear], judges={"oddity": odd})
    host, _ = _run(guard, [_pay(5, "Eve")], "done")
    assert len(host.ran) == runs
    assert [(one.by, one.yes) for one in ear.answered] == [("manager", yes)]
    nobody, _ = _run(Guard(policy, judges={"oddity": odd}), [_pay(5, "Eve")], "done")
    assert nobody.ran == []


def test_what_asks_says_so(policy: remit.Policy) -> None:
    """In the approval block: who, what, which request."""
    guard = Guard(policy, judges={"oddity": odd})
    point = AgentContextBuilder(agent_id="a", framework="x", session_id="s")
    context = point.pre_tool_call(call_id="1", name="pay", args={"to": "Eve", "amount": 5})
    wire = Interceptor(guard).intercept(context)
    assert wire["decision"] == "deny"
    assert wire["approval"]["people"] == ["manager"]
    assert Verdict.from_wire(wire).is_liftable
    assert guard.gate("s").waiting[0].id == wire["approval"]["id"]


def test_it_fails_closed(policy: remit.Policy) -> None:
    """Whatever a host gives; a plugin that crashes is a deny with a reason of ours."""
    guard = Guard(policy, plugins=[Ear(fails=True)], judges={"oddity": odd})
    host, record = _run(guard, [_pay(5)], "done")
    assert host.ran == []
    reasons = [one["verdict"].get("reason", "") for one in record.records]
    assert any(one.startswith("remit:engine_error") for one in reasons)
    contexts: list[Any] = [{}, {"interception_point": "input"}, {"interception_point": "x"}, []]
    for context in contexts:
        for waits in (False, True):
            given: Any = AsyncInterceptor(guard) if waits else Interceptor(guard)
            wire = given.intercept(context)
            wire = asyncio.run(wire) if waits else wire
            assert (wire["decision"], wire["reason"][:18]) == ("deny", "remit:engine_error")


def test_contents_of_every_sort() -> None:
    """Parts, none, and what is no text at all."""
    point = AgentContextBuilder(agent_id="a", framework="x", session_id="s")
    calls = [{"id": "1", "function": {"name": "f"}}]
    parts = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    messages: list[dict[str, Any]] = [
        {"role": "user", "content": parts},
        {"role": "assistant", "content": None, "tool_calls": calls},
        {"role": "tool", "tool_call_id": "1", "content": {"x": 1}},
    ]  # fmt: skip
    steps: Any = event_of(point.pre_model_call(model_id="m", messages=messages)).steps
    assert [one.kind for one in steps] == ["message", "call", "result"]
    assert [steps[0].text, steps[1].tool, steps[2].text] == ["a\nb", "f", '{"x": 1}']


def test_an_emitter_takes_it_as_it_is(policy: remit.Policy) -> None:
    """Without a declaration, too."""
    emitter = InterceptionEmitter()
    emitter.register(Interceptor(Guard(policy)))
    point = AgentContextBuilder(agent_id="a", framework="x", session_id="s")
    result = asyncio.run(emitter.emit(point.input(content="hello")))
    assert result.record.verdict.decision.value == "allow"
