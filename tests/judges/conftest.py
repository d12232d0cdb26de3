"""A real HTTP server on this machine that misbehaves in one way per path.

`/slow/chat/completions` is slow, and so on: the methods of `_Handler` named `do_it_...`.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

GOOD = {"reason": "it says 400 mg", "answer": "true", "confidence": 0.9}
USAGE = {"prompt_tokens": 100, "completion_tokens": 20}


class Server(ThreadingHTTPServer):
    """Counts requests by path and keeps their headers and bodies; `over` ends all waiting."""

    daemon_threads = True

    def __init__(self, other: str = "") -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.other = other
        self.over = threading.Event()
        self.counts: Counter[str] = Counter()
        self.seen: list[tuple[dict[str, str], dict[str, Any]]] = []
        self.busy = self.most_busy = 0
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        """The address, without a path."""
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up are what the tests are about."""


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        server = self.server
        name = self.path.split("/")[1]
        body = self.rfile.read(int(self.headers["content-length"]))
        with server.lock:
            server.counts[name] += 1
            server.seen.append((dict(self.headers.items()), json.loads(body)))
            server.busy += 1
            server.most_busy = max(server.busy, server.most_busy)
        try:
            with suppress(OSError):  # the client hung up
                getattr(self, f"do_it_{name}")()
        finally:
            with server.lock:
                server.busy -= 1

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the tests look at what was counted."""

    def send(self, body: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"content-length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def say(self, content: Any, finish: str = "stop", usage: Any = USAGE) -> None:
        choice = {"message": {"content": content}, "finish_reason": finish}
        self.send(json.dumps({"choices": [choice], "usage": usage}).encode())

    def say_good(self, **other: Any) -> None:
        self.say(json.dumps(GOOD | other))

    def is_first(self) -> bool:
        return self.server.counts[self.path.split("/")[1]] == 1

    # ---- what gives an answer

    def do_it_fine(self) -> None:
        self.say_good()

    def do_it_false(self) -> None:
        self.say_good(answer="false")

    def do_it_unsure(self) -> None:
        self.say_good(answer="unknown")

    def do_it_timid(self) -> None:
        self.say_good(confidence=0.4)

    def do_it_fenced(self) -> None:
        self.say("```json\n" + json.dumps(GOOD) + "\n```")

    def do_it_plain(self) -> None:
        self.say('{"answer": true}')

    def do_it_wobbly(self) -> None:
        if self.is_first():
            self.send(b"oops", 500)
        else:
            self.say_good()

    def do_it_busy(self) -> None:
        if self.is_first():
            self.send(b"", 429, retry_after="0.3")
        else:
            self.say_good()

    def do_it_verbose(self) -> None:
        self.say_good(reason="because " * 100_000)

    def do_it_echo(self) -> None:
        self.say_good(reason=f"I was sent {self.headers['authorization']}")

    def do_it_echo_at_the_cut(self) -> None:
        self.say_good(reason="x" * 1_990 + self.headers["authorization"].split()[1])

    def do_it_lazy(self) -> None:
        self.server.over.wait(0.1)
        self.say_good()

    def do_it_no_usage(self) -> None:
        self.say(json.dumps(GOOD), usage={"prompt_tokens": -5, "completion_tokens": "many"})

    # ---- what gives none

    def do_it_slow(self) -> None:
        self.server.over.wait(20)
        self.say_good()

    def do_it_silent(self) -> None:
        self.server.over.wait()

    def do_it_drip(self) -> None:
        self.send_response(200)
        self.end_headers()
        while not self.server.over.wait(0.02):
            self.wfile.write(b" ")

    def do_it_endless(self) -> None:
        self.send_response(200)
        self.end_headers()
        while not self.server.over.is_set():
            self.wfile.write(b" " * 65_536)

    def do_it_half(self) -> None:
        self.send_response(200)
        self.send_header("content-length", "1000")
        self.end_headers()
        self.wfile.write(b'{"choices": [')

    def do_it_gone(self) -> None:
        self.connection.close()

    def do_it_other_protocol(self) -> None:
        self.wfile.write(b"SSH-2.0-OpenSSH_9.6\r\n")

    def do_it_broken(self) -> None:
        self.send(b"", 503)

    def do_it_later(self) -> None:
        self.send(b"", 429, retry_after="3600")

    def do_it_html(self) -> None:
        self.send(b"<html>Welcome</html>")

    def do_it_binary(self) -> None:
        self.send(bytes(range(256)))

    def do_it_deep(self) -> None:
        self.send(b"[" * 200_000)

    def do_it_packed(self) -> None:
        self.send(b"\x1f\x8b", content_encoding="gzip")

    def do_it_shape(self) -> None:
        self.send(b'{"choices": "none"}')

    def do_it_empty(self) -> None:
        self.send(b'{"choices": []}')

    def do_it_refusal(self) -> None:
        self.say(None)

    def do_it_parts(self) -> None:
        self.say([{"type": "text", "text": json.dumps(GOOD)}])

    def do_it_cut(self) -> None:
        self.say('{"reason": "it', finish="length")

    def do_it_prose(self) -> None:
        self.say("Yes, the statement is true.")

    def do_it_maybe(self) -> None:
        self.say_good(answer="maybe")

    def do_it_number(self) -> None:
        self.say_good(answer=1)

    def do_it_seven(self) -> None:
        self.say_good(confidence=7)

    def do_it_nan(self) -> None:
        self.say_good(confidence=float("nan"))

    def do_it_yes_confidence(self) -> None:
        self.say_good(confidence=True)

    def do_it_twice(self) -> None:
        self.say('{"answer": "false", "answer": "true"}')

    def do_it_list_reason(self) -> None:
        self.say_good(reason=["a"])

    def do_it_elsewhere(self) -> None:
        self.send(b"", 307, location=self.server.other + "/fine/chat/completions")

    def do_it_forbidden(self) -> None:
        error = {"message": f"bad key {self.headers['authorization']}", "code": "invalid_api_key"}
        self.send(json.dumps({"error": error}).encode(), 401)

    def do_it_tricky(self) -> None:
        error = {"code": self.headers["authorization"].split()[1]}
        self.send(json.dumps({"error": error}).encode(), 400)


def _served(server: Server) -> Iterator[Server]:
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        server.server_close()
        thread.join(5)


@pytest.fixture
def other() -> Iterator[Server]:
    """Another host, to which the first one redirects."""
    yield from _served(Server())


@pytest.fixture
def server(other: Server) -> Iterator[Server]:
    """The host that is asked."""
    yield from _served(Server(other.url))
