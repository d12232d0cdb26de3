"""Reports as a page of Markdown, with pictures in a folder beside it."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from remit import __version__
from remit.bench.model import Report, Table
from remit.bench.plots import has_picture, picture
from remit.bench.words import GOAL_HEAD, cells, goal_row

INTRODUCTION = """\
# Benchmarks

This page is written by a command. The figures are of one run on one machine; read the ratios.

- What is counted is CPU time of the process that works, unless a table says otherwise.
- Remit and the peers take turns, seven each unless the command says otherwise; a ratio is the
  median over the turns of the quotient of two times of the same turn. Peers in interpreters of
  their own take turns too.
- Where a cell has two figures, the second one is how many times Remit's time the first one is.
- Setting up and the making of requests are outside the clock; what it takes to hand a request over
  and to read the answer is inside.
- Before time is taken, all answers are held against an oracle. A wrong one fails the run.
- In Remit authority, defeat and the means of explaining are always at work.

[The command line](cli.md#bench) says how to run it, and `remit bench --list` what there is."""

QUICK = "**These are figures of a quick run**, with small sizes and short turns: no evidence."


def write(reports: Sequence[Report], path: Path) -> bool:
    """Write the page and its pictures; whether there are pictures. Raises `OSError`."""
    folder = path.with_suffix("")
    quick = [QUICK] if any("--quick" in one.command for one in reports) else []
    text, drawn = [INTRODUCTION, *quick, *_machine(reports), *_goals(reports)], True
    for report in reports:
        text += _report(report)
        for number, table in enumerate(report.tables):
            text += as_markdown(table)
            name = f"{report.name}-{number + 1}.svg"
            drawn = draw(table, folder / name) and drawn
            if drawn and has_picture(table):
                text.append(f"![{table.title}]({folder.name}/{name})")
        text += _end(report)
    path.write_text("\n\n".join(text) + "\n", "utf-8")
    return drawn


def draw(table: Table, path: Path) -> bool:
    """Write the picture of a table that has one; whether all is written that should be."""
    if not has_picture(table):
        return True
    try:
        svg = picture(table)
    except ImportError:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(svg, "utf-8")
    return True


def _machine(reports: Sequence[Report]) -> Iterator[str]:
    yield "## The machine"
    found = ChainMap(*(dict(one.machine) for one in reports))
    facts = {"date": f"{datetime.now(UTC):%Y-%m-%d}", "remit": __version__, **found}
    yield markdown(("", ""), list(facts.items()), 0)
    missing = ChainMap(*(dict(one.missing) for one in reports))
    if missing:
        yield "Not there:"
        yield "\n".join(f"- {name}: {why}" for name, why in sorted(missing.items()))


def _goals(reports: Sequence[Report]) -> Iterator[str]:
    goals = [goal_row(goal) for one in reports for goal in one.goals]
    if goals:
        yield "## What was set out to be reached"
        yield markdown(GOAL_HEAD, goals, 1)


def _report(report: Report) -> Iterator[str]:
    yield f"## {report.name}: {report.title}"
    yield f"```sh\n{report.command}\n```"


def as_markdown(table: Table) -> Iterator[str]:
    """A table with its title and its notes, as paragraphs."""
    yield f"**{table.title}**"
    head, rows = cells(table)
    yield markdown(head, rows, 1)
    yield from table.notes


def _end(report: Report) -> Iterator[str]:
    wrong = [f"**Wrong:** {one.entrant}, {one.where}: {one.wrong} of {one.checked} answers"
             for one in report.wrong]  # fmt: skip
    said = [*wrong, *(f"Note: {one}." for one in report.notes)]
    if said:
        yield "\n".join(f"- {one}" for one in said)
    yield f"{report.checked:,} answers were held against oracles; {report.seconds:.0f} s."


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]], left: int) -> str:
    """A table in Markdown; columns from number `left` on stand to the right, if it is not 0."""
    rule = ["--:" if left and index >= left else "---" for index in range(len(head))]
    return "\n".join(
        "| " + " | ".join(one.replace("|", "\\|") for one in row) + " |"
        for row in (head, rule, *rows)
    )
