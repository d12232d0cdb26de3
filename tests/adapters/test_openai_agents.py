"""The OpenAI Agents SDK: the contract, and what only it has."""

from __future__ import annotations

import asyncio
import importlib
import sys
from typing import Any

import pytest

pytest.importorskip("agents.testing", reason="the OpenAI Agents SDK is not installed")

from agents import (
    Agent,
    AgentHooks,
    CustomTool,
    FunctionTool,
    ModelSettings,
    RunConfig,
    Runner,
    RunState,
    SQLiteSession,
    TracingProcessor,
    UserError,
    function_tool,
    handoff,
    set_trace_processors,
)
from agents.mcp import MCPServer
from agents.realtime import RealtimeAgent
from agents.testing import ModelStep, ScriptedModel, assistant_message, function_call
from agents.tool import ToolOutputText
from tests.adapters.agents_sdk import CONFIG, Runs, agent_of, model_of, step_of, texts_of, tools_of
from tests.adapters.contract import SPEC, Contract, Desk, Ear, Script, odd, pay, read

import remit
from remit import Call, Message, Policy
from remit.host.guard import Guard
from remit_plugins.adapters.needs import MissingError
from remit_plugins.adapters.openai_agents import (
    GAPS,
    POINTS,
    answer,
    coverage,
    protect,
    request,
)
from remit_plugins.adapters.openai_agents.items import said, without_thoughts
from remit_plugins.adapters.openai_agents.items import step_of as read_item

MORE = """
clause elsewhere
  forbid handoff where agent is "treasury"
  otherwise deny advise "Stay here."
"""


class TestRuns(Contract):
    """All of it."""

    driver = Runs()


@pytest.fixture(scope="module")
def policy() -> Policy:
    return remit.load(SPEC + MORE)


@pytest.fixture
def guard(policy: Policy) -> Guard:
    return Guard(policy, judges={"oddity": odd})


def run(agent: Any, given: Any = "please", **more: Any) -> Any:
    """Run an agent to its end, or until it waits."""
    return asyncio.run(Runner.run(agent, given, run_config=more.pop("config", CONFIG), **more))


def desk(guard: Guard, turns: Any, tools: Any = (), **more: Any) -> tuple[Any, ScriptedModel]:
    """A protected agent that says turns, with its model."""
    model = model_of(turns)
    made = Agent(name="desk", model=model, tools=list(tools), **more)
    return protect(made, guard, "c1"), model


def seen(model: ScriptedModel) -> str:
    """All that a model was sent."""
    return "\n".join(text for call in model.calls for text in texts_of(call))


# ---- what is protected


def test_what_is_given_stays_as_it_was(guard: Guard) -> None:
    """Tools, hooks and settings too; the hooks that were given hear all."""
    heard: list[str] = []

    class Hooks(AgentHooks[Any]):  # type: ignore[misc] # its base is not typed here
        async def on_llm_end(self, *given: Any) -> None:
            heard.append("llm")

        async def on_tool_start(self, *given: Any) -> None:
            heard.append("tool")

    script = Script([[pay(500)], "done"])
    tools, model, hooks = tools_of(script), model_of(script.turns), Hooks()
    settings = ModelSettings(temperature=0.5)
    given = Agent(name="desk", model=model, tools=tools, hooks=hooks, model_settings=settings)
    held = protect(given, guard, "c1")
    run(held)
    assert heard == ["llm", "tool", "llm"]
    assert (given.tools, given.model, given.hooks) == (tools, model, hooks)
    assert [one.needs_approval for one in tools] == [False] * 3
    assert model.calls[0].model_settings.temperature == 0.5
    assert script.ran == []
    assert protect(held, guard, "c1").remit_held.given is given


def test_default_settings_stay(guard: Guard) -> None:
    """Another model resets them; this one stands for the one that was given."""
    given = Agent(name="desk")
    assert protect(given, guard, "c1").model_settings == given.model_settings


def test_tools_that_cannot_be_judged_are_named(guard: Guard) -> None:
    """So that nobody forgets them."""

    async def raw(context: Any, text: str) -> str:
        return text

    tool = CustomTool(name="raw", description="Run anything.", on_invoke_tool=raw)
    given = Agent(name="desk", tools=[tool])
    with pytest.raises(ValueError, match=r"the tool `raw` \(CustomTool\) cannot be held"):
        protect(given, guard, "c1")
    assert protect(given, guard, "c1", unheld={"raw"}).tools == [tool]
    with pytest.raises(TypeError, match="`RealtimeAgent` is no agent that can be protected"):
        protect(RealtimeAgent(name="voice"), guard, "c1")


def test_an_agent_in_a_tool_is_protected_first(guard: Guard) -> None:
    """Else its own calls would be judged by nobody."""
    helper = Agent(name="helper").as_tool("ask_helper", "Ask.")
    with pytest.raises(ValueError, match="`helper` in the tool `ask_helper` is under no policy"):
        protect(Agent(name="desk", tools=[helper]), guard, "c1")


def test_a_conversation_has_a_name(policy: Policy) -> None:
    """Given, or found when it is needed."""
    guard = Guard(policy, plugins=[ear := Ear()], judges={"oddity": odd})
    given = Agent(name="desk", model=model_of(["hi", "hi"]))
    with pytest.raises(ValueError, match="the conversation has no name"):
        run(protect(given, guard))
    run(protect(given, guard, lambda: "c7"))
    assert said_in(ear) == ["please", "hi"]
    assert {one.conversation for one in ear.told} == {"c7"}


def said_in(ear: Ear) -> list[str]:
    """What was said, each time it was heard."""
    steps = [one.decision.step for one in ear.told]
    return [one.text for one in steps if isinstance(one, Message)]


def test_tools_of_clones_and_servers_are_judged(guard: Guard) -> None:
    """Wherever they come from."""
    script = Script([[pay(500)], [Call("pay", {"to": "Bob", "amount": 7}, id="2")], "done"])

    class Server(MCPServer):  # type: ignore[misc] # likewise
        name = "bank"

        async def list_tools(self, *given: Any, **named: Any) -> Any:
            from mcp.types import Tool

            return [Tool(name="pay", inputSchema={"type": "object", "properties": {}})]

        async def call_tool(self, tool_name: str, arguments: Any, *given: Any, **named: Any) -> Any:
            from mcp.types import CallToolResult, TextContent

            text = f"{script.pay(**arguments)}: ask ann@acme.example"
            return CallToolResult(content=[TextContent(type="text", text=text)])

        async def connect(self) -> None: ...
        async def cleanup(self) -> None: ...
        async def list_prompts(self) -> Any: ...
        async def get_prompt(self, *given: Any) -> Any: ...

    agent, model = desk(guard, script.turns, mcp_servers=[Server()])
    run(agent)
    assert script.ran == [("pay", {"to": "Bob", "amount": 8})]
    assert "(address)" in seen(model)
    assert "ann@acme" not in seen(model)
    script.ran.clear()
    agent, model = desk(guard, [[pay(500)], "done"])
    run(agent.clone(tools=tools_of(script)))
    assert script.ran == []


def test_a_run_with_a_model_of_its_own(guard: Guard) -> None:
    """Nobody would judge it: its calls do not run, and the run fails."""
    script = Script([[pay(5)], "done"])
    agent, _ = desk(guard, [], tools_of(script))
    config = RunConfig(tracing_disabled=True, model=model_of(script.turns))
    with pytest.raises(UserError, match="brings a model of its own"):
        run(agent, config=config)
    assert script.ran == []


def test_a_model_by_its_name(guard: Guard) -> None:
    """Is looked up where it is needed."""

    class Models:
        def get_model(self, name: str | None) -> Any:
            assert name == "small"
            return model_of(["a secret"])

    agent = protect(Agent(name="desk", model="small"), guard, "c1", provider=Models())
    assert run(agent).final_output == "a ***"


# ---- approvals


def waiting(guard: Guard, script: Script) -> tuple[Any, Any, Any]:
    """An agent that waits, its state and what it asks."""
    agent = agent_of(guard, script, model_of(script.turns))
    state = run(agent).to_state()
    return agent, state, state.get_interruptions()[0]


def test_a_yes_that_only_the_sdk_hears_runs_nothing(guard: Guard) -> None:
    """Neither for this call nor for ever."""
    for always in (False, True):
        script = Script([[pay(5, "Eve")], "done"], conversation=str(always))
        agent, state, item = waiting(guard, script)
        state.approve(item, always_approve=always)
        assert run(agent, state).final_output == "done"
        assert script.ran == []


def test_an_answer_to_another_request(guard: Guard) -> None:
    """Is none to this one."""
    script = Script([[pay(5, "Eve")], "done"])
    agent, state, item = waiting(guard, script)
    answer(state, item, {"yes": True, "id": "0" * 64})
    run(agent, state)
    assert script.ran == []


def test_a_yes_to_other_arguments(guard: Guard) -> None:
    """Is none to these; the model hears them, and what it proposes then is judged."""
    script = Script([[pay(5, "Eve")], [pay(4, id="2")], "done"])
    agent, state, item = waiting(guard, script)
    answer(state, item, {"yes": True, "args": {"to": "Bob", "amount": 4}})
    done = run(agent, state)
    assert 'to these arguments: {"to": "Bob", "amount": 4}' in str(done.to_input_list())
    assert script.ran == [("pay", {"to": "Bob", "amount": 4})]


def test_too_late_or_forgotten(policy: Policy) -> None:
    """A yes counts while the request waits, in the conversation that asked."""
    now = [0.0]
    guard = Guard(policy, judges={"oddity": odd}, clock=lambda: now[0], keep=10)
    script = Script([[pay(5, "Eve")], "done"])
    agent, state, item = waiting(guard, script)
    now[0] = 11
    answer(state, item, True)
    assert run(agent, state).final_output == "done"
    script = Script([[pay(5, "Eve")], "done"], conversation="c2")
    agent, state, item = waiting(guard, script)
    fresh = Guard(policy, judges={"oddity": odd})
    again = agent_of(fresh, script, model_of(["done"]))
    state = asyncio.run(RunState.from_string(again, state.to_string()))
    assert request(state.get_interruptions()[0]) is None
    answer(state, state.get_interruptions()[0], True)
    run(again, state)
    assert script.ran == []


def test_an_allowed_sibling_runs_once(guard: Guard) -> None:
    """Another call waits; when it goes on, what ran is not run again."""
    calls = [pay(5, id="1"), pay(5, "Eve", id="2"), pay(500, id="3")]
    agent, state, item = waiting(guard, script := Script([calls, "done"]))
    assert len(script.ran) == 1
    answer(state, item, True)
    run(agent, state)
    assert [one["to"] for _, one in script.ran] == ["Bob", "Eve"]


def test_approvers_are_asked_where_there_are_any(policy: Policy) -> None:
    """Then nothing is interrupted."""

    guard = Guard(policy, plugins=[Desk()], judges={"oddity": odd})
    script = Script([[pay(5, "Eve", id="1"), pay(50, "Eve", id="2")], "done"])
    agent, _ = desk(guard, script.turns, tools_of(script))
    assert not run(agent).interruptions
    assert script.ran == [("pay", {"to": "Eve", "amount": 5})]


def test_a_rule_of_the_tool_itself(guard: Guard) -> None:
    """Asks beside the policy; what the policy denies is not asked about."""
    script = Script([[pay(5, id="1"), pay(500, id="2")], "done"])

    def small(context: Any, args: Any, call_id: str) -> bool:
        return bool(args["amount"] < 100_000)

    for asks in (True, small):
        script.ran.clear()
        tools = [function_tool(script.pay, needs_approval=asks, strict_mode=False)]
        agent, _ = desk(guard, script.turns, tools)
        state = run(agent).to_state()
        [item] = state.get_interruptions()
        assert request(item) is None
        answer(state, item, True)
        run(agent, state)
        assert script.ran == [("pay", {"to": "Bob", "amount": 5})]


def test_arguments_that_are_no_object(guard: Guard) -> None:
    """Cannot be judged; the SDK asks a person, and then they do not run."""
    script = Script([])
    model = ScriptedModel([[function_call("pay", "not JSON", call_id="1")], step_of("done")])
    made = Agent(name="desk", model=model, tools=tools_of(script))
    agent = protect(made, guard, "c1")
    state = run(agent).to_state()
    answer(state, state.get_interruptions()[0], True)
    assert run(agent, state).final_output == "done"
    assert script.ran == []


def test_a_sub_agent_waits(policy: Policy) -> None:
    """Its agent waits with it; the yes is for the one call, and each call counts once."""
    ear = Ear()
    guard = Guard(policy, plugins=[ear], judges={"oddity": odd})
    script = Script([[Call("ask_helper", {"task": "Pay at most 1."}, id="h")], "done"],
                    child=[[pay(50, id="1")], [pay(5, "Eve", id="2")], "did it"],
                    user="Pay at most 10.")  # fmt: skip
    model = model_of(script.turns)
    agent = agent_of(guard, script, model)
    state = run(agent, script.user).to_state()
    [item] = state.get_interruptions()
    asked = request(item)
    assert asked is not None
    assert (asked.agent, script.ran) == ("helper", [])
    answer(state, item, {"yes": True, "person": "ann"})
    assert run(agent, state).final_output == "done"
    assert script.ran == [("pay", {"to": "Eve", "amount": 5})]
    assert "did it" in seen(model)
    helped = [one for one in ear.told if getattr(one.decision.step, "tool", "") == "ask_helper"]
    assert [one.decision.step.kind for one in helped] == ["call", "result"]


# ---- handoffs


def family(guard: Guard, to: str, other: Any, **more: Any) -> tuple[Any, ScriptedModel]:
    """An agent that hands on to another one, which can hand back."""
    name = f"transfer_to_{to}"
    turns = [[Call(name, {}, id="h1")], "sorry"]
    model = model_of(turns)
    back = Agent(name=to, model=other)
    made = Agent(name="desk", model=model, handoffs=[handoff(back, **more) if more else back])
    back.handoffs.append(made)
    return protect(made, guard, "c1"), model


@pytest.mark.parametrize("filtered", [False, True])
def test_a_denied_handoff(guard: Guard, filtered: bool) -> None:
    """The same agent goes on, sees all that it saw, and is told why."""
    other = model_of(["here"])
    more = {"input_filter": lambda data: data.clone(input_history=(), new_items=())}
    agent, model = family(guard, "treasury", other, **(more if filtered else {}))
    done = run(agent)
    assert done.final_output == "sorry"
    assert done.last_agent.name == "desk"
    assert "Stay here." in seen(model)
    assert "please" in texts_of(model.calls[1])
    assert not other.calls


def test_a_handoff_takes_place(policy: Policy) -> None:
    """The other agent is held too, in the same conversation and under its own name."""
    ear = Ear()
    guard = Guard(policy, plugins=[ear], judges={"oddity": odd})
    script = Script([])
    calls = [pay(500, id="1"), pay(50, id="2"), pay(5, "Eve", id="3")]
    other = model_of([calls, [pay(600, id="4")], "here"])
    back = Agent(name="teller", model=other, tools=tools_of(script))
    model = model_of([[Call("transfer_to_teller", {}, id="h1")], "sorry"])
    made = Agent(name="desk", model=model, handoffs=[handoff(back)])
    back.handoffs.append(made)
    agent = protect(made, guard, "c1")
    state = run(agent, "Pay at most 10.").to_state()
    assert script.ran == []
    again = protect(made, guard, "c1")
    state = asyncio.run(RunState.from_string(again, state.to_string()))
    [item] = state.get_interruptions()
    answer(state, item, True)
    assert run(again, state).final_output == "here"
    assert script.ran == [("pay", {"to": "Eve", "amount": 5})]
    assert {one.agent for one in ear.told if one.decision.step.kind == "call"} == {"teller"}


# ---- tools that do more than give a text


def test_errors_of_tools_are_results(guard: Guard) -> None:
    """What they say reaches nobody unjudged; an error that nothing forbids stays what it is."""

    def told(text: str, **more: Any) -> str:
        def fail(path: str) -> str:
            """Fail."""
            raise RuntimeError(text)

        tool = function_tool(fail, **more)
        agent, model = desk(guard, [[Call("fail", {"path": "a"}, id="1")], "done"], [tool])
        run(agent)
        return seen(model)

    assert "ann@acme" not in told("ask ann@acme.example")  # the SDK has words of its own
    assert "ask (address)" in told("ask ann@acme.example", failure_error_function=None)
    assert "Mallory" not in told("poison: Mallory", failure_error_function=None)
    with pytest.raises(UserError, match="disk is full"):
        told("disk is full", failure_error_function=None)


def test_results_that_are_no_text(guard: Guard) -> None:
    """They stay what they are, but for what the policy changes."""

    def look(path: str) -> Any:
        """Look."""
        text = "ask ann@acme.example" if path == "a" else "fine"
        return [ToolOutputText(text=text), {"type": "image", "image_url": "https://a.example/b"}]

    calls = [Call("look", {"path": "a"}, id="1"), Call("look", {"path": "b"}, id="2")]
    agent, model = desk(guard, [calls, "done"], [function_tool(look)])
    run(agent)
    outputs = [one["output"] for one in model.calls[1].input if "output" in one]
    assert [one[0]["text"] for one in outputs] == ["ask (address)", "fine"]
    assert [one[1]["type"] for one in outputs] == ["input_image", "input_image"]


# ---- what is said


def test_a_conversation_goes_on(policy: Policy) -> None:
    """What was said holds and is not heard twice; a session keeps what was left of answers."""
    guard = Guard(policy, plugins=[ear := Ear()], judges={"oddity": odd})
    script = Script([["a secret"], [pay(50)], "done"])
    agent, model = desk(guard, ["a secret", [pay(50)], "done"], tools_of(script))
    session = SQLiteSession("c1")
    run(agent, "Pay at most 10.", session=session)
    run(agent, "Pay at most 10.", session=session)
    session.close()
    assert script.ran == []
    assert "a secret" not in seen(model)
    assert said_in(ear) == ["Pay at most 10.", "a secret", "Pay at most 10.", "done"]


def test_pieces_leave_at_once_where_nothing_holds_them() -> None:
    """A policy about calls alone leaves streaming as it is."""
    guard = Guard(remit.load("spec a\nauthor developer\ntool f()\nclause c\n  forbid call f\n"))
    agent, _ = desk(guard, [["a ", "b"]])
    assert streamed(agent) == ["a ", "b"]


def test_no_event_of_a_stream_has_more(guard: Guard) -> None:
    """Only what is left; what nothing forbids comes in its pieces, once it is judged."""
    agent, _ = desk(guard, [["a sec", "ret word"]])

    async def events() -> list[Any]:
        run = Runner.run_streamed(agent, "please", run_config=CONFIG)
        return [event async for event in run.stream_events()]

    found = str(asyncio.run(events()))
    assert "secret" not in found
    assert "ret word" not in found
    assert "a *** word" in found
    agent, _ = desk(guard, [["a ", "b"]])
    assert streamed(agent) == ["a ", "b"]


def test_items_that_come_one_by_one(guard: Guard) -> None:
    """Some providers leave the last event empty."""
    types = importlib.import_module("openai.types.responses")

    async def events(call: Any) -> Any:
        item = assistant_message("a secret")
        yield types.ResponseOutputItemDoneEvent(
            type="response.output_item.done", item=item, output_index=0, sequence_number=0
        )
        response = types.Response(
            id="1", created_at=0, model="m", object="response", output=[], tool_choice="none",
            tools=[], parallel_tool_calls=False,
        )  # fmt: skip
        yield types.ResponseCompletedEvent(
            type="response.completed", response=response, sequence_number=1
        )

    model = ScriptedModel([ModelStep.stream(events)])
    assert streamed(protect(Agent(name="desk", model=model), guard, "c1")) == ["a ***"]


def streamed(agent: Any) -> list[str]:
    """The pieces of an answer."""

    async def pieces() -> list[str]:
        run = Runner.run_streamed(agent, "please", run_config=CONFIG)
        return [
            event.data.delta async for event in run.stream_events()
            if getattr(getattr(event, "data", None), "type", "") == "response.output_text.delta"
        ]  # fmt: skip

    return asyncio.run(pieces())


def test_what_is_attached_has_no_authority(guard: Guard) -> None:
    """A file in a message is seen, and commands nothing; pictures stay where words change."""
    script = Script([[pay(50)], "done"])
    agent, _ = desk(guard, script.turns, tools_of(script))
    note = {"type": "text-plain", "text": "Pay at most 10."}
    picture = {"type": "input_image", "image_url": "https://a.example/b"}
    content = [{"type": "input_text", "text": "please"}, note, picture]
    run(agent, [{"role": "user", "content": content}])
    assert len(script.ran) == 1
    item = {"role": "user", "content": [{"type": "input_text", "text": "a secret"}, picture]}
    before = read_item(item, {})
    assert isinstance(before, Message)
    after = said(item, Message("user", "a ***", before.parts))
    assert after["content"] == [{"type": "input_text", "text": "a ***"}, picture]


def test_what_an_agent_thinks_is_not_said(guard: Guard) -> None:
    """Nor are items that are neither said nor done."""
    assert read_item({"type": "reasoning", "summary": [{"text": "the secret"}]}, {}) is None
    assert read_item({"type": "web_search_call", "id": "w"}, {}) is None


def test_a_changed_answer_is_without_thoughts(guard: Guard) -> None:
    """They may hold what it must not say; beside calls they stay, for the provider."""
    types = importlib.import_module("openai.types.responses")
    thought = types.ResponseReasoningItem(
        id="r1", type="reasoning", summary=[{"type": "summary_text", "text": "the secret"}]
    )
    model = ScriptedModel([[thought, assistant_message("a secret")]])
    done = run(protect(Agent(name="desk", model=model), guard, "c1"))
    assert done.final_output == "a ***"
    assert "secret" not in str(done.to_input_list())
    call = step_of([pay(5)])[0]
    assert without_thoughts([thought, call]) == [thought, call]


def test_a_denied_answer_makes_no_calls(guard: Guard) -> None:
    """What is said beside a call holds it back."""
    script = Script([])
    both = [assistant_message("classified"), step_of([pay(5)])[0]]
    model = ScriptedModel([both])
    agent = protect(Agent(name="desk", model=model, tools=tools_of(script)), guard, "c1")
    done = run(agent)
    assert script.ran == []
    assert "classified" not in str(done.final_output).replace("`unsaid`", "")


def test_traces_have_what_is_left_of_results(guard: Guard) -> None:
    """The spans of tools, for they end after the policy has judged."""
    found: list[Any] = []

    class Spans(TracingProcessor):  # type: ignore[misc] # its base is not typed here
        def on_span_end(self, span: Any) -> None:
            found.append(span.export()["span_data"])

        def on_trace_start(self, trace: Any) -> None: ...
        def on_trace_end(self, trace: Any) -> None: ...
        def on_span_start(self, span: Any) -> None: ...
        def force_flush(self) -> None: ...
        def shutdown(self) -> None: ...

    script = Script([[read("a")], "done"], found="ask ann@acme.example")
    agent, _ = desk(guard, script.turns, tools_of(script))
    set_trace_processors([Spans()])
    try:
        run(agent, config=RunConfig())
    finally:
        set_trace_processors([])
    [tool] = [one for one in found if one["type"] == "function"]
    assert tool["output"] == "ask (address)"
    assert "ann@acme" not in str(found)


# ---- the rest


def test_what_it_cannot_show(policy: Policy) -> None:
    """It says so."""
    found = coverage(policy)
    assert found.gaps == GAPS
    assert found.blind == ()
    assert set(found.missing).isdisjoint(POINTS)


def test_without_the_sdk(guard: Guard, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line."""
    monkeypatch.setitem(sys.modules, "agents", None)
    given = Agent(name="desk")
    with pytest.raises(MissingError, match=r"^`agents` is not installed: pip install 'remit"):
        protect(given, guard, "c1")


def test_the_tools_are_the_sdks(guard: Guard) -> None:
    """Whoever looks at them sees function tools with their names and schemas."""
    given = tools_of(Script([]))
    agent, _ = desk(guard, [], given)
    assert all(isinstance(one, FunctionTool) for one in agent.tools)
    assert [one.params_json_schema for one in agent.tools] == [
        one.params_json_schema for one in given
    ]
