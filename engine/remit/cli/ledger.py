"""`remit ledger`: whether a ledger is whole, what is in it, and how far it has come."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from remit.cli import exits, options
from remit.cli.judge import verdicts_option
from remit.cli.output import console, is_terminal, plural, say, say_json, show, show_some, table
from remit_grammar.diagnostic import Diagnostic

if TYPE_CHECKING:
    from remit.ledger.checkpoint import Checkpoint
    from remit.ledger.model import Line
    from remit.ledger.read import Tell
    from remit.ledger.verify import Verified

MUCH = 4 << 20  # bytes from which on there is a bar


@click.group("ledger")
def command() -> None:
    """Check a ledger, look into it, or note how far it has come."""


_files = click.argument("files", nargs=-1, required=True, metavar="FILE...")


# ---- verify


@command.command("verify")
@_files
@click.option("--checkpoint", "checkpoints", multiple=True, metavar="FILE",
              help="A checkpoint that the ledger must fit; may be given again.")  # fmt: skip
@click.option("--public-key", metavar="FILE", help="The key that the checkpoints are signed with.")
@options.as_json
@options.colour
def _verify(
    files: tuple[str, ...], checkpoints: tuple[str, ...], public_key: str | None, as_json: bool
) -> int:
    """Check that no record was changed, removed, added or moved.

    FILEs are those of one ledger, plain or compressed, in any order; - is standard input. What was
    cut off at the end shows only against a checkpoint.
    """
    from remit.ledger.verify import verify

    if public_key is not None and not checkpoints:
        raise click.UsageError("a key is for checkpoints: name them (--checkpoint)")
    known = [_checkpoint(one, _bytes(public_key)) for one in checkpoints]
    with _progress(files) as tell:
        found = verify(files, known, tell)
    if as_json:
        say_json(found.to_json())
    else:
        show_some(found.findings, err=False)
        if found.more:
            say(f"and {plural(found.more, 'more finding')}")
        say(_told(files, found))
    return _code(found)


def _code(found: Verified) -> int:
    """What is no ledger is bad input; a ledger that is not whole is a finding."""
    if not found.records or any(one.code.startswith(("R00", "R09")) for one in found.findings):
        return exits.BAD
    return exits.FINE if found.is_whole else exits.FINDINGS


def _told(files: Sequence[str], found: Verified) -> str:
    name = files[0] if len(files) == 1 else plural(len(files), "file")
    name = "standard input" if name == "-" else name
    if found.first is None or found.last is None:
        return f"{name}: no ledger"
    errors = sum(one.is_error for one in found.findings) + found.more
    head = f"{name}: {plural(found.records, 'record')}, " + (
        "whole" if found.is_whole else plural(errors, "error")
    )
    start = f", from record {found.first.seq:,} on" if found.first.seq else ""
    end = "closed" if found.is_closed else "not closed: its writer runs, or was stopped"
    return f"{head}{start}, up to record {found.last.seq:,} of {found.last.time}; {end}"


def _checkpoint(path: str, key: bytes | None) -> Checkpoint:
    from remit.ledger.checkpoint import CheckpointError, read_checkpoint

    try:
        return read_checkpoint(Path(path), key)
    except CheckpointError as error:
        raise _leave(str(error)) from None
    except OSError as error:
        raise _leave(f"cannot read `{path}`: {error.strerror}") from None


def _bytes(path: str | None) -> bytes | None:
    if path is None:
        return None
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise _leave(f"cannot read `{path}`: {error.strerror}") from None


def _leave(message: str) -> click.exceptions.Exit:
    show([Diagnostic("R1307", message)])
    return click.exceptions.Exit(exits.BAD)


@contextmanager
def _progress(files: Sequence[str]) -> Iterator[Tell]:
    """A bar on the terminal while there is much to read."""
    from remit.ledger.read import total

    size = total(files)
    if size < MUCH or not is_terminal(err=True) or os.environ.get("TERM") == "dumb":
        yield lambda done: None
        return
    from rich.progress import Progress

    with Progress(console=console(err=True), transient=True) as bar:
        task = bar.add_task("reading", total=size)
        yield lambda done: bar.update(task, completed=done)


# ---- checkpoint


@command.command("checkpoint")
@click.argument("file")
@click.option("--key", metavar="FILE", help="A private Ed25519 key (PEM) to sign with.")
@click.option("-o", "--output", metavar="FILE", help="Where to write it, instead of the terminal.")
@options.colour
def _make(file: str, key: str | None, output: str | None) -> int:
    """Write down how far a ledger has come, to be kept elsewhere.

    FILE is the one that is written to. `openssl genpkey -algorithm ed25519` makes a key.
    """
    import json

    from remit.files import put
    from remit.ledger.checkpoint import CheckpointError, checkpoint

    try:
        data = checkpoint(Path(file), _bytes(key))
    except CheckpointError as error:
        raise _leave(str(error)) from None
    except OSError as error:
        raise _leave(f"cannot read `{file}`: {error.strerror}") from None
    if output is None:
        say_json(data, indent=None)
        return exits.FINE
    try:
        put(Path(output), (json.dumps(data) + "\n").encode())
    except OSError as error:
        raise click.UsageError(f"cannot write `{output}`: {error.strerror}") from None
    return exits.FINE


# ---- show


@command.command("show")
@_files
@verdicts_option("--verdict", "Only decisions with these verdicts, such as deny,ask.")
@click.option("--clause", default="", metavar="NAME", help="Only decisions that name this clause.")
@click.option("--conversation", default="", metavar="ID", help="Only this conversation.")
@click.option("--last", type=click.IntRange(1), default=50, metavar="N", show_default=True,
              help="How many of them, from the end.")  # fmt: skip
@options.as_json
@options.colour
def _show(
    files: tuple[str, ...], verdict: frozenset[str], clause: str, conversation: str, last: int,
    as_json: bool,
) -> int:  # fmt: skip
    """List what is in a ledger: sessions, decisions, answers of people, gaps.

    FILEs are those of one ledger, in any order. It checks nothing: `verify` does.
    """
    from remit.ledger.find import Sought, look

    rows: deque[Line] = deque(maxlen=last)
    problems: list[Diagnostic] = []
    count = 0
    for line, problem in look(files, Sought(verdict, clause, conversation)):
        if problem is not None:
            problems.append(problem)
        elif line is not None:
            rows.append(line)
            count += 1
    show(problems, as_json=as_json)
    if as_json:
        for one in rows:
            say_json(_data(one), indent=None)
    elif rows:
        table(("seq", "time", "conversation", "step", "verdict", "by", "what"), map(_row, rows),
              numbers=(0, 3))  # fmt: skip
        if count > len(rows):
            say(f"the last {len(rows):,} of {count:,}")
    elif not problems:
        say("no such record")
    return exits.BAD if problems else exits.FINE


def _data(line: Line) -> dict[str, Any]:
    return {"seq": line.seq, "time": line.time, "kind": line.kind, **line.record}


def _row(line: Line) -> tuple[str, ...]:
    from remit.ledger.said import by_whom, what

    record = line.record
    index = record.get("index")
    step = str(index + 1) if isinstance(index, int) and line.kind == "decision" else ""
    verdict = str(record.get("verdict", line.kind))
    return (
        f"{line.seq:,}", line.time[:23].replace("T", " "), str(record.get("conversation", ""))[:32],
        step, verdict, by_whom(line), what(line),
    )  # fmt: skip
