"""A report of what was measured on work of others, as a page of Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from remit import __version__
from remit.bench.model import Report
from remit.bench.page import as_markdown, draw, markdown
from remit.bench.plots import has_picture
from remit.bench.words import GOAL_HEAD, goal_row

_FOLDERS = re.compile(r"\S*[/\\](?=[\w-]+\.spec:)")  # where a pack is on this machine helps nobody


def write(report: Report, folder: Path) -> bool:
    """Write `NAME.md` and its plots in the folder, which is made where it is not there.

    Whether there are plots. Raises `OSError`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pictures = {}
    for number, table in enumerate(report.tables, 1):
        name = f"{report.name}-{number}.svg"
        if has_picture(table) and draw(table, folder / name):
            pictures[table.title] = name
    path = folder / f"{report.name}.md"
    path.write_text("\n\n".join(_page(report, pictures)) + "\n", "utf-8")
    return len(pictures) == sum(has_picture(one) for one in report.tables)


def _page(report: Report, pictures: Mapping[str, str]) -> Iterator[str]:
    yield f"# {report.name}: {report.title}"
    when = f"{datetime.now(UTC):%Y-%m-%d}"
    yield f"This page is written by a command, on {when}, with Remit {__version__}:"
    yield f"```sh\n{report.command}\n```"
    if report.goals:
        yield markdown(GOAL_HEAD, [goal_row(one) for one in report.goals], 1)
    for table in report.tables:
        yield from as_markdown(table)
        if table.title in pictures:
            yield f"![{table.title}]({pictures[table.title]})"
    yield f"{report.checked:,} cases were judged."
    if report.misses:
        yield "## What is not as it should be"
        yield from (f"```text\n{_FOLDERS.sub('', one)}\n```" for one in report.misses)
