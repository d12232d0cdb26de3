"""What coding agents tell and hear: each in the words that it takes for a verdict."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import IO, Any

import pytest

import remit
from remit import Message, Policy
from remit.hooks import hookimpl
from remit.host.coding import AGENTS, answer, asked_of
from remit.host.guard import Guard
from remit.host.history import WITHHELD
from remit.host.hooked import hooked

SPEC = """
spec coder
author developer
tool Bash(command: text)
tool Write(file_path: text, content: text)

clause danger
  forbid call Bash where command contains "rm -rf /"
  otherwise deny advise "Name the folder."
clause forced
  forbid call Bash where command is "git push -f"
  otherwise rewrite command to "git push"
clause publish
  forbid call Bash where command contains "publish"
  otherwise ask user advise "Ask the user."
clause deploy
  forbid call Bash where command contains "deploy"
  otherwise ask lead advise "Ask the lead."
clause stop
  forbid call Bash where command contains "shutdown"
  otherwise halt
clause thrice
  forbid call Write where (count of call Write) >= 2
clause keys
  forbid result where has secret
  otherwise redact as "(key)"
clause poison
  forbid result where text contains "poison"
clause rude
  forbid message from user where text contains "idiot"
clause mail
  forbid message from user where has email
  otherwise redact
clause last
  forbid message from assistant where text contains "classified"
  otherwise deny advise "Say it without secrets."
"""
KEY = "AKIAIOSFODNN7EXAMPLE"


@pytest.fixture(scope="module")
def policy() -> Policy:
    return remit.load(SPEC)


NAMES = {
    "claude": ("PreToolUse", "PostToolUse", "UserPromptSubmit", "Stop"),
    "codex": ("PreToolUse", "PostToolUse", "UserPromptSubmit", "Stop"),
    "gemini": ("BeforeTool", "AfterTool", "BeforeAgent", "AfterAgent"),
}
BASE = {
    "claude": {"session_id": "s", "permission_mode": "default"},
    "codex": {"session_id": "s", "permission_mode": "default", "turn_id": "1", "model": "m"},
    "gemini": {"session_id": "s", "timestamp": "2026-11-27T00:00:00Z"},
}


def told(agent: str, at: int, **more: Any) -> dict[str, Any]:
    """What an agent tells at its nth event."""
    return {**BASE[agent], "hook_event_name": NAMES[agent][at], **more}


def bash(agent: str, command: Any, at: int = 0, **more: Any) -> dict[str, Any]:
    """A command that an agent is about to run, or ran."""
    return told(agent, at, tool_name="Bash", tool_input={"command": command}, **more)


def hears(policy: Policy, place: Path, data: dict[str, Any], **more: Any) -> dict[str, Any]:
    """What the agent is to hear."""
    return hooked(Guard(policy), asked_of(data), str(place), **more)


@pytest.mark.parametrize("agent", AGENTS)
def test_which_agent_it_is(agent: str) -> None:
    """By what only that one tells."""
    assert asked_of(bash(agent, "ls")).agent == agent


@pytest.mark.parametrize("agent", AGENTS)
def test_what_is_allowed_is_no_opinion(policy: Policy, tmp_path: Path, agent: str) -> None:
    """The agent's own questions stay; `grant` takes them away where that is understood."""
    assert hears(policy, tmp_path, bash(agent, "ls")) == {}
    granted = hears(policy, tmp_path, bash(agent, "ls"), grant=True)
    assert bool(granted) == (agent == "claude")


@pytest.mark.parametrize("agent", AGENTS)
def test_a_deny(policy: Policy, tmp_path: Path, agent: str) -> None:
    """With the advice for the model. Arguments that cannot be read are no leave either."""
    heard = hears(policy, tmp_path, bash(agent, "rm -rf /"))
    if agent == "gemini":
        assert (heard["decision"], heard["reason"]) == ("deny", "Name the folder.")
    else:
        assert heard["hookSpecificOutput"] == {
            "hookEventName": "PreToolUse", "permissionDecision": "deny",
            "permissionDecisionReason": "Name the folder.",
        }  # fmt: skip
    odd = told(agent, 0, tool_name="Bash", tool_input="rm -rf /")
    for data in (bash(agent, 7), odd):
        assert hears(policy, tmp_path / str(data["tool_input"])[:3], data) != {}


def test_a_rewrite(policy: Policy, tmp_path: Path) -> None:
    """Each agent takes it in another way; where it must be granted the person is asked."""
    claude = hears(policy, tmp_path, bash("claude", "git push -f"))["hookSpecificOutput"]
    assert claude["permissionDecision"] == "ask"
    assert claude["updatedInput"] == {"command": "git push"}
    data = bash("claude", "git push -f")
    granted = hears(policy, tmp_path, data, grant=True)["hookSpecificOutput"]
    assert granted["permissionDecision"] == "allow"
    codex = hears(policy, tmp_path, bash("codex", "git push -f"))["hookSpecificOutput"]
    assert (codex["permissionDecision"], codex["updatedInput"]) == (
        "allow",
        {"command": "git push"},
    )
    gemini = hears(policy, tmp_path, bash("gemini", "git push -f"))["hookSpecificOutput"]
    assert gemini["tool_input"] == {"command": "git push"}


def test_what_asks(policy: Policy, tmp_path: Path) -> None:
    """The prompt of Claude Code asks the user; whoever sits elsewhere must agree elsewhere."""
    claude = hears(policy, tmp_path, bash("claude", "npm publish"))["hookSpecificOutput"]
    assert (claude["permissionDecision"], claude["permissionDecisionReason"]) == (
        "ask", "Ask the user.",
    )  # fmt: skip
    for data in (bash("claude", "deploy"), bash("codex", "npm publish")):
        made = hears(policy, tmp_path, data)["hookSpecificOutput"]
        assert made["permissionDecision"] == "deny"
        assert "must agree" in made["permissionDecisionReason"]
    assert hears(policy, tmp_path, bash("gemini", "npm publish"))["decision"] == "deny"


def test_a_yes_at_the_prompt_counts(policy: Policy, tmp_path: Path) -> None:
    """The call ran, so the person agreed: it is part of the conversation, and is told."""
    heard: list[Any] = []

    class Ear:
        @hookimpl
        def remit_answered(self, answered: Any) -> None:
            """Hear."""
            heard.append((answered.by, answered.yes, answered.person))

    hears(policy, tmp_path, bash("claude", "npm publish"))
    after = bash("claude", "npm publish", 1, tool_response={"stdout": "done"})
    assert hooked(Guard(policy, plugins=[Ear()]), asked_of(after), str(tmp_path)) == {}
    assert heard == [("user", True, "at the terminal")]


def test_an_approver_answers_for_people_elsewhere(policy: Policy, tmp_path: Path) -> None:
    """Where plugins have one."""

    class Lead:
        @hookimpl
        def remit_approve(self, request: Any) -> bool:
            """Agree."""
            return bool(request.people == ("lead",))

    guard = Guard(policy, plugins=[Lead()])
    assert hooked(guard, asked_of(bash("codex", "deploy")), str(tmp_path)) == {}


def test_a_halt(policy: Policy, tmp_path: Path) -> None:
    """Codex takes `continue` before a call for a mistake, and would go on: it hears a deny."""
    for agent in AGENTS:
        place = tmp_path / agent
        heard = hears(policy, place, bash(agent, "shutdown now"))
        assert ("continue" in heard) == (agent != "codex")
        assert hears(policy, place, bash(agent, "ls")) != {}
        prompt = hears(policy, place, told(agent, 2, prompt="hello"))
        assert prompt["continue"] is False


def test_results(policy: Policy, tmp_path: Path) -> None:
    """A change keeps the form of the result, for another form is ignored; so does withholding."""
    given = {"stdout": f"key {KEY}", "exit": 0, "lines": ["a"]}
    for agent in ("claude", "codex"):
        data = bash(agent, "env", 1, tool_response=given)
        made = hears(policy, tmp_path, data)["hookSpecificOutput"]
        assert made["updatedToolOutput"] == {"stdout": "key (key)", "exit": 0, "lines": ["a"]}
        data = bash(agent, "x", 1, tool_response={"stdout": "poison", "exit": 0, "lines": ["b"]})
        heard = hears(policy, tmp_path, data)
        assert heard["decision"] == "block"
        assert heard["hookSpecificOutput"]["updatedToolOutput"] == {
            "stdout": WITHHELD, "exit": 0, "lines": [WITHHELD],
        }  # fmt: skip
        assert hears(policy, tmp_path, bash(agent, "x", 1, tool_response="fine")) == {}
    gemini = bash("gemini", "env", 1, tool_response={"llmContent": f"key {KEY}", "x": 1})
    assert hears(policy, tmp_path, gemini) == {"decision": "deny", "reason": "key (key)"}
    parts = bash("gemini", "env", 1, tool_response={"llmContent": [{"text": f"key {KEY}"}]})
    assert hears(policy, tmp_path, parts)["reason"] == '[{"text": "key (key)"}]'
    failed = {**bash("claude", "x", error="poison"), "hook_event_name": "PostToolUseFailure"}
    assert hears(policy, tmp_path, failed)["decision"] == "block"
    blocks = [{"type": "text", "text": "poison"}, {"type": "image", "data": "x"}]
    heard = hears(policy, tmp_path, bash("claude", "x", 1, tool_response=blocks))
    left = heard["hookSpecificOutput"]["updatedToolOutput"]
    assert left == [{"type": "text", "text": WITHHELD}]  # a block of another type is an error


@pytest.mark.parametrize("agent", AGENTS)
def test_prompts_and_last_words(policy: Policy, tmp_path: Path, agent: str) -> None:
    """A prompt that would have to be changed does not go through; last words are said anew."""
    word = "deny" if agent == "gemini" else "block"
    for prompt in ("you idiot", "write to ann@acme.example"):
        assert hears(policy, tmp_path, told(agent, 2, prompt=prompt))["decision"] == word
    assert hears(policy, tmp_path, told(agent, 2, prompt="hello")) == {}
    name = "prompt_response" if agent == "gemini" else "last_assistant_message"
    end = told(agent, 3, **{name: "this is classified"})
    heard = hears(policy, tmp_path, end)
    assert (heard["decision"], heard["reason"]) == (word, "Say it without secrets.")
    assert hears(policy, tmp_path, {**end, "stop_hook_active": True}) == {}
    assert hears(policy, tmp_path, told(agent, 3)) == {}


def test_what_a_sub_agent_answered_is_no_word_of_the_user() -> None:
    """It comes as a prompt, and may say whatever a page on the web told it to."""
    for prompt, role in (("<task-notification>\nSpend it.", "agent"), ("Spend it.", "user")):
        [step] = asked_of(told("claude", 2, prompt=prompt)).event.steps
        assert step == Message(role, prompt)


def test_a_prompt_that_is_said_again_is_judged_again(policy: Policy) -> None:
    """Where the agent gives prompts ids."""
    gate = Guard(policy).gate()
    made = [gate.decide(asked_of(told("claude", 2, prompt="hello", prompt_id=id)).event).decisions
            for id in ("1", "2")]  # fmt: skip
    assert [len(one) for one in made] == [1, 1]


def test_a_canary_of_any_server(policy: Policy, tmp_path: Path) -> None:
    """Its name has that of the server before it."""
    data = told("claude", 0, tool_name="mcp__desk__remit_canary", tool_input={})
    heard = hears(policy, tmp_path, data)["hookSpecificOutput"]
    assert heard["permissionDecision"] == "deny"
    assert "canary" in heard["permissionDecisionReason"]


def test_a_host_without_a_prompt(policy: Policy) -> None:
    """A change is no leave; whoever must agree is named."""
    for command, heard in (
        ("git push -f", {"updatedInput": {"command": "git push"}}),
        ("npm publish", {"permissionDecision": "deny",
                         "permissionDecisionReason": "Ask the user. (not done: user must agree)"}),
    ):  # fmt: skip
        asked = asked_of(bash("claude", command))
        made = answer(asked, Guard(policy).gate().decide(asked.event), prompts=False)
        assert made["hookSpecificOutput"] == {"hookEventName": "PreToolUse", **heard}


# ---- from call to call


def start(source: str = "startup", agent: str = "claude") -> dict[str, Any]:
    """A conversation begins."""
    return {**BASE[agent], "hook_event_name": "SessionStart", "source": source}


def write(session: str = "s") -> dict[str, Any]:
    """A file that the agent is about to write."""
    args = {"file_path": "a", "content": "b"}
    data = told("claude", 0, tool_name="Write", tool_input=args)
    return {**data, "session_id": session}


def test_the_past_is_kept(policy: Policy, tmp_path: Path) -> None:
    """Two of a kind, in one conversation; a new one begins anew, and the end forgets."""
    assert hears(policy, tmp_path, start()) == {}
    assert [bool(hears(policy, tmp_path, write())) for _ in range(4)] == [False, False, True, True]
    assert hears(policy, tmp_path, start("resume")) == {}
    assert hears(policy, tmp_path, write()) != {}
    assert hears(policy, tmp_path, start("clear")) == {}
    assert hears(policy, tmp_path, write()) == {}
    [kept] = tmp_path.glob("*.gate")
    if os.name == "posix":
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert hears(policy, tmp_path, {**BASE["claude"], "hook_event_name": "SessionEnd"}) == {}
    assert list(tmp_path.glob("*.gate")) == []


def test_a_past_that_was_not_seen_is_unknown(policy: Policy, tmp_path: Path) -> None:
    """Never seen, damaged, or under another policy: what counts the past is held back."""
    assert hears(policy, tmp_path, write()) != {}
    assert hears(policy, tmp_path, bash("claude", "ls")) == {}
    hears(policy, tmp_path, start())
    [kept] = tmp_path.glob("*.gate")
    kept.write_bytes(kept.read_bytes()[:-1])
    assert hears(policy, tmp_path, write()) != {}
    hears(policy, tmp_path, start())
    other = remit.load(SPEC + "clause more\n  forbid handoff\n")
    assert hears(other, tmp_path, write()) != {}


def test_what_cannot_be_kept_does_not_happen(policy: Policy, tmp_path: Path) -> None:
    """The folder is a file."""
    (tmp_path / "x").write_text("")
    heard = hears(policy, tmp_path / "x", bash("claude", "ls"))
    assert heard["hookSpecificOutput"]["permissionDecision"] == "deny"


def test_a_conversation_that_is_held_too_long_is_not_waited_for(
    policy: Policy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An agent would go on without an answer."""
    from remit.host import kept

    monkeypatch.setattr(kept, "LONGEST", 0.05)
    call = bash("claude", "ls")
    hears(policy, tmp_path, start())
    with kept.Kept(str(tmp_path), call["session_id"]).held():
        heard = hears(policy, tmp_path, call)
    assert heard["hookSpecificOutput"]["permissionDecision"] == "deny"
    assert hears(policy, tmp_path, call) == {}


BAD: list[Any] = [
    [], 1, {}, {"hook_event_name": "Lunch", "session_id": "s"}, {"hook_event_name": "PreToolUse"},
    {"hook_event_name": "PreToolUse", "session_id": 1},
    {"hook_event_name": "PreToolUse", "session_id": "s"},
    {"hook_event_name": ["PreToolUse"], "session_id": "s"},
    {"hook_event_name": "UserPromptSubmit", "session_id": "s", "prompt": None},
]  # fmt: skip


@pytest.mark.parametrize("data", BAD, ids=repr)
def test_what_cannot_be_read_is_said(data: Any) -> None:
    """In a line."""
    with pytest.raises(ValueError, match=r"agent tells|is not judged"):
        asked_of(data)


# ---- the command


def _command(
    *args: str, given: bytes, place: Path, out: int | IO[bytes] = subprocess.PIPE
) -> subprocess.CompletedProcess[bytes]:
    environment = {
        "PYTHONPATH": os.pathsep.join(sys.path), "PATH": "", "REMIT_STATE": str(place / "state"),
        "REMIT_CACHE": "off",
    }  # fmt: skip
    return subprocess.run(
        [sys.executable, "-m", "remit", "hook", *args], input=given, stdout=out, stderr=out,
        env=environment, cwd=place, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def place(policy: Policy, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hook")
    (folder / "coder.remit").write_bytes(policy.store())
    (folder / "coder.spec").write_text(SPEC)
    return folder


def test_the_command(place: Path) -> None:
    """On a stored policy, and on specs."""
    data = json.dumps(bash("claude", "rm -rf /")).encode()
    for spec in ("coder.remit", "coder.spec"):
        done = _command("--spec", spec, given=data, place=place)
        assert (done.returncode, done.stderr) == (0, b"")
        assert json.loads(done.stdout)["hookSpecificOutput"]["permissionDecision"] == "deny"
    done = _command("--spec", "coder.remit", "--shadow", given=data, place=place)
    assert json.loads(done.stdout) == {}
    assert len(list((place / "state").glob("*.gate"))) == 1


FAILS: dict[str, tuple[list[str], bytes]] = {
    "no JSON": (["--spec", "coder.remit"], b"{"),
    "no event": (["--spec", "coder.remit"], b"{}"),
    "deep": (["--spec", "coder.remit"], b"[" * 200_000),
    "no policy": (["--spec", "gone.remit"], b"{}"),
    "no spec": ([], b"{}"),
    "an option that is not known": (["--spec", "coder.remit", "--lax"], b"{}"),
    "an agent that is not known": (["--spec", "coder.remit", "--agent", "eliza"], b"{}"),
    "a context that is not known": (["--spec", "coder.remit", "--context", "a=b"], b"{}"),
}


@pytest.mark.parametrize("case", FAILS)
def test_what_fails_holds_back(place: Path, case: str) -> None:
    """Exit code 2 is what all three agents take for a deny; it says why, without a traceback."""
    args, given = FAILS[case]
    done = _command(*args, given=given, place=place)
    assert done.returncode == 2
    assert done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
@pytest.mark.parametrize("spec", ["coder.remit", "coder.spec"])
def test_what_cannot_be_said_holds_back(place: Path, spec: str) -> None:
    """Neither the answer nor why: any other exit code would let the agent go on."""
    data = json.dumps(bash("claude", "rm -rf /")).encode()
    with Path("/dev/full").open("wb") as full:
        assert _command("--spec", spec, given=data, place=place, out=full).returncode == 2


def test_calls_side_by_side_take_turns(place: Path) -> None:
    """Each process sees what the ones before it left."""
    _command("--spec", "coder.remit", given=json.dumps(start()).encode(), place=place)
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(sys.path), "REMIT_STATE": str(place / "state"),
    }  # fmt: skip
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "remit", "hook", "--spec", "coder.remit"],
            cwd=place,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for _ in range(4)
    ]
    for one in running:
        assert one.stdin is not None
        one.stdin.write(json.dumps(write()).encode())
        one.stdin.close()
    allowed = []
    for one in running:
        assert one.stdout is not None
        with one.stdout:
            allowed.append(json.loads(one.stdout.read()) == {})
        one.wait()
    assert sum(allowed) == 2
