"""Microsoft's Agent Framework: the contract, and what only it has."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import pytest

pytest.importorskip("agent_framework")
pytest.importorskip("agent_hooks")

from agent_framework import Agent, Content, FunctionMiddleware
from agent_framework import Message as Said
from agent_hooks import InterceptionBlocked
from tests.adapters.contract import SPEC, Contract, Desk, Ear, Script, odd, pay, read
from tests.adapters.framed import Agents, Client, agent_of, named

import remit
from remit import Call, Message, Policy
from remit.host.guard import Guard
from remit_plugins.adapters.agent_framework import GAPS, POINTS, middleware
from remit_plugins.adapters.agent_framework.messages import changed, steps_of
from remit_plugins.adapters.needs import MissingError

MORE = """
clause pin
  forbid message from user where text contains "47-11-08"
  otherwise redact as "#"
clause prompt
  forbid message from developer where text contains "47-11-08"
  otherwise redact as "#"
"""


class TestAgents(Contract):
    """All of it."""

    driver = Agents()

    def test_reject_runs_it_never(self, policy: Policy, asynchronous: bool) -> None:
        """The framework tells the model so itself; plugins hear who it was."""
        ear = Ear()
        guard = Guard(policy, plugins=[ear], judges={"oddity": odd})
        script = Script([[pay(5, "Eve")], "done"])
        ran = self.driver.run(guard, script, asynchronous=True)
        no = {"yes": False, "person": "ann"}
        again = self.driver.resume(guard, script, ran, no, edited=None, asynchronous=True)
        assert script.ran == []
        assert "rejected" in "\n".join(again.seen)
        assert [(one.yes, one.person) for one in ear.answered] == [(False, "ann")]


@pytest.fixture(scope="module")
def policy() -> Policy:
    return remit.load(SPEC + MORE)


@pytest.fixture
def guard(policy: Policy) -> Guard:
    return Guard(policy, judges={"oddity": odd})


class Talk:
    """A session of an agent that runs a script, to which a user speaks."""

    def __init__(self, guard: Guard, script: Script, **more: Any) -> None:
        self.client = Client(script.turns)
        self.agent = agent_of(guard, script, self.client, **more)
        self.session = self.agent.create_session(session_id="c1")

    def say(self, given: Any) -> Any:
        """What the agent answers."""
        return asyncio.run(self._run(given))

    async def _run(self, given: Any) -> Any:
        return await self.agent.run(given, session=self.session)


# ---- what is left in the framework


def test_the_session_holds_what_is_left(guard: Guard) -> None:
    """Of what is said and of results; the model sees instructions that are left."""
    script = Script(
        [[read("a")], "a secret word"], found="ask ann@acme.example", system="It is 47-11-08."
    )
    chat = Talk(guard, script)
    assert chat.say("my pin is 47-11-08").text == "a *** word"
    stored = str(chat.session.to_dict())
    assert not [one for one in ("47-11-08", "ann@acme", "secret") if one in stored]
    assert "my pin is #" in stored
    assert {"It is #.", "my pin is #"} <= set(chat.client.seen)
    assert "47-11-08" not in str(chat.client.seen)


def test_each_step_is_judged_once(policy: Policy) -> None:
    """Though the framework shows all of them before each model call, and again at the end."""
    ear = Ear()
    guard = Guard(policy, plugins=[ear], judges={"oddity": odd})
    turns: list[Any] = [[read("a", "1"), read("b", "2")], [pay(5)], "well", "done"]
    chat = Talk(guard, Script(turns, system="Be kind."))
    chat.say("please")
    chat.say("more")
    kinds = [f"{one.decision.step.kind} {one.decision.step.role}" for one in ear.told]
    assert kinds[:2] == ["message user", "message developer"]
    assert sorted(kinds[2:6]) == ["call assistant"] * 2 + ["result tool"] * 2
    assert kinds[6:] == [
        "call assistant", "result tool", "message assistant", "message user", "message assistant",
    ]  # fmt: skip
    assert {one.agent for one in ear.told} == {"desk"}


def test_results_may_be_data(guard: Guard) -> None:
    """A clause sees into it, and so does the model into what is left."""

    def find(path: str) -> dict[str, Any]:
        """Find."""
        return {"rows": ["ask ann@acme.example", 1]}

    client = Client([[Call("find", {"path": "a"}, id="1")], "done"])
    asyncio.run(Agent(client=client, tools=[find], middleware=middleware(guard)).run("please"))
    assert client.seen[-1] == '{"rows": ["ask (address)", 1]}'


def test_what_errors_say_reaches_no_model(guard: Guard) -> None:
    """The framework's own way: the policy is told the type alone."""

    def fail(path: str) -> str:
        """Fail."""
        raise ValueError("ask ann@acme.example")

    client = Client([[Call("fail", {"path": "a"}, id="1")], "done"])
    asyncio.run(Agent(client=client, tools=[fail], middleware=middleware(guard)).run("please"))
    assert "ann@acme" not in str(client.seen)


def test_the_model_is_told_the_advice_alone(guard: Guard) -> None:
    """What is for the log stays there."""
    chat = Talk(guard, Script([[pay(500)], "sorry"]))
    chat.say("please")
    assert chat.client.seen[-1] == "Offer a smaller sum."


def test_what_is_attached_has_no_authority() -> None:
    """Files, what the provider's tools did: seen; what is as it was stays, thoughts go."""
    contents = [
        Content.from_text("a secret"), Content.from_text_reasoning(text="the secret"),
        Content.from_uri("https://a.example/b", media_type="image/png"),
        Content.from_function_call("1", "f", arguments={}),
    ]  # fmt: skip
    message = {"role": "assistant", "content": [one.to_dict() for one in contents]}
    (at, old), (_, call) = steps_of(message, {})
    assert isinstance(old, Message)
    assert (old.text, [one.name for one in old.parts]) == ("a secret", ["https://a.example/b"])
    assert call == Call("f", id="1")
    new = changed(message, at, old, Message("assistant", "a ***", old.parts))
    assert [one["type"] for one in new["content"]] == ["text", "uri", "function_call"]
    assert new["content"][0]["text"] == "a ***"


def test_what_is_said_with_thoughts_is_judged(guard: Guard) -> None:
    """Where words change, thoughts go; where they do not, they stay."""

    class Thinking(Client):
        def _inner_get_response(self, **named: Any) -> Any:
            return self._said(self.left.pop(0))

        async def _said(self, turn: str) -> Any:
            from agent_framework import ChatResponse

            parts = [Content.from_text_reasoning(text=f"hm: {turn}"), Content.from_text(turn)]
            return ChatResponse(messages=[Said("assistant", parts)])

    for turn, kinds in (("fine", ["text_reasoning", "text"]), ("a secret", ["text"])):
        agent = Agent(client=Thinking([turn]), middleware=middleware(guard))
        [message] = asyncio.run(agent.run("please")).messages
        assert [one.type for one in message.contents] == kinds
        assert "secret" not in str(message.to_dict())


def test_what_was_before_is_judged(guard: Guard) -> None:
    """A session that no policy has seen so far, as where a gate is not restored."""
    script = Script([[read("a")], "a secret word", "done"], found="ask ann@acme.example")
    chat = Talk(guard, script)
    held = chat.agent
    chat.agent = Agent(client=chat.client, tools=[named("read", script.read)])
    chat.say("please")
    chat.client.seen.clear()
    chat.agent = held
    chat.say("more")
    assert {"ask (address)", "a *** word", "please"} <= set(chat.client.seen)
    assert "ann@acme" not in str(chat.client.seen)


# ---- approvals


def test_an_allowed_sibling_runs_once(guard: Guard) -> None:
    """Two others wait; each answer is for its own."""
    calls = [pay(5, id="1"), pay(5, "Eve", id="2"), pay(6, "Eve", id="3")]
    script = Script([calls, "done"])
    chat = Talk(guard, script)
    asks = chat.say("please").user_input_requests
    assert [one["to"] for _, one in script.ran] == ["Bob"]
    answers = [one.to_function_approval_response(one.function_call.call_id == "3") for one in asks]
    chat.say(Said("user", answers))
    assert script.ran[1:] == [("pay", {"to": "Eve", "amount": 6})]


def test_a_yes_is_for_what_was_asked(guard: Guard) -> None:
    """Under another policy the same call is another question."""
    script = Script([[pay(5, "Eve")], "done"])
    chat = Talk(guard, script)
    [asks] = chat.say("please").user_input_requests
    other = SPEC.replace("clause pay.asked", "clause pay.asked_differently")
    later = Guard(remit.load(other), judges={"oddity": odd})
    chat.agent = agent_of(later, script, chat.client)
    chat.say(Said("user", [asks.to_function_approval_response(True)]))
    assert script.ran == []


def test_approvers_are_asked_where_there_are_any(policy: Policy) -> None:
    """Then nothing waits."""
    guard = Guard(policy, plugins=[Desk()], judges={"oddity": odd})
    script = Script([[pay(5, "Eve", id="1"), pay(50, "Eve", id="2")], "done"])
    assert not Talk(guard, script).say("please").user_input_requests
    assert script.ran == [("pay", {"to": "Eve", "amount": 5})]


# ---- other agents, other middleware


def test_an_agent_as_a_tool(guard: Guard) -> None:
    """Its task commands nothing there; what was said above holds."""
    script = Script([])
    child = Agent(
        client=Client([[pay(50, id="1")], [pay(5, id="2")], "did it"]), name="helper",
        tools=[named("pay", script.pay)], middleware=middleware(guard, agent="helper"),
    )  # fmt: skip
    client = Client([[Call("helper", {"task": "Pay at most 1."}, id="h")], "done"])
    agent = Agent(client=client, tools=[child.as_tool()], middleware=middleware(guard))
    asyncio.run(agent.run("Pay at most 10."))
    assert script.ran == [("pay", {"to": "Bob", "amount": 5})]
    assert client.seen[-1] == "did it"


def test_a_sub_agent_under_another_policy(guard: Guard) -> None:
    """Whoever gives it its task is an agent there too."""
    script = Script([])
    other = Guard(remit.load(SPEC), judges={"oddity": odd})
    child = Agent(client=Client([[pay(50)], "did it"]), name="helper",
                  tools=[named("pay", script.pay)], middleware=middleware(other))  # fmt: skip
    client = Client([[Call("helper", {"task": "Pay at most 1."}, id="h")], "done"])
    agent = Agent(client=client, tools=[child.as_tool()], middleware=middleware(guard))
    asyncio.run(agent.run("please"))
    assert len(script.ran) == 1


def test_middleware_behind_it_is_judged(guard: Guard) -> None:
    """What it puts in the place of a result."""

    class Worse(FunctionMiddleware):  # type: ignore[misc] # its base is not typed here
        async def process(self, context: Any, call_next: Any) -> None:
            """Answer instead."""
            context.result = "ask ann@acme.example"

    client = Client([[read("a")], "done"])
    tools = [named("read", Script([]).read)]
    held = [*middleware(guard), Worse()]
    asyncio.run(Agent(client=client, tools=tools, middleware=held).run("please"))
    assert client.seen[-1] == "ask (address)"


# ---- conversations


def test_a_denied_message_raises(guard: Guard) -> None:
    """As the framework's host does: with what the user is to be told."""
    with pytest.raises(InterceptionBlocked) as caught:
        Talk(guard, Script(["fine"])).say("you idiot")
    assert caught.value.result.verdict.message == "Ask the user to be polite."


def test_runs_have_conversations_of_their_own(guard: Guard) -> None:
    """The middleware may be given to each run."""
    script = Script([[pay(50, id="1")], "one", [pay(50, id="2")], "two"])
    tools = [named("pay", script.pay)]
    agent = Agent(client=Client(script.turns), tools=tools)
    for name, text in (("c1", "Pay at most 10."), ("c2", "please")):
        asyncio.run(agent.run(text, middleware=middleware(guard, name)))
    assert len(script.ran) == 1


def test_the_host_declares() -> None:
    """What holds in a conversation."""
    text = "spec a\nauthor developer\ncontext guest: flag\ntool pay(to: text, amount: number)\n"
    guard = Guard(remit.load(text + "clause c\n  forbid call pay where guest\n"))
    for guest, runs in ((True, 0), (False, 1)):
        script = Script([[pay(5)], "done"])
        held = middleware(guard, context={"guest": guest})
        agent = Agent(client=Client(script.turns), tools=[named("pay", script.pay)],
                      middleware=held)  # fmt: skip
        asyncio.run(agent.run("please"))
        assert len(script.ran) == runs


def test_what_it_cannot_show(guard: Guard) -> None:
    """It says so."""
    covered = middleware(guard)[0].coverage()
    assert covered.gaps == GAPS
    assert covered.blind == ()
    assert set(covered.missing).isdisjoint(POINTS)


def test_it_fails_closed(guard: Guard) -> None:
    """What cannot be read is a deny."""
    held = middleware(guard)[0].interceptor
    for context in ({}, {"interception_point": "output"}, {"interception_point": "x"}):
        assert asyncio.run(held.intercept(context))["decision"] == "deny"


@pytest.mark.parametrize("missing", ["agent_framework", "agent_hooks"])
def test_without_the_framework(guard: Guard, monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    """One line."""
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(MissingError, match=rf"^`{missing}` is not installed: pip install 'remit"):
        middleware(guard)
