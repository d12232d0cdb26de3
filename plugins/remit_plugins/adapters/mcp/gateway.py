"""A gateway in front of any server of MCP: a proxy of FastMCP that is held to a policy.

The server is a command that is started, or a URL; clients come through a pipe, or over HTTP. What
the policy does not let go never reaches the server. Sampling is not passed on: nobody judges what
the server would have the client's model say.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from remit.host.coding import AT_HAND
from remit_plugins.adapters import fastmcp
from remit_plugins.adapters.mcp.asking import is_modern
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

        proxy, shared = _proxy(
            guard, _target(server, headers or {}), people={*AT_HAND, *people}, hide=hide,
            agent=agent, conversation=_named(conversation) if conversation else None,
        )  # fmt: skip
        asyncio.run(_run(proxy, shared, http))


def gateway(guard: Guard, server: Any, **options: Any) -> Any:
    """A FastMCP server in front of another: whatever FastMCP's `Client` connects to.

    `options` are those of `remit_plugins.adapters.fastmcp.middleware`. Raises `MissingError` where
    FastMCP is not installed.
    """
    proxy, _ = _proxy(guard, lambda: server, **options)
    return proxy


def _proxy(guard: Guard, target: Callable[[], Any], **options: Any) -> tuple[Any, Any]:
    """The proxy, and its client that is to be closed at the end."""
    proxies = need("fastmcp.server.providers.proxy", "fastmcp")
    shared = proxies.ProxyClient(target(), sampling_handler=None)
    kept = proxies.StatefulProxyClient(target(), sampling_handler=None)
    # Each session gets a server of its own: what that asks must reach the client that called it.
    kept.new = lambda: proxies.StatefulProxyClient(target(), sampling_handler=None)

    def reached() -> Any:
        if _has_session():
            return kept.new_stateful()
        fresh = shared.new()
        fresh.mode = "auto"
        return fresh

    made = proxies.FastMCPProxy(
        name=NAME, client_factory=reached, identity="upstream", provider_error_strategy="raise",
        middleware=[fastmcp.middleware(guard, sampling=False, **options)],
    )  # fmt: skip
    return made, shared


def _target(server: Sequence[str], headers: Mapping[str, str]) -> Callable[[], Any]:
    """What makes a way to the server."""
    transports = need("fastmcp.client.transports", "fastmcp")
    if len(server) == 1 and server[0].startswith(("http://", "https://")):
        is_old = server[0].rstrip("/").endswith("/sse")
        kind = transports.SSETransport if is_old else transports.StreamableHttpTransport
        return lambda: kind(server[0], headers=dict(headers))
    if not server:
        raise ValueError("which server? name its URL, or the command that starts it")
    # The client's settings for the server are set for this process, so they are handed on.
    env = dict(os.environ)
    return lambda: transports.StdioTransport(
        server[0], list(server[1:]), env=env, keep_alive=not _has_session()
    )


def _has_session() -> bool:
    """Whether the client at hand has a session: it came with a handshake, before 2026-07-28."""
    try:
        asking = need("fastmcp.server.dependencies", "fastmcp").get_context().request_context
    except RuntimeError:
        return False
    return asking is not None and not is_modern(asking)


def _named(header: str) -> Callable[[Any], str]:
    def conversation(context: Any) -> str:
        request = getattr(context, "request", None)
        return str(request.headers.get(header, "")) if request is not None else ""

    return conversation


async def _run(proxy: Any, shared: Any, http: tuple[str, int] | None) -> None:
    try:
        if http is None:
            await proxy.run_stdio_async(show_banner=False)
        else:
            await proxy.run_http_async(show_banner=False, host=http[0], port=http[1], path="/mcp")
    finally:
        await shared.close()


GATEWAY = Gateway()
