"""The Claude Agent SDK: the contract, and what only it has."""

from __future__ import annotations

import asyncio
import re
import sys
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

sdk = pytest.importorskip("claude_agent_sdk")

from tests.adapters.claude import PREFIX, Model, Sessions, options_of, served
from tests.adapters.contract import SPEC, Contract, Script, odd, pay

import remit
from remit import Call, Policy
from remit.hooks import hookimpl
from remit.hooks.events import Reply, Request
from remit.host.guard import Guard
from remit_plugins.adapters.claude_agent_sdk import GAPS, POINTS, Held, hold
from remit_plugins.adapters.needs import MissingError

# The program names tools after their server.
NAMED = SPEC.replace("tool pay", f"tool {PREFIX}pay").replace("tool read", f"tool {PREFIX}read")
NAMED = NAMED.replace("call pay", f"call {PREFIX}pay").replace("call read", f"call {PREFIX}read")


@pytest.fixture(scope="module")
def named() -> Policy:
    return remit.load(NAMED)


class TestSessions(Contract):
    """All of it."""

    driver = Sessions()

    @pytest.fixture(name="policy")
    def _policy(self, named: Policy) -> Policy:
        return named

    @pytest.fixture(autouse=True)
    def _home(self, tmp_path_factory: pytest.TempPathFactory) -> None:
        self.driver.home = str(tmp_path_factory.mktemp("home"))


@pytest.fixture
def guard(named: Policy) -> Guard:
    return Guard(named, judges={"oddity": odd})


@dataclass
class Went:
    """What a run came to: the messages that left, and what the model was sent."""

    held: Held
    messages: list[Any]
    seen: list[str]

    @property
    def result(self) -> Any:
        """The last message."""
        return self.messages[-1]


def go(
    guard: Guard, script: Script, home: Path, *, plain: bool = False, context: Any = None,
    answers: Any = (), **more: Any,
) -> Went:  # fmt: skip
    """Run a script in the program; `plain`: as the options say, without the policy."""
    model = Model(list(script.turns), list(script.child))

    async def run(url: str) -> Went:
        held = hold(guard, options_of(script, url, str(home), **more), context=context)
        for one in answers:
            held.answer(*one)
        if plain:
            said = sdk.query(prompt=script.user, options=options_of(script, url, str(home), **more))
        else:
            said = held.query(script.user)
        return Went(held, [one async for one in said], model.seen)

    with served(model) as url:
        return asyncio.run(run(url))


@pytest.mark.parametrize(
    ("given", "runs", "seen"),
    [
        (sdk.PermissionResultAllow(), 5, "paid"),
        (sdk.PermissionResultDeny(message="no"), None, "did not agree"),
        (sdk.PermissionResultAllow(updated_input={"to": "Eve", "amount": 500}), None, "Offer a"),
        (sdk.PermissionResultAllow(updated_input={"to": "Bob", "amount": 7}), 8, "paid"),
    ],
    ids=["yes", "no", "edited, denied", "edited, rewritten"],
)
def test_the_person_of_the_host_is_asked(
    guard: Guard, tmp_path: Path, given: Any, runs: int | None, seen: str
) -> None:
    """By `can_use_tool`, while the call waits; what it edits is judged as any other call."""
    asked: list[Any] = []

    async def person(tool: str, args: dict[str, Any], context: Any) -> Any:
        asked.append((tool, args, context.tool_use_id))
        return given

    script = Script([[pay(5, "Eve")], "done"])
    went = go(guard, script, tmp_path, can_use_tool=person, permission_mode="default")
    assert asked == [(f"{PREFIX}pay", {"to": "Eve", "amount": 5}, "p1")]
    assert [args["amount"] for _, args in script.ran] == ([] if runs is None else [runs])
    assert seen in "\n".join(went.seen)


def test_whoever_says_no_may_end_the_run(guard: Guard, tmp_path: Path) -> None:
    """Then the model is not called again."""

    async def person(tool: str, args: Any, context: Any) -> Any:
        return sdk.PermissionResultDeny(message="stop it", interrupt=True)

    script = Script([[pay(5, "Eve")], "done"])
    went = go(guard, script, tmp_path, can_use_tool=person, permission_mode="default")
    assert script.ran == []
    assert "did not agree" not in "\n".join(went.seen)


def test_who_does_not_answer_says_no(named: Policy, tmp_path: Path) -> None:
    """The program would not hear a yes that comes later."""

    async def person(tool: str, args: Any, context: Any) -> Any:
        await asyncio.Event().wait()

    guard = Guard(named, judges={"oddity": odd}, wait=0.01)
    script = Script([[pay(5, "Eve")], "done"])
    went = go(guard, script, tmp_path, can_use_tool=person, permission_mode="default")
    assert script.ran == []
    assert "did not agree" in "\n".join(went.seen)


def test_a_sub_agent_cannot_wait(guard: Guard, tmp_path: Path) -> None:
    """It hears who must agree; once somebody did, it may propose the call again."""
    ask = Call("ask_helper", {"task": "pay Eve"}, id="h")
    script = Script([[ask], "done"], child=[[pay(5, "Eve")], "I could not."])
    went = go(guard, script, tmp_path)
    assert script.ran == []
    assert "manager must agree" in "\n".join(went.seen)
    assert [one.agent for one in went.held.waiting] == ["helper"]


def test_spans_lie_under_what_the_host_traces(named: Policy, tmp_path: Path) -> None:
    """What is current where a run begins is current in its hooks; so are spans."""
    current = ContextVar("current", default="nothing")
    under: list[str] = []

    class Tracer:
        @hookimpl
        def remit_decided(self) -> None:
            """Hear under which one."""
            under.append(current.get())

    guard = Guard(named, plugins=[Tracer()], judges={"oddity": odd})
    current.set("desk")
    go(guard, Script([[pay(5)], "done"]), tmp_path)
    assert under == ["desk"] * 4


def test_what_is_allowed_is_not_granted(guard: Guard, tmp_path: Path) -> None:
    """The program's own question stays; what the person edits there is judged again."""
    script = Script([[pay(5)], "done"])
    go(guard, script, tmp_path, permission_mode="dontAsk")
    assert script.ran == []
    for amount, ran in ((500, []), (7, [8])):
        script = Script([[pay(5)], "done"])
        new = {"to": "Bob", "amount": amount}

        async def person(tool: str, args: Any, context: Any, new: Any = new) -> Any:
            return sdk.PermissionResultAllow(updated_input=new)

        go(guard, script, tmp_path, can_use_tool=person, permission_mode="default")
        assert [args["amount"] for _, args in script.ran] == ran


def test_approvers_are_asked_where_there_are_any(named: Policy, tmp_path: Path) -> None:
    """Then the session does not stop."""

    class Desk:
        @hookimpl
        def remit_approve(self, request: Request) -> Reply:
            """Agree to small sums."""
            return Reply(request.call.args["amount"] < 10)

    guard = Guard(named, plugins=[Desk()], judges={"oddity": odd})
    script = Script([[pay(5, "Eve", id="1"), pay(50, "Eve", id="2")], "done"])
    went = go(guard, script, tmp_path, permission_mode="default")
    assert script.ran == [("pay", {"to": "Eve", "amount": 5})]
    assert went.result.deferred_tool_use is None


def test_an_allowed_sibling_runs_once(guard: Guard, tmp_path: Path) -> None:
    """Another call waits; when it goes on, what ran is not run again."""
    script = Script([[pay(5, id="1"), pay(5, "Eve", id="2")], "done"])
    went = go(guard, script, tmp_path)
    [request] = went.held.waiting
    assert [args["to"] for _, args in script.ran] == ["Bob"]
    script.turns, script.user = ["done"], "Go on."
    answers = [(request, True)]
    go(guard, script, tmp_path, answers=answers, resume=went.result.session_id)
    assert [args["to"] for _, args in script.ran] == ["Bob", "Eve"]


def test_a_hook_that_fails_holds_back(guard: Guard, tmp_path: Path) -> None:
    """Whatever fails in it: here it is the host's own function."""

    async def person(tool: str, args: Any, context: Any) -> Any:
        raise RuntimeError("nobody there")

    script = Script([[pay(5, "Eve")], "done"])
    went = go(guard, script, tmp_path, can_use_tool=person, permission_mode="default")
    assert script.ran == []
    assert "blocking because onFailure" in "\n".join(went.seen)
    with pytest.raises(ValueError, match="declares no context `guest`"):
        hold(guard, context={"guest": True})


def test_a_session_that_is_taken_up_has_an_unknown_past(tmp_path: Path) -> None:
    """What counts the past holds back, in a process that was not there."""
    text = NAMED + f"clause twice\n  forbid call {PREFIX}pay where (count of call {PREFIX}pay) >= 2"
    policy = remit.load(text + "\n")
    script = Script([[pay(5)], "done"])
    went = go(Guard(policy, judges={"oddity": odd}), script, tmp_path)
    assert len(script.ran) == 1
    again = Script([[pay(5)], "done"])
    guard = Guard(policy, judges={"oddity": odd})
    go(guard, again, tmp_path, resume=went.result.session_id)
    assert again.ran == []


def test_all_that_repeats_the_last_words(guard: Guard, tmp_path: Path) -> None:
    """The result of the run has what is left of them; without the policy all leaves."""
    script = Script([["a sec", "ret word"]])
    assert "secret" in str(go(guard, script, tmp_path, plain=True).messages)
    went = go(guard, script, tmp_path)
    assert went.result.result == "a *** word"
    assert "secret" not in str(went.messages)
    assert "ret word" not in str(went.messages)


def test_pieces_leave_at_once_where_nothing_holds_them(tmp_path: Path) -> None:
    """A policy about calls alone leaves streaming as it is."""
    guard = Guard(remit.load("spec a\nauthor developer\ntool f()\nclause c\n  forbid call f\n"))
    went = go(guard, Script([["a ", "b"]]), tmp_path)
    pieces = [one.event.get("delta", {}).get("text") for one in went.messages
              if isinstance(one, sdk.StreamEvent)]  # fmt: skip
    assert [one for one in pieces if one] == ["a ", "b"]


def test_hooks_of_the_host_stay(guard: Guard) -> None:
    """Ours come last, and hold back where they fail."""

    async def mine(*_: Any) -> dict[str, Any]:
        return {}

    theirs = {
        "PreToolUse": [sdk.HookMatcher(hooks=[mine])],
        "Stop": [sdk.HookMatcher(hooks=[mine])],
    }
    made = hold(guard, sdk.ClaudeAgentOptions(hooks=theirs)).options.hooks
    assert [len(made[name]) for name in ("PreToolUse", "Stop", "UserPromptSubmit")] == [2, 1, 1]
    assert made["PreToolUse"][-1].on_failure == "block"
    assert made["PreToolUse"][-1].timeout > guard.wait


def test_what_it_cannot_show(guard: Guard) -> None:
    """It says so."""
    seen = hold(guard).coverage()
    assert seen.gaps == GAPS
    assert seen.blind == ()
    assert set(seen.missing).isdisjoint(POINTS)


def test_without_the_framework(guard: Guard, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line."""
    monkeypatch.setitem(sys.modules, "claude_agent_sdk", None)
    with pytest.raises(MissingError, match=r"^`claude_agent_sdk` is not installed: pip install"):
        hold(guard)


PAGE = Path(__file__).parents[2] / "docs" / "frameworks" / "claude-agent-sdk.md"


def test_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its code does what it says, with a model that says what the page says it does."""
    calls = [Call("pay", {"to": "Bob", "amount": amount}, id=id)
             for id, amount in (("1", 4000), ("2", 300))]  # fmt: skip
    model = Model([[calls[0]], "Shall we pay in parts?", [calls[1]], "Done."])
    model.server = "desk"
    for name in ("HOME", "CLAUDE_CONFIG_DIR"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("ANTHROPIC_API_KEY", "none")
    monkeypatch.setenv("IS_SANDBOX", "1")
    monkeypatch.setenv("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1")
    monkeypatch.chdir(tmp_path)
    code = "\n".join(re.findall(r"(?ms)^```py\n(.*?)^```$", PAGE.read_text("utf-8")))
    with served(model) as url:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", url)
        exec(compile(code, str(PAGE), "exec"), {})  # noqa: S102 - what the page shows
    assert capsys.readouterr().out.splitlines()[:2] == ["Shall we pay in parts?", "Done."]
    assert "Offer to pay in parts." in "\n".join(model.seen)
    assert "paid: (address) is told" in model.seen
