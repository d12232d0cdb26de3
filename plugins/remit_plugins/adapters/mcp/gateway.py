"""A gateway in front of any server of MCP: a proxy of FastMCP that is held to a policy.

The server is a command that is started, or a URL; clients come through a pipe, or over HTTP. What
the policy does not let go never reaches the server. Sampling is not passed on: nobody judges what
the server would have the client's model say.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from remit.host.coding import AT_HAND
from remit_plugins.adapters import fastmcp
from remit_plugins.adapters.needs import need

if TYPE_CHECKING:
    from remit.host.guard import Guard

NAME = "remit gateway"


class Gateway:
    """What the command `remit gateway` starts."""

    def missing(self) -> str | None:
        """How to install what is missing, in one line."""
        return None if find_spec("fastmcp") else "pip install 'remit[fastmcp]'"

    def serve(
        self, guard: Guard, server: Sequence[str], *, http: tuple[str, int] | None = None,
        headers: Mapping[str, str] | None = None, people: Collection[str] = (),
        hide: Collection[str] = (), agent: str = "", conversation: str = "",
    ) -> None:  # fmt: skip
        """Run until the client leaves, or is interrupted. Raises `ValueError` for no server.

        `server` is a URL, with `headers`, or a command; without `http` (host and port) the client
        is at standard input. `people` sit at the client, beside the user; the HTTP header
        `conversation` names conversations.
        """
        import asyncio

        backend = _backend(server, headers or {})
        proxy = _proxy(
            guard, backend, people={*AT_HAND, *people}, hide=hide, agent=agent,
            conversation=_named(conversation) if conversation else None,
        )  # fmt: skip
        asyncio.run(_run(proxy, backend, http))


def gateway(guard: Guard, server: Any, **options: Any) -> Any:
    """A FastMCP server in front of another: whatever FastMCP's `Client` connects to.

    `options` are those of `remit_plugins.adapters.fastmcp.middleware`. Raises `MissingError` where
    FastMCP is not installed.
    """
    return _proxy(guard, _client(server), **options)


def _proxy(guard: Guard, backend: Any, **options: Any) -> Any:
    def reached() -> Any:
        fresh = backend.new()
        fresh.mode = _mode()
        return fresh

    made = need("fastmcp.server.providers.proxy", "fastmcp").FastMCPProxy
    return made(
        name=NAME, client_factory=reached, identity="upstream", provider_error_strategy="raise",
        middleware=[fastmcp.middleware(guard, **options)],
    )  # fmt: skip


def _client(server: Any) -> Any:
    proxies = need("fastmcp.server.providers.proxy", "fastmcp")
    return proxies.ProxyClient(server, sampling_handler=None)


def _backend(server: Sequence[str], headers: Mapping[str, str]) -> Any:
    transports = need("fastmcp.client.transports", "fastmcp")
    if len(server) == 1 and server[0].startswith(("http://", "https://")):
        kind = "SSETransport" if server[0].rstrip("/").endswith("/sse") else _HTTP
        return _client(getattr(transports, kind)(server[0], headers=dict(headers)))
    if not server:
        raise ValueError("which server? name its URL, or the command that starts it")
    # The client's settings for the server are set for this process, so they are handed on.
    return _client(transports.StdioTransport(server[0], list(server[1:]), env=dict(os.environ)))


_HTTP = "StreamableHttpTransport"


def _mode() -> str:
    """How the server is spoken to. A client with a handshake gets a server with one.

    So what the server asks reaches the client. Any other client gets what the server speaks.
    """
    try:
        asking = need("fastmcp.server.dependencies", "fastmcp").get_context().request_context
    except RuntimeError:
        return "auto"
    modern = need("mcp_types.version", "fastmcp").MODERN_PROTOCOL_VERSIONS
    return "auto" if asking is None or asking.protocol_version in modern else "legacy"


def _named(header: str) -> Any:
    def conversation(context: Any) -> str:
        request = getattr(context, "request", None)
        return str(request.headers.get(header, "")) if request is not None else ""

    return conversation


async def _run(proxy: Any, backend: Any, http: tuple[str, int] | None) -> None:
    try:
        if http is None:
            await proxy.run_stdio_async(show_banner=False)
        else:
            await proxy.run_http_async(show_banner=False, host=http[0], port=http[1], path="/mcp")
    finally:
        await backend.close()


GATEWAY = Gateway()
