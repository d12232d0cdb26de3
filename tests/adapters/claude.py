"""The driver for the Claude Agent SDK: its own program, which asks a scripted model in here.

The program speaks HTTP to whatever `ANTHROPIC_BASE_URL` names, so its model is a small server here.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from tests.adapters.contract import ASYNC, CHILD, EDIT, MESSAGES, PAUSE, PIECES, SYSTEM, Ran, Script

from remit import Call
from remit.host.canary import CANARY
from remit.host.guard import Guard
from remit_plugins.adapters.claude_agent_sdk import Held, hold

sdk = pytest.importorskip("claude_agent_sdk")

SERVER = "x"  # of the tools; they are named after it
PREFIX = f"mcp__{SERVER}__"
USAGE = {"input_tokens": 1, "output_tokens": 1}


@dataclass
class Model:
    """Says its turns, and keeps what it was sent. `child` are the turns of the sub-agent."""

    turns: list[Any]
    child: list[Any] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    said: int = 0
    server: str = SERVER

    def turn(self, body: dict[str, Any]) -> Any:
        """The next turn, once what was sent is noted."""
        self.said += 1
        if not body.get("tools"):
            return "a title"
        self.seen += list(_texts(body["messages"]))
        turns = self.child if "You help." in json.dumps(body.get("system")) else self.turns
        return turns.pop(0) if turns else "well"


def _texts(messages: Any) -> Iterator[str]:
    """What is said in messages, and in the results in them."""
    if isinstance(messages, str):
        yield messages
    elif isinstance(messages, list):
        for one in messages:
            yield from _texts(one)
    elif isinstance(messages, dict):
        yield from _texts(messages.get("text") or messages.get("content"))


def _events(turn: Any, model: Model) -> Iterator[dict[str, Any]]:
    """A turn as the events of a stream."""
    is_call = not isinstance(turn, str) and isinstance(turn[0], Call)
    pieces = [turn] if isinstance(turn, str) else turn
    message: dict[str, Any] = {
        "id": f"msg_{model.said}", "type": "message", "role": "assistant", "model": "m",
        "content": [], "stop_reason": None, "stop_sequence": None, "usage": USAGE,
    }  # fmt: skip
    yield {"type": "message_start", "message": message}
    if is_call:
        for index, call in enumerate(turn):
            name = "Agent" if call.tool == "ask_helper" else f"mcp__{model.server}__{call.tool}"
            block = {"type": "tool_use", "id": call.id, "name": name, "input": {}}
            args = json.dumps(_asks(call) if name == "Agent" else dict(call.args))
            yield from _block(index, block, [{"type": "input_json_delta", "partial_json": args}])
    else:
        deltas = [{"type": "text_delta", "text": one} for one in pieces]
        yield from _block(0, {"type": "text", "text": ""}, deltas)
    stop = {"stop_reason": "tool_use" if is_call else "end_turn", "stop_sequence": None}
    yield {"type": "message_delta", "delta": stop, "usage": USAGE}
    yield {"type": "message_stop"}


def _asks(call: Call) -> dict[str, Any]:
    return {"description": "help", "prompt": call.args["task"], "subagent_type": "helper",
            "run_in_background": False}  # fmt: skip


def _block(index: int, block: Any, deltas: Sequence[Any]) -> Iterator[dict[str, Any]]:
    yield {"type": "content_block_start", "index": index, "content_block": block}
    for one in deltas:
        yield {"type": "content_block_delta", "index": index, "delta": one}
    yield {"type": "content_block_stop", "index": index}


@contextmanager
def served(model: Model) -> Iterator[str]:
    """The address at which the model answers."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            """There is nothing else."""
            self.send_error(404)

        def do_POST(self) -> None:
            """A call of the model."""
            body = json.loads(self.rfile.read(int(self.headers.get("content-length", 0))) or "{}")
            if not self.path.startswith("/v1/messages") or "count_tokens" in self.path:
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.end_headers()
            for one in _events(model.turn(body), model):
                self.wfile.write(f"event: {one['type']}\ndata: {json.dumps(one)}\n\n".encode())

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def tools_of(script: Script) -> Any:
    """The tools of a script as a server of the SDK."""
    types = {"pay": {"to": str, "amount": int}, "read": {"path": str}, CANARY: {"note": str}}

    def made(name: str) -> Any:
        async def run(args: dict[str, Any]) -> dict[str, Any]:
            return {"content": [{"type": "text", "text": script.tools[name](**args)}]}

        return sdk.tool(name, name, types[name])(run)

    return sdk.create_sdk_mcp_server(SERVER, tools=[made(name) for name in types])


def options_of(script: Script, url: str, home: str, **more: Any) -> Any:
    """Options with the tools of a script, and nothing of the machine's."""
    env = {
        "ANTHROPIC_BASE_URL": url, "ANTHROPIC_API_KEY": "none", "HOME": home,
        "CLAUDE_CONFIG_DIR": home, "DISABLE_AUTOUPDATER": "1",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", "IS_SANDBOX": "1",
    }  # fmt: skip
    helper = sdk.AgentDefinition(
        description="helps", prompt="You help.", tools=[PREFIX + "pay", PREFIX + "read"]
    )
    given: dict[str, Any] = {
        "mcp_servers": {SERVER: tools_of(script)}, "agents": {"helper": helper}, "env": env,
        "permission_mode": "bypassPermissions", "setting_sources": [], "cwd": home,
        "system_prompt": script.system or None, "include_partial_messages": True,
    }  # fmt: skip
    return sdk.ClaudeAgentOptions(**{**given, **more})


@dataclass
class State:
    """What a run goes on from."""

    model: Model
    session: str = ""


class Sessions:
    """The driver."""

    can = frozenset({ASYNC, MESSAGES, PAUSE, EDIT, PIECES, CHILD, SYSTEM})
    home = ""

    def run(self, guard: Guard, script: Script, *, asynchronous: bool) -> Ran:
        """Begin a session."""
        assert asynchronous
        state = State(Model(list(script.turns), list(script.child)))
        return asyncio.run(self._go(guard, script, state, script.user, None))

    def resume(
        self, guard: Guard, script: Script, ran: Ran, reply: Any, *, edited: Call | None,
        asynchronous: bool,
    ) -> Ran:  # fmt: skip
        """Resume the session, in which somebody has answered."""
        assert asynchronous
        reply = reply if edited is None else {**reply, "args": dict(edited.args)}
        answer = (ran.request["id"], reply)
        return asyncio.run(self._go(guard, script, ran.state, "Go on.", answer))

    async def _go(
        self, guard: Guard, script: Script, state: State, prompt: str, answer: Any
    ) -> Ran:
        with served(state.model) as url:
            options = options_of(script, url, self.home, resume=state.session or None)
            held = hold(guard, options, conversation=script.conversation)
            if answer is not None:
                held.answer(*answer)
            return await _ran(held, prompt, state)


async def _ran(held: Held, prompt: str, state: State) -> Ran:
    ran = Ran(state.model.seen, state=state)
    async for message in held.query(prompt):
        if isinstance(message, sdk.AssistantMessage) and message.parent_tool_use_id is None:
            ran.said += "".join(one.text for one in message.content if hasattr(one, "text"))
        elif isinstance(message, sdk.StreamEvent):
            ran.said += message.event.get("delta", {}).get("text", "")
        elif isinstance(message, sdk.ResultMessage):
            state.session = message.session_id
            if message.deferred_tool_use is not None:
                ran.request = held.waiting[-1].to_json()
    ran.stopped = bool(state.model.turns) and ran.request is None
    return ran
