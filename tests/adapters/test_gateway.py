"""`remit gateway` as a process: in front of a command, and of a server over HTTP."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import sleep
from typing import Any

import pytest

pytest.importorskip("fastmcp")

from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from tests.adapters.served import texts

from remit_plugins.adapters.mcp.gateway import Gateway, _named, _target

SPEC = """
spec desk
author developer
clause pay.most
  forbid call pay where amount > 1000
  otherwise deny advise "Offer to pay in parts."
clause mail
  forbid result where has email
  otherwise redact as "(address)"
"""
# A server of the old days, which knows nothing of the protocol without a handshake.
SERVER = """
import json, os, sys
TOOL = {"name": "pay", "inputSchema": {"type": "object"}}
ran = 0
for line in sys.stdin:
    asked = json.loads(line)
    method, given = asked.get("method"), None
    if method == "initialize":
        given = {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}},
                 "serverInfo": {"name": "old", "version": "1"}}
    elif method == "tools/list":
        given = {"tools": [TOOL]}
    elif method == "tools/call":
        ran += 1
        text = f"{ran}: ask {os.environ['DESK']}@acme.example"
        given = {"content": [{"type": "text", "text": text}]}
    if "id" not in asked:
        continue
    error = {"error": {"code": -32601, "message": "no such method"}}
    told = {"result": given} if given else error
    print(json.dumps({"jsonrpc": "2.0", "id": asked["id"], **told}), flush=True)
"""
GATEWAY = """
import sys
from remit.host.guard import Guard
from remit.policy import load
from remit_plugins.adapters.mcp.gateway import GATEWAY
from pathlib import Path

port = int(sys.argv[2])
http = ("127.0.0.1", port) if port else None
GATEWAY.serve(Guard(load(Path(sys.argv[1]))), sys.argv[3:], http=http)
"""


@pytest.fixture(name="command")
def _command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A gateway with a port, in front of the server of old."""
    monkeypatch.setenv("DESK", "ann")
    monkeypatch.setenv("PYTHONPATH", ":".join(sys.path))
    for name, text in (("s.spec", SPEC), ("server.py", SERVER), ("gateway.py", GATEWAY)):
        (tmp_path / name).write_text(text)
    return [sys.executable, str(tmp_path / "gateway.py"), str(tmp_path / "s.spec"), "0",
            sys.executable, str(tmp_path / "server.py")]  # fmt: skip


async def said(client: Any) -> list[str]:
    """What calls through a gateway come to."""
    async with client:
        told = [one.name for one in (await client.list_tools()).tools]
        calls = [("pay", {"amount": one}) for one in (5, 5000, 6)]
        for name, arguments in [*calls, ("remit_canary", {})]:
            told += [texts(await client.call_tool(name, arguments)).strip()]
        return told


TOLD = [
    "pay", "1: ask (address)", "Offer to pay in parts.", "2: ask (address)",
    "the canary was held back: this gate is in place",
]  # fmt: skip


@pytest.mark.parametrize("mode", ["legacy", "2026-07-28"])
def test_in_front_of_a_command(command: list[str], mode: str) -> None:
    """A client of either way; the server knows only the old one, and gets the environment."""
    served = StdioServerParameters(command=command[0], args=command[1:], env=dict(os.environ))
    client = Client(stdio_client(served), mode=mode)
    assert asyncio.run(said(client)) == TOLD


def test_over_http(command: list[str]) -> None:
    """A gateway that listens; each session has a server of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command[3] = str(port)
    with running(command, port) as url:
        for mode in ("legacy", "2026-07-28", "legacy"):
            assert asyncio.run(said(Client(url, mode=mode))) == TOLD


@contextmanager
def running(command: list[str], port: int) -> Iterator[str]:
    """A gateway that listens, until the end."""
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        try:
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port), 1).close()
                    break
                except OSError:
                    assert process.poll() is None, process.stderr
                    sleep(0.05)
            yield f"http://127.0.0.1:{port}/mcp"
        finally:
            process.terminate()
            process.communicate()


def test_a_server_that_is_not_there(command: list[str]) -> None:
    """Nothing is allowed for it: the client gets an error."""
    args = [*command[1:4], "/no/such/command"]
    served = StdioServerParameters(command=command[0], args=args, env=dict(os.environ))

    async def run() -> list[str]:
        async with Client(stdio_client(served), mode="2026-07-28") as client:
            told = texts(await client.call_tool("remit_canary", {}))
            with pytest.raises(Exception, match=r".") as error:
                await client.call_tool("pay", {"amount": 5})
            return [told, str(error.value)]

    told, error = asyncio.run(run())
    assert "this gate is in place" in told
    assert "no/such" in error or "connect" in error.lower()


def test_ways_to_a_server(tmp_path: Path) -> None:
    """A URL, an old one, a command; headers go with a URL."""
    made = _target(["https://acme.example/mcp"], {"X": "1"})()
    assert (type(made).__name__, made.headers) == ("StreamableHttpTransport", {"X": "1"})
    assert type(_target(["http://acme.example/sse"], {})()).__name__ == "SSETransport"
    made = _target(["python", "a.py", "-v"], {})()
    assert (made.command, made.args) == ("python", ["a.py", "-v"])
    with pytest.raises(ValueError, match="which server"):
        _target([], {})
    assert Gateway().missing() is None


def test_a_header_names_the_conversation() -> None:
    """Where a request has one."""

    class Asking:
        class request:
            headers = {"x-thread": "t1"}  # noqa: RUF012 - a stand-in

    assert _named("x-thread")(Asking()) == "t1"
    assert _named("x-thread")(None) == ""
