"""The driver for the LiteLLM proxy: its application in this process, before a scripted model.

An agent of a few lines asks it, once in pieces and once whole; the model is a server behind it.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from pathlib import Path
from tempfile import mkdtemp
from threading import Thread
from typing import Any

import pytest
from tests.adapters.contract import ASYNC, MESSAGES, PIECES, SYNC, SYSTEM, Ran, Script

from remit import Call
from remit.host.guard import Guard
from remit_plugins.adapters.litellm import guardrail

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # else its import asks the network
litellm = pytest.importorskip("litellm")
httpx = pytest.importorskip("httpx")

KEY = "sk-test"
HEADERS = {"authorization": f"Bearer {KEY}"}
BOTH = ["pre_call", "post_call"]


@dataclass
class Model:
    """Says its turns, and keeps what it was sent."""

    turns: list[Any]
    seen: list[str] = field(default_factory=list)

    def answer(self, body: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """The next turn as deltas."""
        self.seen += [str(one.get("content") or "") for one in body["messages"]]
        turn = self.turns.pop(0) if self.turns else "well"
        if not isinstance(turn, str) and isinstance(turn[0], Call):
            yield {"tool_calls": [
                {"index": at, "id": one.id, "type": "function",
                 "function": {"name": one.tool, "arguments": json.dumps(dict(one.args))}}
                for at, one in enumerate(turn)
            ]}  # fmt: skip
        else:
            yield from ({"content": one} for one in ([turn] if isinstance(turn, str) else turn))


CURRENT: list[Model] = [Model([])]


def _whole(deltas: list[dict[str, Any]]) -> dict[str, Any]:
    calls = [one for delta in deltas for one in (delta.get("tool_calls") or ())]
    text = "".join((delta.get("content") or "") for delta in deltas)
    message = {"role": "assistant", "content": text or None}
    return {**message, **({"tool_calls": calls} if calls else {})}


class _Handler(BaseHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        """A call of the model."""
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        deltas = list(CURRENT[0].answer(body))
        stop = "tool_calls" if "tool_calls" in deltas[0] else "stop"
        base = {"id": "c1", "created": 1, "model": "m", "object": "chat.completion"}
        if body.get("stream"):
            rows = [{**base, "choices": [{"index": 0, "delta": one, "finish_reason": None}]}
                    for one in [{"role": "assistant", "content": ""}, *deltas]]  # fmt: skip
            rows.append({**base, "choices": [{"index": 0, "delta": {}, "finish_reason": stop}]})
            text = "".join(f"data: {json.dumps(one)}\n\n" for one in rows) + "data: [DONE]\n\n"
            self._send(
                "text/event-stream", text.replace("chat.completion", "chat.completion.chunk")
            )
            return
        choice = {"index": 0, "message": _whole(deltas), "finish_reason": stop}
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        self._send("application/json", json.dumps({**base, "choices": [choice], "usage": usage}))

    def _send(self, kind: str, text: str) -> None:
        data = text.encode()
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


CONFIG = """
model_list:
  - model_name: m
    litellm_params: {model: openai/m, api_base: "http://127.0.0.1:PORT/v1", api_key: none}
  - model_name: e
    litellm_params: {model: openai/e, api_base: "http://127.0.0.1:PORT/v1", api_key: none}
general_settings: {master_key: KEY}
"""


@cache
def app() -> Any:
    """The proxy, started once before a server for its models."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    proxy_server = import_module("litellm.proxy.proxy_server")
    path = Path(mkdtemp()) / "config.yaml"
    path.write_text(CONFIG.replace("PORT", str(server.server_port)).replace("KEY", KEY))
    asyncio.run(proxy_server.initialize(config=str(path)))
    return proxy_server.app


@contextmanager
def guarded(guard: Guard, **more: Any) -> Iterator[None]:
    """The proxy has a guardrail."""
    app()
    made = guardrail(guard, **more)(guardrail_name="remit", event_hook=BOTH, default_on=True)
    litellm.logging_callback_manager.add_litellm_callback(made)
    try:
        yield
    finally:
        litellm.logging_callback_manager.remove_callback_from_all_lists(made)


async def posted(body: dict[str, Any], path: str = "/v1/chat/completions") -> Any:
    """What the proxy answers to a request."""
    transport = httpx.ASGITransport(app())
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        return await client.post(path, json=body, headers=HEADERS, timeout=60)


def asked(body: dict[str, Any], **more: Any) -> Any:
    """The same, without an event loop around it."""
    return asyncio.run(posted({"model": "m", **body}, **more))


class Client:
    """The driver: `asynchronous` stands for an answer in pieces here."""

    can = frozenset({ASYNC, SYNC, MESSAGES, PIECES, SYSTEM})

    def run(self, guard: Guard, script: Script, *, asynchronous: bool) -> Ran:
        """Have an agent ask the proxy until the script is over."""
        CURRENT[0] = model = Model(list(script.turns))
        system = [{"role": "system", "content": script.system}] if script.system else []
        messages = [*system, {"role": "user", "content": script.user}]
        ran = Ran(model.seen)
        with guarded(guard):
            while model.turns and not ran.stopped:
                self._turn(script, ran, messages, asynchronous)
        return ran

    def _turn(self, script: Script, ran: Ran, messages: list[Any], pieces: bool) -> None:
        reply = asked({"messages": messages, "stream": pieces})
        if reply.status_code != 200 or '"error"' in reply.text:
            ran.stopped = True
            return
        message = joined(reply.text) if pieces else reply.json()["choices"][0]["message"]
        messages.append({name: one for name, one in message.items() if one is not None})
        ran.said += message.get("content") or ""
        for call in message.get("tool_calls") or ():
            args = json.loads(call["function"]["arguments"])
            text = _run(script.tools[call["function"]["name"]], args)
            messages.append({"role": "tool", "tool_call_id": call["id"], "content": text})

    def resume(self, *_: Any, **__: Any) -> Ran:
        """A gateway cannot wait."""
        raise NotImplementedError


def _run(tool: Callable[..., str], args: dict[str, Any]) -> str:
    return tool(**args)


def joined(text: str) -> dict[str, Any]:
    """The message that pieces make up."""
    rows = [json.loads(one[6:]) for one in text.splitlines()
            if one.startswith("data: ") and one != "data: [DONE]"]  # fmt: skip
    return {"role": "assistant", **_whole([one["choices"][0]["delta"] for one in rows
                                           if one["choices"]])}  # fmt: skip
