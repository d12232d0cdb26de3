"""`remit report`: what happened in conversations, as one page to hand to an auditor."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from remit.cli import exits, options
from remit.cli.loading import usable
from remit.cli.output import plural, say, show_some

if TYPE_CHECKING:
    from remit.report.collect import Collector
    from remit_grammar.diagnostic import Diagnostic


@click.command("report")
@click.argument("records", nargs=-1, required=True, metavar="RECORDS...")
@click.option("--spec", "specs", multiple=True, metavar="SPEC",
              help="The policy whose graph and clauses are shown; else the ledger's.")  # fmt: skip
@click.option("-o", "--output", metavar="FILE", default="report.html", show_default=True,
              help="Where the page goes; - is standard output.")  # fmt: skip
@click.option("--conversation", metavar="ID", default="", help="Only this conversation.")
@click.option("--title", default="", help="What stands above it.")
@options.search
@options.colour
def command(
    records: tuple[str, ...], specs: tuple[str, ...], output: str, conversation: str, title: str,
    search: tuple[str, ...],
) -> int:  # fmt: skip
    """Show what happened in conversations, as one page that loads nothing.

    RECORDS are files of a ledger, whose chain is checked, or of decision records as `remit judge
    --json` prints them; - is standard input.
    """
    from remit.report.collect import Collector
    from remit.report.from_ledger import is_ledger, take_ledger
    from remit.report.page import page

    policy = usable(specs, search) if specs else None
    collector = Collector(only=conversation)
    ledgers = [path for path in records if is_ledger(path)]
    found = [one for path in records if path not in ledgers for one in _read(path, collector)]
    if ledgers:
        found += take_ledger(ledgers, collector)
    show_some(found)
    report = collector.end()
    report.policy = policy or report.policy
    if not report.entries:
        told = f"of the conversation `{conversation}`" if conversation else "in what was given"
        raise click.ClickException(f"there is no decision {told}")
    _write(output, page(report, title))
    if output != "-":
        told = plural(len(report.entries), "decision")
        say(f"wrote {output}: {told} in {plural(len(report.conversations()), 'conversation')}")
    return exits.BAD if found else exits.FINE


def _read(path: str, collector: Collector) -> list[Diagnostic]:
    """Take the records of a file; what is wrong with them."""
    from remit.verdict.read_record import HOW, NO_RECORD, read_records
    from remit_grammar.diagnostic import Diagnostic

    found = []
    for data, label, problem in read_records(path):
        if problem is not None:
            found.append(problem)
        elif not collector.take(data):
            found.append(Diagnostic("R1001", NO_RECORD, label, help=HOW))
    return found


def _write(output: str, text: str) -> None:
    if output == "-":
        say(text, newline=False)
        return
    try:
        Path(output).write_text(text, "utf-8")
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        why = getattr(error, "strerror", None) or "it is no path"
        raise click.ClickException(f"cannot write `{output}`: {why}") from None
