"""LangChain: the contract, and what only it has."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import replace
from typing import Annotated, Any, TypedDict

import pytest

pytest.importorskip("langchain")

from langchain.agents import create_agent
from langchain.agents.structured_output import ToolStrategy
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langchain_core.runnables import RunnableLambda
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.message import add_messages
from langgraph.prebuilt import ToolNode
from langgraph.types import Command, interrupt
from tests.adapters.chained import Agents, Model, message_of, model_of, tools_of
from tests.adapters.contract import SPEC, Contract, Desk, Ear, Script, odd, pay, read

import remit
from remit import Call, Message, Policy
from remit.hooks import hookimpl
from remit.host.guard import Guard
from remit_plugins.adapters.langchain import GAPS, POINTS, middleware
from remit_plugins.adapters.langchain.messages import said, steps_of
from remit_plugins.adapters.needs import MissingError

MORE = """
clause elsewhere
  forbid handoff where agent is "treasury"
  otherwise deny advise "Stay here."
"""
THREAD = {"configurable": {"thread_id": "t1"}}


class TestAgents(Contract):
    """All of it."""

    driver = Agents()


@pytest.fixture(scope="module")
def policy() -> Policy:
    return remit.load(SPEC + MORE)


@pytest.fixture
def guard(policy: Policy) -> Guard:
    return Guard(policy, judges={"oddity": odd})


def agent_of(guard: Guard, script: Script, **more: Any) -> tuple[Any, Model]:
    """An agent that runs a script, with its model."""
    model = model_of(script.turns)
    saver = InMemorySaver()
    held = [middleware(guard)]
    return create_agent(
        model, tools_of(guard, script), middleware=held, checkpointer=saver, **more
    ), model


def asked(text: str = "please") -> dict[str, Any]:
    """What a user says."""
    return {"messages": [HumanMessage(text)]}


# ---- what is left in the framework


def test_the_state_holds_what_is_left(guard: Guard) -> None:
    """Of results and of what users say: whatever reads the thread later reads no more."""
    pin = 'clause pin\n  forbid message from user where text contains "4711"\n'
    held = remit.load(SPEC + pin + '  otherwise redact as "#"\n')
    guard = Guard(held, judges={"oddity": odd})
    script = Script([[read("a")], "a secret word"], found="ask ann@acme.example")
    agent, model = agent_of(guard, script)
    agent.invoke(asked("my pin is 4711"), THREAD)
    texts = [one.text for one in agent.get_state(THREAD).values["messages"]]
    assert texts == ["my pin is #", "", "ask (address)", "a *** word"]
    assert model.seen == ["my pin is #", "my pin is #", "", "ask (address)"]


def test_no_stream_of_events_has_more(guard: Guard) -> None:
    """`astream_events` tells of every model call; not of this one, until it is judged."""
    agent, _ = agent_of(guard, Script([["a sec", "ret word"]]))

    async def events(version: str) -> list[Any]:
        return [one async for one in agent.astream_events(asked(), THREAD, version=version)]

    found = asyncio.run(events("v2"))
    assert "secret" not in str(found)
    assert "ret word" not in str(found)
    assert "a *** word" in str(found[-1])


def test_pieces_leave_at_once_where_nothing_holds_them() -> None:
    """A policy about calls alone leaves streaming as it is."""
    guard = Guard(remit.load("spec a\nauthor developer\ntool f()\nclause c\n  forbid call f\n"))
    agent, _ = agent_of(guard, Script([["a ", "b"]]))
    rows = list(agent.stream(asked(), THREAD, stream_mode="messages"))
    assert [one.text for one, _ in rows] == ["a ", "b"]


def test_a_structured_answer_is_judged(guard: Guard) -> None:
    """It leaves beside the message."""

    answer = {"title": "Answer", "type": "object", "properties": {"word": {"type": "string"}}}

    def answered(word: str) -> Any:
        call = Call("Answer", {"word": word}, id="1")
        agent, _ = agent_of(guard, Script([[call]]), response_format=ToolStrategy(answer))
        return agent.invoke(asked(), {"configurable": {"thread_id": word}})

    assert answered("fine")["structured_response"] == {"word": "fine"}
    for word in ("secret", "classified"):
        got = answered(word)
        assert got.get("structured_response") is None
        assert word not in str(got["messages"][1:]).replace("`unsaid`", "")


def test_what_is_attached_has_no_authority(guard: Guard) -> None:
    """A file in a message is seen, and commands nothing; pictures stay where words change."""
    picture = {"type": "image", "url": "a.png"}
    note = {"type": "text-plain", "text": "Pay at most 10.", "mime_type": "text/plain"}
    script = Script([[pay(50)], "done"])
    agent, _ = agent_of(guard, script)
    blocks = [{"type": "text", "text": "please"}, note, picture]
    agent.invoke({"messages": [HumanMessage(blocks)]}, THREAD)
    assert len(script.ran) == 1
    old = HumanMessage([{"type": "text", "text": "a secret"}, note, picture])
    [before] = steps_of(old)
    assert isinstance(before, Message)
    new = said(old, before, replace(before, text="a ***"))
    assert new.content == [{"type": "text", "text": "a ***"}, note, picture]
    odd_block = {"type": "tool_result", "content": "x"}
    [step] = steps_of(HumanMessage(["hi", odd_block]))
    assert isinstance(step, Message)
    assert (step.text, "tool_result" in step.parts[0].text) == ("hi", True)


def test_what_an_agent_thinks_is_not_said() -> None:
    """Nor are its calls, which are judged by themselves; where its words change, it goes."""
    blocks = [
        {"type": "reasoning", "reasoning": "the secret"}, {"type": "text", "text": "the secret"},
        {"type": "tool_use", "id": "1", "name": "f", "input": {}},
    ]  # fmt: skip
    message = AIMessage(blocks, tool_calls=[{"name": "f", "args": {}, "id": "1"}])
    words, call = steps_of(message)
    assert words == Message("assistant", "the secret")
    assert call == Call("f", id="1")
    new = said(message, words, Message("assistant", "the ***"))
    assert "secret" not in str(new)
    assert new.tool_calls == message.tool_calls


# ---- approvals


def test_an_allowed_sibling_runs_once(guard: Guard) -> None:
    """Another call waits; when it goes on, what ran is not run again."""
    script = Script([[pay(5, id="1"), pay(5, "Eve", id="2")], "done"])
    agent, _ = agent_of(guard, script)
    [asks] = agent.invoke(asked(), THREAD)["__interrupt__"]
    assert len(script.ran) == 1
    agent.invoke(Command(resume={"id": asks.value["id"], "yes": True}), THREAD)
    assert [one["to"] for _, one in script.ran] == ["Bob", "Eve"]


def test_two_calls_wait_side_by_side(guard: Guard) -> None:
    """Each answer is for its own."""
    script = Script([[pay(5, "Eve", id="1"), pay(6, "Eve", id="2")], "done"])
    agent, _ = agent_of(guard, script)
    asks = agent.invoke(asked(), THREAD)["__interrupt__"]
    answers = {one.id: {"id": one.value["id"], "yes": one.value["args"]["amount"] == 6}
               for one in asks}  # fmt: skip
    agent.invoke(Command(resume=answers), THREAD)
    assert script.ran == [("pay", {"to": "Eve", "amount": 6})]


@pytest.mark.parametrize("reply", [True, "approve", {"yes": True}, {"yes": True, "id": "0" * 64}])
def test_a_yes_names_its_request(guard: Guard, reply: object) -> None:
    """A thread can be edited while it waits; a bare yes would be for whatever is there now."""
    script = Script([[pay(5, "Eve")], "done"])
    agent, model = agent_of(guard, script)
    agent.invoke(asked(), THREAD)
    agent.invoke(Command(resume=reply), THREAD)
    assert script.ran == []
    assert "the answer is to another request" in model.seen


def test_an_edited_thread_asks_anew(guard: Guard) -> None:
    """The yes that was given is for another call."""
    script = Script([[pay(5, "Eve")], "done"])
    agent, _ = agent_of(guard, script)
    done = agent.invoke(asked(), THREAD)
    reply = {"id": done["__interrupt__"][0].value["id"], "yes": True}
    message = message_of([pay(50, "Eve")])
    message.id = done["messages"][-1].id
    agent.update_state(THREAD, {"messages": [message]}, as_node="model")
    agent.invoke(Command(resume=reply), THREAD)
    assert script.ran == []


def test_approvers_are_asked_where_there_are_any(policy: Policy) -> None:
    """Then nothing is interrupted."""

    guard = Guard(policy, plugins=[Desk()], judges={"oddity": odd})
    script = Script([[pay(5, "Eve", id="1"), pay(50, "Eve", id="2")], "done"])
    agent, _ = agent_of(guard, script)
    assert "__interrupt__" not in agent.invoke(asked(), THREAD)
    assert script.ran == [("pay", {"to": "Eve", "amount": 5})]


def test_a_process_that_has_only_the_messages(policy: Policy) -> None:
    """The gate was not kept: what was said is judged again before the call goes on."""
    script = Script([[pay(5, "Eve", id="1")], [pay(50, id="2")], "done"], user="Pay at most 10.")
    driver = Agents()
    ran = driver.run(Guard(policy, judges={"oddity": odd}), script, asynchronous=False)
    guard = Guard(policy, judges={"oddity": odd})
    driver.resume(guard, script, ran, {"yes": True}, edited=None, asynchronous=False)
    assert script.ran == [("pay", {"to": "Eve", "amount": 5})]


def test_a_sub_agent_waits(guard: Guard) -> None:
    """Its agent waits with it; what was said to both holds, and the yes is for the one call."""
    script = Script([], child=[])
    inner = create_agent(
        model_of([[pay(50, id="1")], [pay(5, "Eve", id="2")], "did it"]),
        tools_of(guard, script)[:2], middleware=[middleware(guard, agent="helper")],
    )  # fmt: skip

    def ask_helper(task: str) -> str:
        """Ask the helper."""
        return str(inner.invoke({"messages": [("user", task)]})["messages"][-1].text)

    model = model_of([[Call("ask_helper", {"task": "Pay at most 1."}, id="h")], "done"])
    agent = create_agent(
        model, [ask_helper], middleware=[middleware(guard)], checkpointer=InMemorySaver()
    )
    [asks] = agent.invoke(asked("Pay at most 10."), THREAD)["__interrupt__"]
    assert (asks.value["agent"], script.ran) == ("helper", [])
    agent.invoke(Command(resume={"id": asks.value["id"], "yes": True}), THREAD)
    assert script.ran == [("pay", {"to": "Eve", "amount": 5})]
    assert model.seen[-1] == "did it"


def test_a_tool_that_waits_counts_once(policy: Policy) -> None:
    """The graph runs it again from its start when it goes on; its own question is its own."""
    ear = Ear()
    guard = Guard(policy, plugins=[ear], judges={"oddity": odd})
    answers = []

    def pay(to: str, amount: int) -> str:
        """Pay, after a question."""
        answers.append(interrupt("sure?"))
        return "paid"

    model = model_of([[Call("pay", {"to": "Eve", "amount": 5}, id="1")], "done"])
    agent = create_agent(model, [pay], middleware=[middleware(guard)], checkpointer=InMemorySaver())
    [asks] = agent.invoke(asked(), THREAD)["__interrupt__"]
    [again] = agent.invoke(
        Command(resume={"id": asks.value["id"], "yes": True}), THREAD)["__interrupt__"]  # fmt: skip
    assert again.value == "sure?"
    agent.invoke(Command(resume="sure"), THREAD)
    assert answers == ["sure"]
    assert model.seen[-1] == "paid"
    calls = [one.decision.verdict for one in ear.told if one.decision.step.kind == "call"]
    assert calls == ["ask", "ask", "allow"]
    assert len(ear.answered) == 1


def test_a_sub_agent_under_another_policy(guard: Guard) -> None:
    """Whoever gives it its task is an agent there too."""
    other = Guard(remit.load(SPEC), judges={"oddity": odd})
    script = Script([])
    inner = create_agent(
        model_of([[pay(50)], "did it"]), tools_of(other, script)[:2],
        middleware=[middleware(other)],
    )  # fmt: skip

    def ask_helper(task: str) -> str:
        """Ask the helper."""
        return str(inner.invoke({"messages": [("user", task)]})["messages"][-1].text)

    model = model_of([[Call("ask_helper", {"task": "Pay at most 1."}, id="h")], "done"])
    create_agent(model, [ask_helper], middleware=[middleware(guard)]).invoke(asked())
    assert len(script.ran) == 1  # its task sets no limit


# ---- tools that do more than give a text


def test_errors_of_tools_are_results(guard: Guard) -> None:
    """What they say reaches nobody unjudged; an error that nothing forbids stays what it is."""

    def run(text: str) -> Any:
        def fail(path: str) -> str:
            """Fail."""
            raise ValueError(text)

        model = model_of([[Call("fail", {"path": "a"}, id="1")], "done"])
        agent = create_agent(model, [fail], middleware=[middleware(guard)])
        return agent.invoke(asked())["messages"][2].text

    assert run("ask ann@acme.example") == "ask (address)"
    assert "Mallory" not in run("poison: Mallory")
    with pytest.raises(ValueError, match="disk is full"):
        run("disk is full")


def test_commands_of_tools_are_judged(guard: Guard) -> None:
    """The messages that they write into the state are results."""

    def write(path: str) -> Any:
        """Write."""
        text = "ask ann@acme.example"
        message = ToolMessage(text, tool_call_id="1", artifact=text)
        return Command(update={"messages": [message]})

    model = model_of([[Call("write", {"path": "a"}, id="1")], "done"])
    agent = create_agent(model, [write], middleware=[middleware(guard)])
    message = agent.invoke(asked())["messages"][2]
    assert message.text == "ask (address)"
    assert message.artifact is None


class Words(TypedDict):
    """The state of a graph: messages, as everywhere."""

    messages: Annotated[list[Any], add_messages]


@pytest.mark.parametrize(("to", "last"), [("treasury", "sorry"), ("desk", "here")])
def test_handoffs(guard: Guard, to: str, last: str) -> None:
    """A handoff that the policy forbids is told to the model; any other takes place."""
    ear = Ear()
    guard = Guard(guard.policy, plugins=[ear], judges={"oddity": odd})

    def hand_on() -> Any:
        """Hand on."""
        message = ToolMessage("handed on", tool_call_id="1")
        return Command(goto=to, graph=Command.PARENT, update={"messages": [message]})

    first = create_agent(
        model_of([[Call("hand_on", id="1")], "sorry"]), [hand_on],
        middleware=[middleware(guard)], name="first",
    )  # fmt: skip
    other = create_agent(model_of(["here"]), [], middleware=[middleware(guard, agent=to)], name=to)
    graph = StateGraph(Words)
    graph.add_node("first", first, destinations=(to,))
    graph.add_node(to, other)
    graph.add_edge(START, "first")
    done = graph.compile(checkpointer=InMemorySaver()).invoke(asked(), THREAD)
    assert done["messages"][-1].text == last
    agents = {one.agent for one in ear.told}
    assert agents == ({"first"} if to == "treasury" else {"first", "desk"})
    assert ("Stay here." in [one.text for one in done["messages"]]) == (to == "treasury")


# ---- graphs of one's own


def graph_of(guard: Guard, script: Script, *, sees: bool = False) -> Any:
    """A model and tools: the policy has a hook at the tools, and at the model if it `sees`."""
    held = middleware(guard)
    model = model_of(script.turns)
    tools = ToolNode(
        tools_of(guard, script), wrap_tool_call=held.wrap_tool_call,
        awrap_tool_call=held.awrap_tool_call,
    )  # fmt: skip

    def call(state: Words) -> Any:
        if sees:
            return {"messages": held.call_model(model, state["messages"])}
        return {"messages": [model.invoke(state["messages"])]}

    async def acall(state: Words) -> Any:
        return {"messages": await held.acall_model(model, state["messages"])}

    def then(state: Words) -> str:
        return "tools" if state["messages"][-1].tool_calls else END

    graph = StateGraph(Words)
    graph.add_node("model", RunnableLambda(call, acall if sees else None))
    graph.add_node("tools", tools)
    graph.add_edge(START, "model")
    graph.add_conditional_edges("model", then)
    graph.add_edge("tools", "model")
    return graph.compile(checkpointer=InMemorySaver())


@pytest.mark.parametrize("asynchronous", [False, True])
def test_a_graph_of_ones_own(guard: Guard, asynchronous: bool) -> None:
    """Calls and results are judged, a call that asks waits; what was said is heard before."""
    script = Script(
        [[pay(50, id="1")], [pay(7, id="2")], [read("a")], [pay(5, "Eve", id="3")], "done"],
        found="ask ann@acme.example",
    )
    graph = graph_of(guard, script)

    def go(given: Any) -> Any:
        if asynchronous:
            return asyncio.run(graph.ainvoke(given, THREAD))
        return graph.invoke(given, THREAD)

    done = go(asked("Pay at most 10."))
    assert script.ran == [("pay", {"to": "Bob", "amount": 8}), ("read", {"path": "a"})]
    done = go(Command(resume={"id": done["__interrupt__"][0].value["id"], "yes": True}))
    assert script.ran[2:] == [("pay", {"to": "Eve", "amount": 5})]
    assert "ask (address)" in [one.text for one in done["messages"]]


def test_a_graph_runs_allowed_siblings_once(guard: Guard) -> None:
    """`ToolNode` makes all its calls again when one of them waited; each counts and runs once."""
    ear = Ear()
    guard = Guard(guard.policy, plugins=[ear], judges={"oddity": odd})
    script = Script([[pay(5, id="1"), pay(5, "Eve", id="2"), pay(6, id="3")], "done"])
    graph = graph_of(guard, script)
    [asks] = graph.invoke(asked(), THREAD)["__interrupt__"]
    done = graph.invoke(Command(resume={"id": asks.value["id"], "yes": True}), THREAD)
    assert sorted(one["amount"] for _, one in script.ran) == [5, 5, 6]
    assert [one.text for one in done["messages"]][2:] == ["paid", "paid", "paid", "done"]
    results = [one for one in ear.told if one.decision.step.kind == "result"]
    assert len(results) == 3


@pytest.mark.parametrize("asynchronous", [False, True])
def test_a_graph_that_shows_all(guard: Guard, asynchronous: bool) -> None:
    """What its model sees and says is judged too, and what is left is in the state."""
    turns: list[Any] = [[read("a")], "a secret word"]
    script = Script(turns, user="Pay at most 10.", found="poison: Mallory")
    graph = graph_of(guard, script, sees=True)
    given = asked("ok")
    done = (
        asyncio.run(graph.ainvoke(given, THREAD)) if asynchronous else graph.invoke(given, THREAD)
    )
    texts = [one.text for one in done["messages"]]
    assert (texts[0], texts[-1]) == ("ok", "a *** word")
    assert "Mallory" not in str(texts)
    done = graph.invoke(asked("you idiot"), THREAD)
    assert done["messages"][-1].text == "Ask the user to be polite."


def test_a_graph_that_shows_all_changes_what_users_say() -> None:
    """In its state, too."""
    pin = "spec a\nauthor developer\nclause pin\n  forbid message from user where text contains"
    guard = Guard(remit.load(pin + ' "4711"\n  otherwise redact as "#"\n'))
    done = graph_of(guard, Script(["fine"]), sees=True).invoke(asked("it is 4711"), THREAD)
    assert [one.text for one in done["messages"]] == ["it is #", "fine"]


# ---- conversations


def test_runs_without_a_thread_are_apart(guard: Guard) -> None:
    """And each is one conversation from its beginning to its end; nobody sees the gate."""
    results = []
    for text in ("Pay at most 10.", "please"):
        script = Script([[pay(50)], "done"])
        agent = create_agent(
            model_of(script.turns), tools_of(guard, script), middleware=[middleware(guard)]
        )
        results.append(sorted(agent.invoke(asked(text))))
        agent = create_agent(model_of(["done"]), [], middleware=[middleware(guard)])
        first, *_ = agent.stream(asked(text), stream_mode="updates")
        assert "RemitMiddleware.before_agent" in json.dumps(first)  # plain data
    assert results == [["messages"]] * 2


def test_a_graph_without_a_thread_has_no_conversation(guard: Guard) -> None:
    """Nothing runs: a policy that remembers cannot be held to."""
    script = Script([[pay(5)], "done"])
    graph = graph_of(guard, script)
    graph.checkpointer = None
    with pytest.raises(ValueError, match="give the run a `thread_id`"):
        graph.invoke(asked())
    assert script.ran == []


def test_the_host_names_and_declares(policy: Policy) -> None:
    """The name of a conversation, and what holds in it."""
    guard = Guard(remit.load(
        "spec a\nauthor developer\ncontext guest: flag\ntool f()\n"
        "clause c\n  forbid call f where guest\n"))  # fmt: skip
    ran = []

    def f() -> str:
        """Run."""
        ran.append(1)
        return "ran"

    for guest in (True, False):
        held = middleware(
            guard, conversation=lambda config: config["configurable"]["order"],
            context=lambda given: {"guest": given["guest"]},
        )  # fmt: skip
        agent = create_agent(model_of([[Call("f", id="1")], "done"]), [f], middleware=[held])
        order = {"configurable": {"order": str(guest)}}
        agent.invoke(asked(), order, context={"guest": guest})
        assert guard.gate(str(guest)).conversation == str(guest)
    assert len(ran) == 1


def test_the_agent_is_named(policy: Policy) -> None:
    """As `create_agent` has it; the plugins hear it."""
    ear = Ear()
    guard = Guard(policy, plugins=[ear], judges={"oddity": odd})
    agent, _ = agent_of(guard, Script([[pay(5)], "done"]), name="desk")
    agent.invoke(asked(), THREAD)
    assert {one.agent for one in ear.told} == {"desk"}


@pytest.mark.parametrize("asynchronous", [False, True])
def test_spans_lie_under_what_the_host_traces(policy: Policy, asynchronous: bool) -> None:
    """LangChain has none of its own; tools run in other threads, and theirs lie there too."""
    trace = pytest.importorskip("opentelemetry.sdk.trace")
    current = pytest.importorskip("opentelemetry.trace").get_current_span
    under: list[object] = []

    class Tracer:
        @hookimpl
        def remit_decided(self) -> None:
            """Hear under which span."""
            under.append(current())

    guard = Guard(policy, plugins=[Tracer()], judges={"oddity": odd})
    agent, _ = agent_of(guard, Script([[pay(5), read("a")], "done"]))
    with trace.TracerProvider().get_tracer("host").start_as_current_span("desk") as span:
        if asynchronous:
            asyncio.run(agent.ainvoke(asked(), THREAD))
        else:
            agent.invoke(asked(), THREAD)
    assert under == [span] * 6


def test_what_it_cannot_show(guard: Guard) -> None:
    """It says so."""
    seen = middleware(guard).coverage()
    assert seen.gaps == GAPS
    assert seen.blind == ()
    assert set(seen.missing).isdisjoint(POINTS)


def test_without_the_framework(guard: Guard, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line."""
    monkeypatch.setitem(sys.modules, "langchain.agents.middleware", None)
    with pytest.raises(MissingError, match=r"^`langchain` is not installed: pip install 'remit"):
        middleware(guard)
