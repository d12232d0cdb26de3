"""Remit for agents of the Claude Agent SDK: hooks in their options, and what they say judged.

What the agent tells and hears is as in `remit.host.coding`; the SDK is imported when it is needed.
"""

from __future__ import annotations

import json
from asyncio import wait_for
from collections.abc import AsyncIterable, AsyncIterator, Callable, Mapping
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from remit.conversation.model import Call, Message, Step
from remit.hooks.events import Event, Request, Verdict
from remit.host.coding import ALWAYS, Asked, answer, asked_of
from remit.host.coverage import Coverage, coverage
from remit.host.gate import Gate, reply_of
from remit.host.guard import Guard
from remit_plugins.adapters.needs import need
from remit_plugins.adapters.replies import edited

POINTS = ("input", "pre_tool_call", "post_tool_call", "post_model_call")
HOOKS = ("UserPromptSubmit", "PreToolUse", "PostToolUse", "PostToolUseFailure")
GAPS = (
    "what the agent says, if you do not read it through `query` or `messages`",
    "files that the agent reads by itself (CLAUDE.md, skills), and a system prompt in a file",
    "the model's reasoning",
    "what other hooks change at the same time",
    *ALWAYS,
)
SLACK = 60.0  # seconds that a hook has beyond those of whoever is asked


def hold(
    guard: Guard, options: Any = None, *, agent: str = "", conversation: str = "",
    context: Mapping[str, Any] | None = None,
) -> Held:  # fmt: skip
    """Hold agents with these `ClaudeAgentOptions` to the policy of a guard.

    `agent` names the agent. `conversation` is the name of the conversation, if it is not the
    session's id; `context` is what the host declares of it. Raises `MissingError` where the SDK is
    not installed, and `ValueError` for a context that the policy does not declare.
    """
    sdk = need("claude_agent_sdk", "claude-agent-sdk")
    return Held(guard, options or sdk.ClaudeAgentOptions(), agent, conversation, context or {})


class Held:
    """Options under a policy. Give `options` to a client, and read what it says by `messages`.

    Or have `query` do both.
    """

    def __init__(
        self, guard: Guard, options: Any, agent: str, conversation: str, context: Mapping[str, Any]
    ) -> None:
        self.guard = guard
        self._sdk = need("claude_agent_sdk", "claude-agent-sdk")
        self._agent, self._conversation, self._context = agent, conversation, context
        guard.policy.session({**guard.context, **context})  # raises now what every hook would raise
        self._system = _prompt_of(options.system_prompt)
        self._resumes = bool(options.resume or options.continue_conversation)
        self._person: Callable[..., Any] | None = options.can_use_tool
        self._replies: dict[str, Any] = {}
        self._children: dict[str, Gate] = {}
        self._session = ""
        self._said: tuple[str, str] = ("", "")  # the agent's last words, and what is left of them
        self.options = replace(
            options, hooks=self._hooks(options.hooks or {}),
            can_use_tool=None if self._person is None else self._may,
        )  # fmt: skip

    def coverage(self) -> Coverage:
        """What the policy misses here."""
        return coverage(self.guard.policy, POINTS, GAPS)

    # ---- people

    @property
    def waiting(self) -> tuple[Request, ...]:
        """The requests that wait for an answer, in the session at hand and its sub-agents."""
        name = self._conversation or self._session
        gates = [*([self.guard.gate(name)] if name else ()), *self._children.values()]
        return tuple(request for gate in gates for request in gate.waiting)

    def answer(self, request: Request | str, reply: Any) -> None:
        """Somebody answers a request that waits, or the id of one. Then resume the session.

        `reply` is a `Reply`, True, or plain data: `{"yes": True, "person": "ann"}`, with `args` if
        the call is to be another one, which is judged as any other.
        """
        self._replies[request if isinstance(request, str) else request.id] = reply

    # ---- hooks

    def _hooks(self, theirs: Mapping[str, Any]) -> dict[str, Any]:
        made = self._sdk.HookMatcher(
            hooks=[self._hook], timeout=self.guard.wait + SLACK, on_failure="block"
        )
        names = dict.fromkeys([*theirs, *HOOKS])
        return {name: [*theirs.get(name, ()), *([made] if name in HOOKS else ())] for name in names}

    async def _hook(self, data: Any, _id: str | None, _context: Any) -> dict[str, Any]:
        """What the agent is to hear. An error in here holds the step back: `on_failure`."""
        asked = asked_of(data, "claude")
        gate = self._gate(asked)
        event = self._event(asked, gate)
        asked = replace(asked, event=event)
        verdict = await gate.adecide(event)
        if verdict.request is None:
            return answer(asked, verdict, prompts=False)
        return await self._asks(gate, asked, verdict)

    def _gate(self, asked: Asked) -> Gate:
        """The gate of a session, or that of a sub-agent in it."""
        self._session = asked.event.conversation
        gate = self._main()
        child = asked.data.get("agent_id")
        if not isinstance(child, str):
            return gate
        if child not in self._children:
            self._children[child] = gate.hand_on(asked.event.agent)
        return self._children[child]

    def _main(self) -> Gate:
        """The gate of the session. What came before it is unknown where it is taken up again."""
        return self.guard.gate(
            self._conversation or self._session, agent=self._agent, context=self._context,
            truncated=self._resumes,
        )  # fmt: skip

    def _event(self, asked: Asked, gate: Gate) -> Event:
        event = replace(asked.event, conversation=gate.conversation)
        if event.point != "input" or not self._system:
            return event
        steps: tuple[Step, ...] = (Message("system", self._system), *event.steps)
        return replace(event, steps=steps, ids=("system", *event.ids))

    # ---- what asks

    async def _asks(self, gate: Gate, asked: Asked, verdict: Verdict) -> dict[str, Any]:
        """Somebody answers now, or has answered; else the session stops until somebody does."""
        event = asked.event
        if self.guard.plugins.hook.remit_approve.get_hookimpls():
            return _answered(asked, await gate.asettle(event, verdict))
        reply: Any = None
        while verdict.request is not None:
            reply = await self._reply(asked, verdict.request, event)
            if reply is None:
                return self._waits(asked, verdict)
            event = edited(event, reply)
            verdict = await gate.aresume(event, verdict, reply)
        made = _answered(asked, verdict)
        return made | ({"continue": False} if _interrupts(reply) else {})

    async def _reply(self, asked: Asked, request: Request, event: Event) -> Any:
        """What was answered, or what the person says whom the host asks; None: nobody yet."""
        if request.id in self._replies or self._person is None:
            return self._replies.pop(request.id, None)
        call = event.steps[-1]
        assert isinstance(call, Call), "only a call is asked about"
        context = self._sdk.ToolPermissionContext(
            tool_use_id=call.id, agent_id=asked.data.get("agent_id"),
            decision_reason=request.reason, title=request.reason,
        )  # fmt: skip
        going = self._person(asked.data["tool_name"], dict(request.call.args), context)
        try:
            given = await wait_for(going, self.guard.wait)
        except TimeoutError:  # after the hook's own time the program would not hear a yes
            return {"yes": False}
        yes = getattr(given, "behavior", None) == "allow"
        args = getattr(given, "updated_input", None) if yes else None
        reply = {"yes": yes, "interrupt": getattr(given, "interrupt", False)}
        return reply if args is None or args == dict(request.call.args) else {**reply, "args": args}

    def _waits(self, asked: Asked, verdict: Verdict) -> dict[str, Any]:
        """The session ends with the call pending; a sub-agent cannot wait, and is told who may."""
        if "agent_id" in asked.data:
            return answer(asked, verdict, prompts=False)
        return _decides("defer", verdict.message)

    async def _may(self, tool: str, args: dict[str, Any], context: Any) -> Any:
        """The agent's own question to the person: what the person edits is judged again."""
        assert self._person is not None, "it is only there for one"
        given = await self._person(tool, args, context)
        new = getattr(given, "updated_input", None)
        if new is None or new == args:
            return given
        gate = self._children.get(getattr(context, "agent_id", None) or "") or self._main()
        call = Call(tool, dict(new), id=context.tool_use_id or "")
        verdict = await gate.adecide(Event("pre_tool_call", (call,), gate.conversation))
        if not verdict:
            stops = verdict.scope == "run"
            return self._sdk.PermissionResultDeny(message=verdict.message, interrupt=stops)
        after = verdict.after
        assert isinstance(after, Call), "a call goes on as a call"
        return replace(given, updated_input=dict(after.args))

    # ---- what is said

    async def query(
        self, prompt: str | AsyncIterable[dict[str, Any]], *, transport: Any = None
    ) -> AsyncIterator[Any]:
        """As the SDK's `query`, with what is left of what the agent says."""
        said = self._sdk.query(prompt=prompt, options=self.options, transport=transport)
        async with aclosing(said):
            async for message in self.messages(said):
                yield message

    async def messages(self, stream: AsyncIterable[Any]) -> AsyncIterator[Any]:
        """The messages of a client as they may leave: judged whole, so pieces are held back."""
        async for message in stream:
            self._session = getattr(message, "session_id", None) or self._session
            if isinstance(message, self._sdk.StreamEvent):
                if not self._main().stream().holds:
                    yield message
            elif isinstance(message, self._sdk.AssistantMessage):
                yield await self._spoken(message)
            elif isinstance(message, self._sdk.ResultMessage):
                yield await self._ended(message)
            else:
                yield message

    async def _spoken(self, message: Any) -> Any:
        text = "\n".join(one.text for one in message.content if hasattr(one, "text"))
        if not text:
            return message
        left = await self._left(text)
        self._said = (text, left)
        if left == text:
            return message
        others = [one for one in message.content if not hasattr(one, "text")]
        return replace(message, content=[self._sdk.TextBlock(text=left), *others])

    async def _ended(self, message: Any) -> Any:
        """The result of a run says the agent's last words again."""
        before, left = self._said
        said, data = message.result, message.structured_output
        if said:
            said = left if said == before else await self._left(said)
        if data is not None:
            text = json.dumps(data, ensure_ascii=False, default=str)
            data = data if await self._left(text) == text else None
        return replace(message, result=said, structured_output=data)

    async def _left(self, text: str) -> str:
        gate = self._main()
        step = Message("assistant", text)
        verdict = await gate.adecide(Event("post_model_call", (step,), gate.conversation))
        return getattr(verdict.after, "text", "") if verdict else verdict.message


# ---- small things


def _prompt_of(prompt: Any) -> str:
    """What the host says in the system prompt, as far as the options hold it."""
    if isinstance(prompt, Mapping):
        prompt = prompt.get("append") or prompt.get("prompt")
    return prompt if isinstance(prompt, str) else ""


def _answered(asked: Asked, verdict: Verdict) -> dict[str, Any]:
    """What the agent hears once somebody answered: a yes is a grant of the call as it goes on."""
    if not verdict:
        return answer(asked, verdict, prompts=False)
    call = verdict.after
    assert isinstance(call, Call), "only a call is asked about"
    return _decides("allow", updatedInput=dict(call.args))


def _decides(word: str, reason: str = "", **more: Any) -> dict[str, Any]:
    told = {"hookEventName": "PreToolUse", "permissionDecision": word, **more}
    return {"hookSpecificOutput": told | ({"permissionDecisionReason": reason} if reason else {})}


def _interrupts(reply: Any) -> bool:
    """Whether whoever said no wants the run to end."""
    return isinstance(reply, Mapping) and bool(reply.get("interrupt")) and not reply_of(reply).yes
