"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def _set_colour(ctx: click.Context, param: click.Parameter, value: bool | None) -> None:
    if value is not None:
        ctx.color = value


def colour(command: F) -> F:
    """`--color/--no-color`, kept in the context; without it the stream and NO_COLOR decide."""
    return click.option(
        "--color/--no-color", default=None, expose_value=False, callback=_set_colour,
        help="Colour always or never; else only on a terminal, and never with NO_COLOR.",
    )(command)  # fmt: skip


def as_json(command: F) -> F:
    """`--json`."""
    help = "Print data for programs."
    return click.option("--json", "as_json", is_flag=True, help=help)(command)


def search(command: F) -> F:
    """`--search DIR`, repeatable."""
    help = "A folder in which specs are looked for by name; may be given again."
    return click.option("--search", multiple=True, metavar="DIR", help=help)(command)


def specs(command: F) -> F:
    """One or more paths of specs, which make one policy."""
    return click.argument("specs", nargs=-1, required=True, metavar="SPEC...")(command)


def spec_option(command: F) -> F:
    """`--spec S`, at least once."""
    help = "The policy; specs given again are compiled together."
    return click.option("--spec", "specs", multiple=True, required=True, metavar="SPEC", help=help)(
        command
    )
