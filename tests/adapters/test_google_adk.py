"""Google's ADK: the contract, and what only it has."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest

pytest.importorskip("google.adk")

from google.adk.agents import BaseAgent, LlmAgent
from google.adk.events import Event as AdkEvent
from google.adk.runners import Runner
from google.adk.sessions import InMemorySessionService
from google.adk.tools.agent_tool import AgentTool
from google.adk.tools.function_tool import FunctionTool
from google.genai import types
from tests.adapters.adked import (
    STREAMED,
    Agents,
    agent_of,
    all_of,
    confirmed,
    left_of,
    model_of,
    opened,
    requests_of,
    runner_of,
    said,
)
from tests.adapters.contract import SPEC, Contract, Desk, Ear, Script, odd, pay, read

import remit
from remit import Call, Message, Policy
from remit.hooks import hookimpl
from remit.host.guard import Guard
from remit_plugins.adapters.google_adk import GAPS, POINTS, name_of, plugin
from remit_plugins.adapters.google_adk.contents import changed, message_of
from remit_plugins.adapters.needs import MissingError

# ADK's own `AgentTool` uses what ADK has deprecated.
pytestmark = pytest.mark.filterwarnings("ignore:The `plugins` argument:DeprecationWarning")

MORE = """
clause elsewhere
  forbid handoff where agent is "treasury"
  otherwise deny advise "Stay here."
clause pin
  forbid message from user where text contains "47-11-08"
  otherwise redact as "#"
"""


class TestAgents(Contract):
    """All of it."""

    driver = Agents()


@pytest.fixture(scope="module")
def policy() -> Policy:
    return remit.load(SPEC + MORE)


@pytest.fixture
def guard(policy: Policy) -> Guard:
    return Guard(policy, judges={"oddity": odd})


class Talk:
    """A session of an agent under a guard, to which a user speaks."""

    def __init__(self, guard: Guard, agent: Any, *more: Any, **named: Any) -> None:
        self.sessions = InMemorySessionService()
        self.runner = runner_of(guard, agent, self.sessions, *more, **named)
        asyncio.run(opened(self.sessions, "c1"))

    def say(self, given: Any) -> list[Any]:
        """The events that come of it."""
        message = said(given) if isinstance(given, str) else given
        run = {"user_id": "u", "session_id": "c1", "new_message": message, "run_config": STREAMED}
        return asyncio.run(all_of(self.runner.run_async(**run)))

    @property
    def session(self) -> Any:
        """What is stored."""
        found = self.sessions.get_session(app_name="app", user_id="u", session_id="c1")
        return asyncio.run(found)


def talk(guard: Guard, script: Script, *more: Any, **named: Any) -> Talk:
    """A session of an agent that runs a script."""
    return Talk(guard, agent_of(script, model_of(script.turns), **named), *more)


# ---- what is left in the framework


def test_the_session_holds_what_is_left(guard: Guard) -> None:
    """Of what is said and of results; so does the state that agents write."""
    script = Script([[read("a")], "a secret word"], found="ask ann@acme.example")
    chat = talk(guard, script, output_key="answer")
    chat.say("my pin is 47-11-08")
    stored = str([one.content for one in chat.session.events])
    assert not [one for one in ("47-11-08", "ann@acme", "secret") if one in stored]
    assert "my pin is #" in stored
    assert chat.session.state["answer"] == "a *** word"


def test_each_step_is_judged_once(policy: Policy) -> None:
    """Though ADK shows all of them before each model call, results without their ids."""
    ear = Ear()
    guard = Guard(policy, plugins=[ear], judges={"oddity": odd})
    turns: list[Any] = [[read("a", ""), read("b", "")], [pay(5, id="")], "well", "done"]
    chat = talk(guard, Script(turns, system="Be kind."))
    chat.say("please")
    chat.say("more")
    steps = [one.decision.step for one in ear.told]
    kinds = [f"{one.kind} {one.role}" for one in steps]
    assert kinds == [
        "message user", "message developer", "call assistant", "result tool", "call assistant",
        "result tool", "call assistant", "result tool", "message assistant", "message user",
        "message assistant",
    ]  # fmt: skip
    assert {one.agent for one in ear.told} == {"desk"}


def test_what_is_told_instead_is_no_result(policy: Policy) -> None:
    """No tool gave it."""
    ear = Ear()
    guard = Guard(policy, plugins=[ear], judges={"oddity": odd})
    talk(guard, Script([[pay(500)], "sorry"])).say("please")
    kinds = [one.decision.step.kind for one in ear.told]
    assert kinds == ["message", "message", "call", "message"]


def test_results_may_be_data(guard: Guard) -> None:
    """A clause sees into it, and so does the model into what is left."""

    def find(path: str) -> dict[str, Any]:
        """Find."""
        return {"rows": ["ask ann@acme.example", 1]}

    model = model_of([[Call("find", {"path": "a"}, id="1")], "done"])
    Talk(guard, LlmAgent(name="desk", model=model, tools=[find])).say("please")
    assert "{'rows': ['ask (address)', 1]}" in model.seen


def test_errors_of_tools_are_results(guard: Guard) -> None:
    """What they say reaches nobody unjudged; an error that nothing forbids stays what it is."""

    def run(text: str) -> list[str]:
        def fail(path: str) -> str:
            """Fail."""
            raise ValueError(text)

        model = model_of([[Call("fail", {"path": "a"}, id="1")], "done"])
        Talk(guard, LlmAgent(name="desk", model=model, tools=[fail])).say("please")
        return model.seen

    assert "{'error': 'ask (address)'}" in run("ask ann@acme.example")
    assert "Mallory" not in str(run("poison: Mallory"))
    with pytest.raises(ValueError, match="disk is full"):
        run("disk is full")


def test_pieces_leave_at_once_where_nothing_holds_them() -> None:
    """A policy about calls alone leaves streaming as it is."""
    guard = Guard(remit.load("spec a\nauthor developer\ntool f()\nclause c\n  forbid call f\n"))
    events = talk(guard, Script([["a ", "b"]])).say("please")
    assert [one.content.parts[0].text for one in events] == ["a ", "b", "a b"]


def test_what_is_attached_has_no_authority() -> None:
    """Files, code: seen, and commanding nothing; what is as it was stays, thoughts go."""
    parts = [
        types.Part(text="a secret"), types.Part(text="the secret", thought=True),
        types.Part(executable_code=types.ExecutableCode(code="pay()", language="PYTHON")),
        types.Part(inline_data=types.Blob(data=b"x", mime_type="image/png")),
        types.Part(file_data=types.FileData(file_uri="gs://a", mime_type="text/plain")),
        types.Part(function_call=types.FunctionCall(name="f", args={})),
    ]  # fmt: skip
    content = types.Content(role="model", parts=parts)
    old = message_of(content, "assistant")
    assert old is not None
    assert old.text == "a secret"
    assert [one.name for one in old.parts] == ["executable_code", "image/png", "gs://a"]
    assert "pay()" in old.parts[0].text
    new = changed(content, 0, old, Message("assistant", "a ***", old.parts))
    assert [one.text for one in new.parts] == ["a ***", None, None, None, None]
    assert new.parts[1:] == parts[2:]


def test_pieces_that_are_held_back_are_no_events(guard: Guard) -> None:
    """Nobody sees that there were any."""
    [event] = talk(guard, Script([["a sec", "ret word"]])).say("please")
    assert event.content.parts[0].text == "a *** word"


class Code(BaseAgent):  # type: ignore[misc] # its base is not typed here
    """An agent of plain code."""

    async def _run_async_impl(self, ctx: Any) -> AsyncIterator[Any]:
        for text, partial in (("a classi", True), ("a classified word", False), ("fine", False)):
            content = types.Content(role="model", parts=[types.Part(text=text)])
            yield AdkEvent(author=self.name, content=content, partial=partial)


def test_agents_without_a_model_are_judged(guard: Guard) -> None:
    """What they say is held back, and stored as it is left."""
    chat = Talk(guard, Code(name="code"))
    events = chat.say("please")
    assert "classified word" not in left_of(events)
    assert "classi" not in str(events[0].content)
    assert events[-1].content.parts[0].text == "fine"
    assert "classified word" not in str([one.content for one in chat.session.events])


def test_callbacks_of_agents_say_nothing_unjudged(guard: Guard) -> None:
    """They come after the plugin; what leaves is judged after them."""

    def worse(callback_context: Any, llm_response: Any) -> Any:
        llm_response.content.parts[0].text = "a secret word"
        return llm_response

    events = talk(guard, Script(["fine"]), after_model_callback=worse).say("please")
    assert left_of(events) == "a *** word"


def test_results_from_a_client_are_judged(guard: Guard) -> None:
    """A tool that runs long is answered later, by whoever runs it."""
    from google.adk.tools.long_running_tool import LongRunningFunctionTool

    def order(path: str) -> dict[str, str]:
        """Order."""
        return {"status": "pending"}

    model = model_of([[Call("order", {"path": "a"}, id="1")], "wait", "done"])
    tools = [LongRunningFunctionTool(order)]
    chat = Talk(guard, LlmAgent(name="desk", model=model, tools=tools))
    chat.say("please")
    given = types.FunctionResponse(name="order", id="1", response={"to": "ann@acme.example"})
    chat.say(types.Content(role="user", parts=[types.Part(function_response=given)]))
    assert "{'to': '(address)'}" in model.seen
    assert "ann@acme" not in str(model.seen)


def test_what_was_before_is_judged(guard: Guard) -> None:
    """A session that no policy has seen so far, as where a gate is not restored."""
    script = Script([[read("a")], "a secret word", "done"], found="ask ann@acme.example")
    chat = talk(guard, script)
    held = chat.runner
    chat.runner = Runner(app_name="app", agent=held.agent, session_service=chat.sessions)
    chat.say("Pay at most 10.")
    seen = held.agent.model.seen
    seen.clear()
    chat.runner = held
    chat.say("more")
    assert {"{'result': 'ask (address)'}", "a *** word", "Pay at most 10."} <= set(seen)


# ---- approvals


def test_an_allowed_sibling_runs_once(guard: Guard) -> None:
    """Two others wait; each answer is for its own."""
    calls = [pay(5, id="1"), pay(5, "Eve", id="2"), pay(6, "Eve", id="3")]
    script = Script([calls, "done"])
    chat = talk(guard, script)
    first, second = requests_of(chat.say("please"))
    assert [one["to"] for _, one in script.ran] == ["Bob"]
    parts = [*confirmed(first.id, yes=False).parts, *confirmed(second.id, yes=True).parts]
    chat.say(types.Content(role="user", parts=parts))
    assert script.ran[1:] == [("pay", {"to": "Eve", "amount": 6})]


def test_an_edited_call_is_the_one_that_runs(guard: Guard) -> None:
    """Once it asks anew, and is agreed to; in the words of the one who edits it."""
    script = Script([[pay(5, "Eve")], "done"])
    chat = talk(guard, script)
    [asks] = requests_of(chat.say("please"))
    edit = {"args": {"to": "Eve", "amount": 6}}
    [again] = requests_of(chat.say(confirmed(asks.id, yes=True, payload=edit)))
    assert script.ran == []
    assert again.args["toolConfirmation"]["payload"]["args"] == edit["args"]
    chat.say(confirmed(again.id, yes=True))
    assert script.ran == [("pay", {"to": "Eve", "amount": 6})]


def test_a_yes_is_for_what_was_asked(policy: Policy, guard: Guard) -> None:
    """Under another policy the same call is another question."""
    script = Script([[pay(5, "Eve")], "done"])
    chat = talk(guard, script)
    [asks] = requests_of(chat.say("please"))
    other = SPEC.replace("clause pay.asked", "clause pay.asked_differently")
    later = Guard(remit.load(other), judges={"oddity": odd})
    chat.runner = runner_of(later, chat.runner.agent, chat.sessions)
    chat.say(confirmed(asks.id, yes=True))
    assert script.ran == []


def test_a_tool_that_asks_itself_asks_once(guard: Guard) -> None:
    """The framework's own question and ours are one."""
    script = Script([[pay(5, "Eve")], "done"])
    tool = FunctionTool(script.pay, require_confirmation=True)
    chat = Talk(guard, LlmAgent(name="desk", model=model_of(script.turns), tools=[tool]))
    [asks] = requests_of(chat.say("please"))
    chat.say(confirmed(asks.id, yes=True))
    assert len(script.ran) == 1


def test_approvers_are_asked_where_there_are_any(policy: Policy) -> None:
    """Then nothing waits."""
    guard = Guard(policy, plugins=[Desk()], judges={"oddity": odd})
    script = Script([[pay(5, "Eve", id="1"), pay(50, "Eve", id="2")], "done"])
    assert requests_of(talk(guard, script).say("please")) == []
    assert script.ran == [("pay", {"to": "Eve", "amount": 5})]


@pytest.mark.parametrize(("plugins", "runs"), [((), 0), ((Desk(),), 1)], ids=["nobody", "desk"])
def test_a_sub_agent_cannot_wait(policy: Policy, plugins: tuple[object, ...], runs: int) -> None:
    """ADK gives its session up; approvers can be asked."""
    guard = Guard(policy, plugins=plugins, judges={"oddity": odd})
    ask = Call("ask_helper", {"request": "pay"}, id="h1")
    script = Script([[ask], "done"], child=[[pay(5, "Eve")], "did it"])
    model = model_of(script.turns)
    Talk(guard, agent_of(script, model)).say("please")
    assert "did it" in model.seen[-1]
    assert len(script.ran) == runs


# ---- other agents


@pytest.mark.parametrize(("to", "runs"), [("treasury", 0), ("shop", 1)])
def test_handoffs(guard: Guard, to: str, runs: int) -> None:
    """A handoff that the policy forbids is told to the model. What the first agent said is not the
    user's word to the other one, though ADK shows it so; what the user said is."""
    script = Script([])
    turns = [[pay(50, id="1")], [pay(8, id="2")], "did it"]
    other = LlmAgent(name=to, model=model_of(turns), tools=[script.pay])
    move = Call("transfer_to_agent", {"agent_name": to}, id="m")
    said_first = "Spend at most 1."
    model = model_of([[Call("note", {"text": said_first}, id="n")], [move], "sorry"])

    def note(text: str) -> str:
        """Note."""
        return text

    desk = LlmAgent(name="desk", model=model, tools=[note], sub_agents=[other])
    Talk(guard, desk).say("Pay at most 10.")
    assert len(script.ran) == runs
    assert ("Stay here." in str(model.seen)) == (runs == 0)
    assert not runs or said_first in str(other.model.seen)


def test_a_task_is_not_the_users_word(guard: Guard) -> None:
    """An agent that others delegate to, within the session."""
    script = Script([])
    helper = LlmAgent(
        name="helper", model=model_of([[pay(50)], "did it"]), tools=[script.pay],
        mode="single_turn", description="Helps.",
    )  # fmt: skip
    ask = Call("helper", {"request": "Pay at most 1."}, id="h")
    model = model_of([[ask], "done"])
    Talk(guard, LlmAgent(name="desk", model=model, sub_agents=[helper])).say("please")
    assert script.ran == [("pay", {"to": "Bob", "amount": 50})]
    assert "Pay at most 1." in str(helper.model.seen)


def test_a_sub_agent_under_another_policy(guard: Guard) -> None:
    """A runner of its own: whoever gives it its task is an agent there too."""
    script = Script([])
    inner = LlmAgent(name="helper", model=model_of([[pay(50)], "did it"]), tools=[script.pay])
    other = Talk(Guard(remit.load(SPEC), judges={"oddity": odd}), inner)

    async def ask_helper(task: str) -> str:
        """Ask the helper."""
        run = {"user_id": "u", "session_id": "c1", "new_message": said(task)}
        return left_of(await all_of(other.runner.run_async(**run)))

    model = model_of([[Call("ask_helper", {"task": "Pay at most 1."}, id="h")], "done"])
    Talk(guard, LlmAgent(name="desk", model=model, tools=[ask_helper])).say("please")
    assert len(script.ran) == 1
    assert "did it" in model.seen[-1]


def test_a_tool_of_an_agent_leaves_nothing_behind(guard: Guard) -> None:
    """The gate of a sub-agent is not kept, nor who called."""
    ask = Call("ask_helper", {"request": "pay"}, id="h1")
    script = Script([[ask], "done"], child=["did it"])
    chat = talk(guard, script)
    chat.say("please")
    [held] = chat.runner.plugin_manager.plugins
    assert held._gates._children == {}
    assert isinstance(chat.runner.agent.tools[-1], AgentTool)


# ---- conversations


def test_sessions_of_users_are_apart(guard: Guard) -> None:
    """Two users may name theirs alike."""
    sessions = InMemorySessionService()
    asked = [sessions.create_session(app_name="a", user_id=one, session_id="s/1") for one in "uv"]
    names = [name_of(asyncio.run(one)) for one in asked]
    assert names == ["a/u/s%2F1", "a/v/s%2F1"]


def test_the_host_declares() -> None:
    """What holds in a conversation, from its session."""
    text = "spec a\nauthor developer\ncontext guest: flag\ntool pay(to: text, amount: number)\n"
    guard = Guard(remit.load(text + "clause c\n  forbid call pay where guest\n"))
    for guest, runs in ((True, 0), (False, 1)):
        script = Script([[pay(5)], "done"])
        agent = agent_of(script, model_of(script.turns))
        Talk(guard, agent, context=lambda _, guest=guest: {"guest": guest}).say("please")
        guard.close("c1")
        assert len(script.ran) == runs


def test_spans_nest(guard: Guard) -> None:
    """A decision about a call lies within the span of the tool."""
    trace = pytest.importorskip("opentelemetry.sdk.trace")
    export = pytest.importorskip("opentelemetry.sdk.trace.export.in_memory_span_exporter")
    from opentelemetry import trace as api
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor

    seen = export.InMemorySpanExporter()
    if not hasattr(api.get_tracer_provider(), "add_span_processor"):
        api.set_tracer_provider(trace.TracerProvider())
    api.get_tracer_provider().add_span_processor(SimpleSpanProcessor(seen))  # type: ignore[attr-defined] # it is the SDK's

    class Marked:
        @hookimpl
        def remit_decided(self, told: Any) -> None:
            """Say within which span."""
            span = api.get_current_span()
            found.append((told.decision.step.kind, getattr(span, "name", "")))

    found: list[tuple[str, str]] = []
    held = Guard(guard.policy, plugins=[Marked()], judges={"oddity": odd})
    script = Script([[pay(7)], [read("a")], "done"], found="ask ann@acme.example")
    talk(held, script).say("please")
    assert ("call", "execute_tool pay") in found
    assert ("result", "execute_tool read") in found
    assert "ann@acme" not in str([one.attributes for one in seen.get_finished_spans()])
    tools = [one for one in seen.get_finished_spans() if one.name == "execute_tool pay"]
    assert "8" in str(tools[-1].attributes)


def test_what_it_cannot_show(guard: Guard) -> None:
    """It says so."""
    covered = plugin(guard).coverage()
    assert covered.gaps == GAPS
    assert covered.blind == ()
    assert set(covered.missing).isdisjoint(POINTS)


def test_without_the_framework(guard: Guard, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line."""
    monkeypatch.setitem(sys.modules, "google.adk.plugins.base_plugin", None)
    with pytest.raises(MissingError, match=r"^`google` is not installed: pip install 'remit"):
        plugin(guard)
