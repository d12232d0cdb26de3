"""`remit fmt`: specs in the one layout. A file is replaced whole or not at all."""

from __future__ import annotations

import difflib
import sys
from dataclasses import dataclass, field
from pathlib import Path

import click

from remit.cli import exits, options
from remit.cli.output import paint, plural, say, say_json, show
from remit.files import put
from remit_grammar.diagnostic import Diagnostic, visible

STDIN = "-"


@dataclass(slots=True)
class _Formatted:
    """A file before and after; `after` is None where it has errors."""

    name: str
    before: bytes = b""
    after: bytes | None = None
    found: list[Diagnostic] = field(default_factory=list)

    @property
    def differs(self) -> bool:
        return self.after is not None and self.after != self.before


@click.command("fmt")
@options.specs
@click.option("--check", is_flag=True, help="Write nothing; name the files that would change.")
@click.option("--diff", is_flag=True, help="Write nothing; show what would change.")
@options.as_json
@options.colour
def command(specs: tuple[str, ...], check: bool, diff: bool, as_json: bool) -> int:
    """Format specs in place; - formats standard input to standard output.

    A file with syntax errors is left as it is.
    """
    done = [_format(spec) for spec in specs]
    for one in done:
        show([found for found in one.found if found.is_error], as_json=as_json)
        if one.after is not None and not (check or diff):
            _put(one, as_json)
        elif diff and one.differs and not as_json:
            _show_diff(one)
    _report(done, dry=check or diff, as_json=as_json)
    return _code(done, dry=check or diff)


def _code(done: list[_Formatted], *, dry: bool) -> int:
    if any(one.after is None for one in done):
        return exits.BAD
    return exits.FINDINGS if dry and any(one.differs for one in done) else exits.FINE


def _format(spec: str) -> _Formatted:
    from remit_grammar.fmt import format_text
    from remit_grammar.read import decode_source, read_source

    one = _Formatted("standard input" if spec == STDIN else spec)
    if spec == STDIN:
        one.before = sys.stdin.buffer.read()
        source, one.found = decode_source(one.name, one.before)
    else:
        source, one.found = read_source(Path(spec))
        one.before = Path(spec).read_bytes() if source is not None else b""
    if source is not None:
        text, more = format_text(source)
        one.found += more
        one.after = None if text is None else text.encode()
    return one


def _put(one: _Formatted, as_json: bool) -> None:
    if one.name == "standard input":
        if not as_json:
            say((one.after or b"").decode(), newline=False)
    elif one.differs:
        put(Path(one.name).resolve(), one.after or b"")


def _show_diff(one: _Formatted) -> None:
    before = one.before.decode("utf-8-sig").splitlines()
    after = (one.after or b"").decode().splitlines()
    changed = f"{one.name} (formatted)"
    lines = list(difflib.unified_diff(before, after, one.name, changed, lineterm=""))
    for line in lines or [f"{one.name}: only line ends or the byte order mark differ"]:
        style = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1], "")
        say(paint(visible(line), style))


def _report(done: list[_Formatted], *, dry: bool, as_json: bool) -> None:
    changed = [one.name for one in done if one.differs]
    failed = [one.name for one in done if one.after is None]
    if as_json:
        word = "would_change" if dry else "changed"
        say_json({word: changed, "failed": failed, "files": [one.name for one in done]})
        return
    if done[0].name == "standard input" and not dry:
        return
    for name in changed:
        say(f"{'would format' if dry else 'formatted'} {name}")
    same = len(done) - len(changed) - len(failed)
    if same:
        say(f"{plural(same, 'file')} already in shape")
