"""The LiteLLM proxy: the contract, and what only it has."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # else its import asks the network
pytest.importorskip("fastapi")
pytest.importorskip("litellm")
yaml = pytest.importorskip("yaml")
GuardrailEventHooks = pytest.importorskip("litellm.types.guardrails").GuardrailEventHooks

from tests.adapters.contract import SPEC, Contract, Script, odd, pay, read
from tests.adapters.gateway import BOTH, CURRENT, Client, Model, asked, guarded

import remit
from remit import Call
from remit.hooks import hookimpl
from remit.hooks.events import Reply, Request
from remit.host.guard import Guard
from remit_plugins.adapters.litellm import GAPS, POINTS, guardrail
from remit_plugins.adapters.needs import MissingError

pytestmark = pytest.mark.filterwarnings("ignore")  # the proxy's own, while it starts and answers

MORE = """
clause twice
  forbid call read where (count of call read) >= 2
  otherwise deny advise "You have read enough."
clause pin
  forbid message from user where text contains "4711"
  otherwise redact as "#"
"""
USER = {"role": "user", "content": "please"}


class TestClient(Contract):
    """All of it."""

    driver = Client()


@pytest.fixture(scope="module")
def guard() -> Guard:
    return Guard(remit.load(SPEC + MORE), judges={"oddity": odd})


def choice_of(guard: Guard, turn: Any, *messages: Any, **more: Any) -> Any:
    """What the gateway answers when its model does one thing."""
    CURRENT[0] = Model([turn])
    with guarded(guard):
        return asked({"messages": [*(messages or [USER])], **more}).json()["choices"][0]


def proposes(*calls: Call) -> dict[str, Any]:
    """The agent's message with calls, as clients send it again."""
    return {"role": "assistant", "content": None, "tool_calls": [
        {"id": one.id, "type": "function",
         "function": {"name": one.tool, "arguments": json.dumps(dict(one.args))}}
        for one in calls
    ]}  # fmt: skip


def test_what_is_left_of_an_answer(guard: Guard) -> None:
    """The calls that may go on, and in the place of the others why not."""
    choice = choice_of(guard, [pay(500, id="1"), pay(7, id="2")])
    assert choice["message"]["content"] == "Offer a smaller sum."
    [left] = choice["message"]["tool_calls"]
    assert (left["id"], json.loads(left["function"]["arguments"])["amount"]) == ("2", 8)
    assert choice["finish_reason"] == "tool_calls"
    choice = choice_of(guard, [pay(500)])
    assert choice["message"].get("tool_calls") is None
    assert choice["finish_reason"] == "stop"


def test_who_must_agree_is_told(guard: Guard) -> None:
    """A gateway cannot wait; approvers answer at once."""

    class Desk:
        @hookimpl
        def remit_approve(self, request: Request) -> Reply:
            """Agree to small sums."""
            return Reply(request.call.args["amount"] < 10)

    told = "Say that a manager is asked. (not done: manager must agree)"
    assert choice_of(guard, [pay(5, "Eve")])["message"]["content"] == told
    held = Guard(guard.policy, plugins=[Desk()], judges={"oddity": odd})
    choice = choice_of(held, [pay(5, "Eve", "1"), pay(50, "Eve", "2")])
    assert [one["id"] for one in choice["message"]["tool_calls"]] == ["1"]


def test_the_past_is_what_the_client_sends(guard: Guard) -> None:
    """Each request is a whole conversation: its calls count, wherever it was before."""
    result = {"role": "tool", "tool_call_id": "1", "content": "found"}
    other = {**result, "tool_call_id": "2"}
    once = [USER, proposes(read("a", "1")), result]
    assert choice_of(guard, [read("b")], *once)["message"]["tool_calls"]
    twice = [*once, proposes(read("b", "2")), other]
    message = choice_of(guard, [read("c")], *twice)["message"]
    assert message["content"] == "You have read enough."


def test_what_the_model_sees_of_the_past(guard: Guard) -> None:
    """Results, words and what is attached, each as it is left; a denied word of before too."""
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}
    words = [{"type": "text", "text": "it is 4711"}, picture]
    CURRENT[0] = model = Model(["done"])
    with guarded(guard):
        asked({"messages": [
            {"role": "user", "content": "you idiot"}, {"role": "user", "content": words},
            proposes(read("a", "1")),
            {"role": "tool", "tool_call_id": "1", "content": "ask ann@acme.example"},
        ]})  # fmt: skip
    blocks = str([{"type": "text", "text": "it is #"}, picture])
    assert model.seen == ["[withheld by policy]", blocks, "", "ask (address)"]


def test_arguments_that_cannot_be_read(guard: Guard) -> None:
    """The clauses about them are unknown."""
    CURRENT[0] = Model([])
    CURRENT[0].answer = lambda body: iter([{"tool_calls": [  # type: ignore[method-assign] # scripted
        {"index": 0, "id": "1", "type": "function", "function": {"name": "pay", "arguments": "{"}}
    ]}])  # fmt: skip
    with guarded(guard):
        message = asked({"messages": [USER]}).json()["choices"][0]["message"]
    assert message.get("tool_calls") is None


@pytest.mark.parametrize(
    "messages", [None, "hi", [1], [{"content": "hi"}], [{"role": "user", "content": 7}]], ids=repr
)
def test_what_cannot_be_read_is_refused(guard: Guard, messages: Any) -> None:
    """The model is not asked."""
    CURRENT[0] = model = Model(["done"])
    with guarded(guard):
        assert asked({"messages": messages}).status_code in (400, 422, 500)
    assert model.turns == ["done"]


PATHS = [
    ("/v1/messages", {"messages": [USER], "max_tokens": 9}), ("/v1/responses", {"input": "hi"}),
    ("/v1/completions", {"prompt": "hi"}), ("/v1/embeddings", {"input": "hi"}),
]  # fmt: skip


@pytest.mark.parametrize(("path", "body"), PATHS, ids=[path for path, _ in PATHS])
def test_what_is_no_chat_is_refused(guard: Guard, path: str, body: dict[str, Any]) -> None:
    """The model is not asked."""
    CURRENT[0] = model = Model(["done"])
    with guarded(guard):
        reply = asked(body, path=path)
    assert reply.status_code == 400
    assert "not let through" in reply.text
    assert model.turns == ["done"]


def test_what_the_owner_lets_pass(guard: Guard) -> None:
    """It passes unjudged, as it is."""
    made = guardrail(guard, also=["aembedding"])(
        guardrail_name="remit", event_hook=BOTH, default_on=True
    )
    data = {"input": "you idiot"}
    assert asyncio.run(made.async_pre_call_hook(None, None, data, "aembedding")) is data
    assert asyncio.run(made.async_post_call_success_hook(data, None, "vectors")) == "vectors"

    async def pieces() -> Any:
        for one in ("a", "b"):
            yield one

    async def all_of() -> list[Any]:
        left = made.async_post_call_streaming_iterator_hook(None, pieces(), data)
        return [one async for one in left]

    assert asyncio.run(all_of()) == ["a", "b"]
    call = made.async_pre_call_hook(None, None, {"messages": [USER]}, "call_mcp_tool")
    with pytest.raises(Exception, match="`call_mcp_tool` is not judged here"):
        asyncio.run(call)


def test_several_answers_in_pieces_are_refused(guard: Guard) -> None:
    """Whole ones are judged one by one."""
    with guarded(guard):
        reply = asked({"messages": [USER], "n": 2, "stream": True})
    assert reply.status_code == 400


def test_pieces_leave_at_once_where_nothing_holds_them() -> None:
    """A policy about calls alone leaves words as they are, and still judges calls."""
    guard = Guard(remit.load("spec a\nauthor developer\ntool f()\nclause c\n  forbid call f\n"))
    ran = Client().run(guard, Script([["a ", "b"], [Call("f", id="1")], "c"]), asynchronous=True)
    assert ran.said.startswith("a b")
    assert ran.said.endswith("c")
    CURRENT[0] = Model([["a ", "b"]])
    with guarded(guard):
        text = asked({"messages": [USER], "stream": True}).text
    pieces = [json.loads(one[6:])["choices"] for one in text.splitlines() if "{" in one]
    said = [one[0]["delta"].get("content") for one in pieces if one]
    assert [one for one in said if one] == ["a ", "b"]


# ---- configuration


@pytest.mark.parametrize(
    "given",
    [
        {"event_hook": BOTH}, {"event_hook": "pre_call", "default_on": True}, {},
        {"event_hook": BOTH, "default_on": True, "run_in_parallel": True},
    ],
)  # fmt: skip
def test_no_way_round(guard: Guard, given: dict[str, Any]) -> None:
    """It is always on, and for both directions."""
    with pytest.raises(ValueError, match=r"default_on|post_call|drops"):
        guardrail(guard)(guardrail_name="remit", **given)


def test_hooks_are_in_the_class_itself(guard: Guard) -> None:
    """The proxy does not look further, and passes over others without a word."""
    made = guardrail(guard)(guardrail_name="remit", event_hook=BOTH, default_on=True)
    assert {"async_pre_call_hook", "async_post_call_streaming_iterator_hook"} <= set(
        vars(type(made))
    )
    made.apply_stream_scope("non_streaming")
    assert made.should_run_guardrail({"stream": True}, GuardrailEventHooks.post_call)
    assert made.should_run_guardrail({}, GuardrailEventHooks.pre_mcp_call)  # to refuse it
    assert made.coverage().gaps == GAPS
    assert made.coverage().blind == ()
    assert set(made.coverage().missing).isdisjoint(POINTS)


PAGE = Path(__file__).parents[2] / "docs" / "frameworks" / "litellm.md"


def test_the_configuration_of_the_page(tmp_path: Path) -> None:
    """The proxy makes the guardrail from it."""
    registry = pytest.importorskip("litellm.proxy.guardrails.guardrail_registry")
    text = PAGE.read_text("utf-8").split("```yaml\n")[1].split("```")[0]
    [entry] = yaml.safe_load(text)["guardrails"]
    path = tmp_path / "desk.remit"
    path.write_bytes(remit.load(SPEC).store())
    entry["litellm_params"]["policy"] = str(path)
    handler = registry.InMemoryGuardrailHandler()
    handler.initialize_guardrail(guardrail=entry, config_file_path=str(tmp_path / "config.yaml"))
    [made] = handler.guardrail_id_to_custom_guardrail.values()
    assert type(made).__name__ == "RemitGuardrail"
    assert made.default_on is True
    sys.modules["litellm"].logging_callback_manager.remove_callback_from_all_lists(made)


def test_without_the_framework(guard: Guard, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line."""
    monkeypatch.setitem(sys.modules, "litellm.integrations.custom_guardrail", None)
    with pytest.raises(MissingError, match=r"^`litellm` is not installed: pip install 'remit"):
        guardrail(guard)
