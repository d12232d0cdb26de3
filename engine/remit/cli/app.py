"""The command `remit` itself: finds the command that was named and guards how it ends.

No command shows a traceback, unless `REMIT_DEBUG=1` asks for it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any, NoReturn

import click

from remit.cli.exits import BAD, CLOSED, FINE, INTERRUPTED

# In the order in which one meets them. The module of a command has its name.
COMMANDS = ("demo", "new", "check", "fmt", "test", "judge", "compile", "graph", "show", "explain",
            "verify", "ledger", "why", "report", "hook", "gateway", "doctor",
            "bench")  # fmt: skip


class App(click.Group):
    """The group of all commands; a command's module is imported when it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name, None if there is none."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"remit.cli.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the first word names; a usage error that suggests one if it is none."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from remit_grammar.diagnostic import did_you_mean

            close = did_you_mean(args[0], COMMANDS)
            hint = f" Did you mean `{close}`?" if close else f" There are {', '.join(COMMANDS)}."
            raise click.UsageError(f"no such command: `{args[0]}`.{hint}", ctx)
        return super().resolve_command(ctx, args)

    def main(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Run the command line and leave with its exit code."""
        kwargs["standalone_mode"] = False
        sys.exit(_guarded(lambda: super(App, self).main(*args, **kwargs)))

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a reader that went away is no error of anybody's."""
        try:
            code = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            _drop_output()
            raise click.exceptions.Exit(CLOSED) from None
        return code


def _guarded(run: Callable[[], Any]) -> int:
    """The exit code of what `run` does, whatever it does."""
    _be_lenient()
    try:
        code = run()
    except click.ClickException as error:
        error.show()
        return BAD
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the user gets one line, and how to see the rest
        return _failed(error)
    return code if isinstance(code, int) else FINE


def _failed(error: Exception) -> int:
    if os.environ.get("REMIT_DEBUG"):
        raise error
    told = " ".join(str(error).split())[:200]
    click.echo(f"remit: {type(error).__name__}: {told}", err=True)
    click.echo("this is a mistake in Remit; set REMIT_DEBUG=1 to see where", err=True)
    return BAD


def _be_lenient() -> None:
    """A character that the terminal's encoding lacks is shown as an escape, never an error."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _drop_output() -> None:
    """Let the interpreter's last flush go nowhere, for the pipe is closed."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):  # no real file behind it
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - lives to the end


def _version(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value:
        from remit import __version__
        from remit.checked.model import LANGUAGE

        click.echo(f"remit {__version__} (language {LANGUAGE})")
        ctx.exit()


@click.group(
    cls=App,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 fine, 1 findings or denials, 2 bad input or usage.",
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version,
    help="Show the version of Remit and of its language.",
)  # fmt: skip
def main() -> None:
    """Policy as code for AI agents: who may ask for what, decided and explained."""
