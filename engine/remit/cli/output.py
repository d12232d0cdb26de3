"""What all commands print with: text, JSON, findings, tables. Decides when there is colour."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.console import Console

    from remit_grammar.diagnostic import Diagnostic

MOST = 10  # findings about records that are shown; more are counted
WIDEST = 1_000  # columns of a table that no terminal shows

STYLES = {
    "allow": "green", "warn": "yellow", "redact": "yellow", "rewrite": "yellow",
    "ask": "yellow", "deny": "red", "halt": "red",
}  # fmt: skip


def has_colour(*, err: bool = False) -> bool:
    """Whether the stream gets colour: as the option says, else on a terminal without NO_COLOR."""
    ctx = click.get_current_context(silent=True)
    if ctx is not None and ctx.color is not None:
        return ctx.color
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return is_terminal(err=err)


def is_terminal(*, err: bool = False) -> bool:
    """Whether a person looks at the stream."""
    stream = sys.stderr if err else sys.stdout
    return stream.isatty()


def say(text: str = "", *, err: bool = False, newline: bool = True) -> None:
    """Print text that may hold the codes of colours."""
    click.echo(text, err=err, nl=newline, color=has_colour(err=err))


def paint(text: str, style: str, *, bold: bool = False) -> str:
    """The text in a colour, where there is colour."""
    return click.style(text, fg=style or None, bold=bold) if has_colour() else text


def say_json(data: Any, *, indent: int | None = 2) -> None:
    """Print data as JSON, on one line where `indent` is None."""
    click.echo(json.dumps(data, ensure_ascii=False, indent=indent, default=str))


def show_some(found: Sequence[Diagnostic], *, err: bool = True) -> None:
    """Print the first findings, and say how many more there are."""
    show(found[:MOST], err=err)
    if len(found) > MOST:
        say(f"and {plural(len(found) - MOST, 'more finding')}", err=err)


def show(found: Iterable[Diagnostic], *, err: bool = True, as_json: bool = False) -> None:
    """Print findings, a blank line behind each; as JSON lines where programs read."""
    for one in found:
        if as_json:
            click.echo(json.dumps({"diagnostic": one.to_json()}, ensure_ascii=False), err=err)
        else:
            from remit_grammar.diagnostic import render

            say(render(one, colour=has_colour(err=err)), err=err)


def console(*, err: bool = False) -> Console:
    """A rich console that has colour when `has_colour` says so."""
    from rich.console import Console

    colour = has_colour(err=err)
    return Console(
        stderr=err,
        width=None if is_terminal(err=err) else WIDEST,
        color_system="standard" if colour else None,
        force_terminal=True if colour else None,
        no_color=not colour,
        highlight=False,
        emoji=False,
    )


def table(
    head: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: Iterable[int] = ()
) -> None:
    """Print a table; the columns in `numbers` stand to the right. A pipe gets whole lines."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    from remit_grammar.diagnostic import visible

    right = set(numbers)
    made = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for index, name in enumerate(head):
        made.add_column(name, justify="right" if index in right else "left", overflow="fold")
    for row in rows:
        made.add_row(*(Text(visible(cell)) for cell in row))
    printer = console()
    with printer.capture() as text:
        printer.print(made)
    say("\n".join(line.rstrip() for line in text.get().rstrip().split("\n")))


def plural(count: int, noun: str) -> str:
    """`1 step`, `2,000 steps`."""
    many = noun[:-1] + "ies" if noun.endswith("y") else noun + "s"
    return f"{count:,} {noun if count == 1 else many}"
