"""`remit explain`: the page of an error code."""

from __future__ import annotations

from pathlib import Path

import click

from remit.cli import exits, options
from remit.cli.output import console, is_terminal, paint, say, say_json, table
from remit_grammar.codes import CODES
from remit_grammar.diagnostic import did_you_mean


@click.command("explain")
@click.argument("code", required=False)
@options.as_json
@options.colour
def command(code: str | None, as_json: bool) -> int:
    """Explain an error code, or list them all."""
    if code is None:
        _list(as_json)
        return exits.FINE
    known = code.upper()
    if known not in CODES:
        close = _closest(known)
        hint = f" Did you mean `{close}`?" if close else " `remit explain` lists them all."
        raise click.UsageError(f"no such code: `{code}`.{hint}")
    page = _page(known)
    if as_json:
        entry = CODES[known]
        data = {"code": known, "severity": entry.severity.value, "title": entry.title}
        say_json({**data, "page": page})
    elif is_terminal():
        from rich.markdown import Markdown

        console().print(Markdown(page))
    else:
        say(page, newline=False)
    return exits.FINE


def _closest(code: str) -> str | None:
    """The code that was meant: one may forget the letter or the zeros."""
    digits = "".join(char for char in code if char.isdigit())
    for guess in (f"R{digits.zfill(4)}", f"R{digits[-4:]}"):
        if digits and guess in CODES:
            return guess
    return did_you_mean(code, CODES)


def _list(as_json: bool) -> None:
    if as_json:
        rows = [(code, one.severity.value, one.title) for code, one in CODES.items()]
        say_json([dict(zip(("code", "severity", "title"), row, strict=True)) for row in rows])
        return
    table(
        ("code", "", "title"),
        [(code, one.severity.value, one.title) for code, one in CODES.items()],
    )
    say(f"`{paint('remit explain CODE', '', bold=True)}` shows the page of one")


def _page(code: str) -> str:
    """The page's Markdown: from the installed package, or from the clone that this runs in."""
    from importlib.resources import files

    package = files("remit")
    inside = package.joinpath("pages", f"{code}.md")
    if inside.is_file():
        return inside.read_text("utf-8")
    beside = Path(str(package)).resolve().parents[1] / "docs" / "errors" / f"{code}.md"
    if beside.is_file():
        return beside.read_text("utf-8")
    return f"# {code}: {CODES[code].title}\n"
