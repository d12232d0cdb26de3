"""Asks a program of the house over HTTP. Needs `remit[judges]`, for its HTTP client.

The request is posted as JSON. An answer with status 200 is the reply; 202 means that a person has
been asked: then the same address with the request's id is asked again until there is a reply.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from threading import Event
from time import monotonic
from typing import TYPE_CHECKING, Any

from remit.hooks import hookimpl
from remit.hooks.events import Reply, Request
from remit.host.gate import reply_of

if TYPE_CHECKING:
    import httpx2

MOST = 64 * 1024  # bytes of an answer
WAITING = 202


class Webhook:
    """Posts requests to `url`. `key_variable` names the environment variable with a bearer key.

    `every`: the seconds between two looks for a reply, `seconds` for how long. Raises `ValueError`
    for an address that is not http or https; whatever else goes wrong is a no.
    """

    def __init__(
        self, url: str, *, key_variable: str | None = None, seconds: float = 300.0,
        every: float = 2.0, transport: Any = None,
    ) -> None:  # fmt: skip
        if not url.startswith(("https://", "http://")):
            raise ValueError("the address of a webhook begins with https:// or http://")
        self.url = url.rstrip("/")
        self.key_variable = key_variable
        self.seconds, self.every = seconds, every
        self._transport = transport

    @hookimpl
    def remit_approve(self, request: Request) -> Reply:
        """Post the request, and wait."""
        import httpx2

        until, pause = monotonic() + self.seconds, Event()
        with httpx2.Client(transport=self._transport, timeout=30.0, headers=self._head()) as client:
            status, reply = _sent(client, "POST", self.url, request.to_json())
            while status == WAITING and monotonic() < until:
                pause.wait(self.every)
                status, reply = _sent(client, "GET", f"{self.url}/{request.id}")
        return reply_of(reply, request.id) if status == 200 else Reply(yes=False)

    def _head(self) -> Mapping[str, str]:
        secret = os.environ.get(self.key_variable or "")
        return {"Authorization": f"Bearer {secret}"} if secret else {}


def _sent(client: httpx2.Client, method: str, url: str, body: Any = None) -> tuple[int, Any]:
    """The status and the data of a response; no data where it is too large."""
    import json

    content = None if body is None else json.dumps(body, default=repr).encode()
    kind = {} if content is None else {"Content-Type": "application/json"}
    with client.stream(method, url, content=content, headers=kind) as response:
        data = b""
        for piece in response.iter_bytes():
            data += piece
            if len(data) > MOST:
                return response.status_code, None
    return response.status_code, json.loads(data) if response.status_code == 200 else None
