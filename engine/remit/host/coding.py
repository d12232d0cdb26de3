"""What coding agents tell a hook command and hear from it: Claude Code, Codex and Gemini CLI.

Their shapes are near to each other, and each fails open on what it does not know: a verdict is
therefore told in the words that the very agent takes for one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from remit.conversation.model import Call, Message, Result, Step
from remit.hooks.events import Event, Point, Verdict
from remit.host.canary import CANARY
from remit.host.history import WITHHELD
from remit.host.values import result_of, value_of

Agent = Literal["claude", "codex", "gemini"]
AGENTS = ("claude", "codex", "gemini")
POINTS: Mapping[str, Point] = {
    "SessionStart": "agent_startup", "UserPromptSubmit": "input", "PreToolUse": "pre_tool_call",
    "PostToolUse": "post_tool_call", "PostToolUseFailure": "post_tool_call", "Stop": "output",
    "SessionEnd": "agent_shutdown", "BeforeAgent": "input", "BeforeTool": "pre_tool_call",
    "AfterTool": "post_tool_call", "AfterAgent": "output",
}  # fmt: skip
_GEMINI = frozenset({"BeforeAgent", "BeforeTool", "AfterTool", "AfterAgent"})
AT_HAND = frozenset({"user", "a person"})  # whom the agent's own prompt asks
NOTICE = "<task-notification>"  # begins a prompt that nobody typed: what a sub-agent answered
ALWAYS = (  # what hooks of an agent cannot show, however they are called
    "tools that run at the provider",
    "what a tool says when it fails: it is judged, but the agent has heard it",
    "who a prompt is from: what other sessions and channels send counts as the user's",
)
GAPS = (
    "the system prompt, files that the agent reads by itself, and what it says between two calls",
    "its last words, until they have been shown",
    *ALWAYS,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a coding agent told, as its event: `agent` is which one, `data` is what it told."""

    agent: Agent
    data: Mapping[str, Any]
    event: Event

    @property
    def begins(self) -> bool:
        """Whether a conversation begins of which nothing was before."""
        source = self.data.get("source")
        return self.event.point == "agent_startup" and source in ("startup", "clear")


def asked_of(data: Any, agent: Agent | None = None) -> Asked:
    """What a coding agent told. Raises `ValueError`, with what is wrong in a line."""
    if not isinstance(data, dict):
        raise ValueError("what the agent tells is no JSON object")  # noqa: TRY004 - bad input
    name, session = data.get("hook_event_name"), data.get("session_id")
    if not isinstance(name, str) or name not in POINTS:
        raise ValueError(f"the event `{str(name)[:80]}` is not judged: take it out of the settings")
    if type(session) is not str or not session:
        raise ValueError("the agent tells no `session_id`")
    point = POINTS[name]
    who = data.get("agent_type")
    steps = tuple(_steps(point, data))
    prompt = data.get("prompt_id")  # a prompt that is said again is another one
    ids = (prompt,) if point == "input" and isinstance(prompt, str) else ()
    event = Event(point, steps, session, who if isinstance(who, str) else "", ids)
    return Asked(agent or _agent(name, data), data, event)


def _agent(name: str, data: Mapping[str, Any]) -> Agent:
    """Which agent it is, by what only that one tells."""
    if name in _GEMINI or ("timestamp" in data and "permission_mode" not in data):
        return "gemini"
    return "codex" if "turn_id" in data or "model" in data else "claude"


def _steps(point: Point, data: Mapping[str, Any]) -> list[Step]:
    if point == "input":
        said = _text(data, "prompt")
        return [Message("agent" if said.lstrip().startswith(NOTICE) else "user", said)]
    if point == "output":
        said = data.get("last_assistant_message", data.get("prompt_response"))
        return [Message("assistant", said)] if isinstance(said, str) and said else []
    if point == "pre_tool_call":
        return [call_of(data)]
    return [_result(data)] if point == "post_tool_call" else []


def call_of(data: Mapping[str, Any]) -> Call:
    """The call that an event is about."""
    args, tool = data.get("tool_input"), _text(data, "tool_name")
    if tool.startswith("mcp__") and tool.endswith(f"__{CANARY}"):
        tool = CANARY  # whatever server has it
    if isinstance(args, dict):
        return Call(tool, args, id=_id(data))
    return Call(tool, id=_id(data), bad_args=str(args))


def _result(data: Mapping[str, Any]) -> Result:
    tool = _text(data, "tool_name")
    if isinstance(data.get("error"), str):
        return Result(tool, error=data["error"], id=_id(data))
    return result_of(tool, data.get("tool_response"), _id(data))


def _text(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    if type(value) is not str:
        raise ValueError(f"the agent tells no `{name}`")
    return value


def _id(data: Mapping[str, Any]) -> str:
    value = data.get("tool_use_id")
    return value if isinstance(value, str) else ""


# ---- what it hears


def answer(
    asked: Asked, verdict: Verdict, *, grant: bool = False, prompts: bool = True
) -> dict[str, Any]:
    """What the agent is to hear. `grant`: what is allowed runs without its own question.

    `prompts`: whether it may put a question to a person by itself.
    """
    point = asked.event.point
    if point == "pre_tool_call":
        made = _of_call(asked, verdict, grant=grant, prompts=prompts)
    elif point == "post_tool_call":
        made = _of_result(asked, verdict)
    elif point == "input":
        made = _of_prompt(asked, verdict)
    elif point == "output" and not verdict and asked.data.get("stop_hook_active") is not True:
        made = _blocked(asked, verdict.message)
    else:
        made = {}
    return made | _stopped(asked, verdict)


def _stopped(asked: Asked, verdict: Verdict) -> dict[str, Any]:
    """That the whole run ends. Codex takes this before a call for a mistake, and goes on."""
    if verdict or verdict.scope != "run":
        return {}
    if asked.agent == "codex" and asked.event.point == "pre_tool_call":
        return {}
    return {"continue": False, "stopReason": verdict.message}


def _of_call(asked: Asked, verdict: Verdict, *, grant: bool, prompts: bool) -> dict[str, Any]:
    if asked.agent == "gemini":
        if verdict.kind == "transform":
            return _specific(asked, tool_input=_args(verdict))
        return {} if verdict else _blocked(asked, _message(verdict))
    if verdict.kind == "allow":
        return _decision(asked, "allow") if grant and asked.agent == "claude" else {}
    if verdict.kind == "transform":
        if not (grant or prompts):
            return _specific(asked, updatedInput=_args(verdict))
        granted = grant or asked.agent == "codex"  # which takes a change in no other way
        word = "allow" if granted else "ask"
        return _decision(asked, word, "changed by policy", updatedInput=_args(verdict))
    request = verdict.request if asked.agent == "claude" and prompts else None
    if request is not None and AT_HAND.issuperset(request.people):
        return _decision(asked, "ask", verdict.message, **_changed(asked, request.call))
    return _decision(asked, "deny", _message(verdict))


def _changed(asked: Asked, call: Call) -> dict[str, Any]:
    """The call as it would go on, where that is another one."""
    was = asked.event.steps[-1]
    same = isinstance(was, Call) and dict(was.args) == dict(call.args)
    return {} if same else {"updatedInput": dict(call.args)}


def _args(verdict: Verdict) -> dict[str, Any]:
    call = verdict.after
    assert isinstance(call, Call), "a call goes on as a call"
    return dict(call.args)


def _message(verdict: Verdict) -> str:
    """Why not, for the model; who must agree, where somebody may."""
    if verdict.request is None:
        return verdict.message or verdict.reason
    people = " and ".join(verdict.request.people)
    return f"{verdict.message} (not done: {people} must agree)"


def _decision(asked: Asked, word: str, reason: str = "", **more: Any) -> dict[str, Any]:
    told = {"permissionDecision": word} | (
        {"permissionDecisionReason": reason} if reason else {}
    )  # fmt: skip
    return _specific(asked, **told, **more)


def _specific(asked: Asked, **told: Any) -> dict[str, Any]:
    return {"hookSpecificOutput": {"hookEventName": asked.data["hook_event_name"], **told}}


def _blocked(asked: Asked, message: str) -> dict[str, Any]:
    return {"decision": "deny" if asked.agent == "gemini" else "block", "reason": message}


def _of_result(asked: Asked, verdict: Verdict) -> dict[str, Any]:
    if verdict.kind == "allow":
        return {}
    given = asked.data.get("tool_response")
    if asked.agent == "gemini":  # a deny puts its reason in the place of what the tool gave
        return _blocked(asked, verdict.message if not verdict else _shown(_left(verdict, given)))
    if verdict:
        return _specific(asked, updatedToolOutput=_left(verdict, given))
    return _blocked(asked, verdict.message) | _specific(asked, updatedToolOutput=_withheld(given))


def _left(verdict: Verdict, given: Any) -> Any:
    after = verdict.after
    assert isinstance(after, Result), "a result goes on as a result"
    return after.error if given is None else value_of(after, given)


def _shown(value: Any) -> str:
    """What Gemini's model would see of a result."""
    inner = value.get("llmContent") if isinstance(value, dict) else value
    if isinstance(inner, str):
        return inner
    import json

    return json.dumps(inner, ensure_ascii=False, default=str)


def _withheld(value: Any) -> Any:
    """A value of the same form that says nothing: the agent ignores one of another form."""
    if isinstance(value, dict):
        return {name: _withheld(one) for name, one in value.items()}
    if isinstance(value, list):
        if value and all(isinstance(one, dict) and "type" in one for one in value):
            return [{"type": "text", "text": WITHHELD}]  # blocks of an MCP server
        return [_withheld(one) for one in value]
    return WITHHELD if isinstance(value, str) else value


def _of_prompt(asked: Asked, verdict: Verdict) -> dict[str, Any]:
    """A prompt is let through or not: no agent takes another one in its place."""
    if verdict.kind == "allow":
        return {}
    told = "say this otherwise: a part of it must not reach the agent"
    return _blocked(asked, verdict.message if not verdict else told)
