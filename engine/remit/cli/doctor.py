"""`remit doctor`: whether a policy and the plugins load, and where a gate is."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from remit.cli import exits, options
from remit.cli.loading import usable
from remit.cli.output import say

if TYPE_CHECKING:
    from remit.host.canary import Canary
    from remit.host.guard import Guard


@click.command("doctor")
@options.specs
@click.option("--host", metavar="MODULE:FUNCTION",
              help="Your own set-up: it gets a tool and has your agent call it.")  # fmt: skip
@options.search
def command(specs: tuple[str, ...], host: str | None, search: tuple[str, ...]) -> int:
    """Check that a policy, the installed plugins and your host hold together.

    A gate that is never asked allows everything. So FUNCTION gets a tool that every gate denies,
    and is to have your guarded agent call it, just as it calls its own tools.
    """
    from remit.host.guard import Guard

    policy = usable(specs, search)
    say(f"policy: {policy.name} {policy.digest[:12]}")
    try:
        guard = Guard(policy, installed=True)
    except Exception as error:  # noqa: BLE001 - a plugin may raise anything while it loads
        return _bad(f"plugins: {type(error).__name__}: {str(error)[:200]}")
    say(f"plugins: {', '.join(_names(guard)) or 'none'}")
    missing = sorted(set(_judges(guard)) - set(guard.judges))
    if missing:
        say(f"judges that no plugin gives: {', '.join(missing)}")
    return _canary(guard, host)


def _names(guard: Guard) -> list[str]:
    return sorted(name for name, one in guard.plugins.list_name_plugin() if one is not None)


def _judges(guard: Guard) -> list[str]:
    return [*guard.policy.checked.judges]


def _canary(guard: Guard, host: str | None) -> int:
    """Have the canary called, by the gate alone or by the host."""
    from remit.host.canary import Canary
    from remit.host.wrap import Denied, guard_tools

    bird = Canary()
    if host is None:
        [tool] = guard_tools([bird.tool], guard.gate("remit doctor"))
        try:
            tool()
        except Denied:
            say("canary: held back by the gate; with --host also your agent is tried")
            return exits.FINE
        return _bad("canary: it ran, though a gate was asked")
    call = _function(host)
    try:
        call(bird.tool)
    except Exception as error:  # noqa: BLE001 - a host may raise anything
        say(f"host: {type(error).__name__}: {str(error)[:200]}")
    return _of_host(bird)


def _of_host(bird: Canary) -> int:
    if bird.ran:
        return _bad("canary: it ran: your agent is not held to the policy")
    if not bird.was_held_back:
        return _bad("canary: no gate was asked about it: have your agent call the tool")
    say("canary: held back: your agent is held to the policy")
    return exits.FINE


def _function(host: str) -> Callable[..., Any]:
    module, colon, name = host.partition(":")
    if not colon:
        raise click.UsageError(f"`{host}` is not of the form module:function.")
    sys.path.insert(0, "")
    try:
        found: Callable[..., Any] = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise click.UsageError(f"`{host}` cannot be loaded: {error}") from None
    return found


def _bad(text: str) -> int:
    say(text, err=True)
    return exits.FINDINGS
