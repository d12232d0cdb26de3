"""`remit gateway`: stands in front of a server, and holds what goes through to a policy."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Protocol

import click

from remit.cli import exits, options
from remit.cli.contexts import read_context
from remit.cli.loading import usable

if TYPE_CHECKING:
    from remit.host.guard import Guard

GROUP = "remit.gateways"  # the entry points of gateways; there is one, for MCP
KIND = "mcp"


class Gateway(Protocol):
    """What an entry point of the group `remit.gateways` names."""

    def missing(self) -> str | None:
        """How to install what is missing, in one line."""

    def serve(
        self, guard: Guard, server: Sequence[str], *, http: tuple[str, int] | None,
        headers: Mapping[str, str], people: Collection[str], hide: Collection[str], agent: str,
        conversation: str,
    ) -> None:  # fmt: skip
        """Run until the client leaves. Raises `ValueError` where there is no server."""


def _address(
    ctx: click.Context, param: click.Parameter, value: str | None
) -> tuple[str, int] | None:
    if value is None:
        return None
    host, _, port = value.rpartition(":")
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise click.BadParameter(f"`{value}` is not of the form port or host:port.")
    return host or "127.0.0.1", int(port)


def _headers(ctx: click.Context, param: click.Parameter, values: Sequence[str]) -> dict[str, str]:
    """Headers by name; a secret is in a variable, for everybody sees a command line."""
    found: dict[str, str] = {}
    for value in values:
        name, equals, variable = value.partition("=")
        if not equals or not name:
            raise click.BadParameter(f"`{value}` is not of the form name=variable.")
        if variable not in os.environ:
            raise click.BadParameter(f"there is no environment variable `{variable}`.")
        found[name] = os.environ[variable]
    return found


@click.command("gateway")
@click.argument("server", nargs=-1, required=True, metavar="SERVER...")
@options.spec_option
@click.option("--http", metavar="[HOST:]PORT", callback=_address,
              help="Listen there, at /mcp; else the client is at standard input.")  # fmt: skip
@click.option("--header", "headers", multiple=True, metavar="NAME=VARIABLE", callback=_headers,
              help="A header for the server, from an environment variable.")  # fmt: skip
@click.option("--person", "people", multiple=True, metavar="NAME",
              help="Who sits at the client, beside the user, and is asked there.")  # fmt: skip
@click.option("--hide", multiple=True, metavar="PATTERN",
              help="Tools that are not listed; the policy says if they run.")  # fmt: skip
@click.option("--agent", default="", metavar="NAME", help="Who acts, for plugins and records.")
@click.option("--conversation", default="", metavar="HEADER",
              help="The HTTP header that names the conversation.")  # fmt: skip
@click.option("--context", multiple=True, metavar="NAME=VALUE",
              help="What the host declares of a conversation; may be given again.")  # fmt: skip
@click.option("--plugins", is_flag=True, help="Load the plugins of installed packages.")
@click.option("--shadow", is_flag=True, help="Only watch: nothing is held back.")
@options.search
def command(
    server: tuple[str, ...], specs: tuple[str, ...], http: tuple[str, int] | None,
    headers: dict[str, str], people: tuple[str, ...], hide: tuple[str, ...], agent: str,
    conversation: str, context: tuple[str, ...], plugins: bool, shadow: bool,
    search: tuple[str, ...],
) -> int:  # fmt: skip
    """Stand in front of an MCP server, and hold what goes through to a policy.

    SERVER is its URL, or the command that starts it, behind `--`. What the policy does not let go
    never reaches the server, nor the client.
    """
    from remit.host.guard import Guard

    gate = _gateway()
    policy = usable(specs, search)
    guard = Guard(
        policy, context=read_context(context, policy), installed=plugins,
        mode="shadow" if shadow else "enforce",
    )  # fmt: skip
    try:
        gate.serve(
            guard, server, http=http, headers=headers, people=people, hide=hide, agent=agent,
            conversation=conversation,
        )  # fmt: skip
    except (ValueError, OSError) as error:
        raise click.ClickException(str(error)) from None
    return exits.FINE


def _gateway() -> Gateway:
    found = [one for one in entry_points(group=GROUP) if one.name == KIND]
    if not found:
        raise click.UsageError("no gateway is installed")
    gate: Gateway = found[0].load()
    missing = gate.missing()
    if missing is not None:
        raise click.UsageError(f"the gateway needs more than is installed: {missing}")
    return gate
