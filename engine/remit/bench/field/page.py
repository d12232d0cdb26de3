"""A report of what was measured on work of others, as a page of Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from remit import __version__
from remit.bench.model import Report
from remit.bench.page import as_markdown, markdown
from remit.bench.words import GOAL_HEAD, goal_row

_FOLDERS = re.compile(r"\S*[/\\](?=[\w-]+\.spec:)")  # where a pack is on this machine helps nobody


def write(report: Report, folder: Path) -> Path:
    """Write `NAME.md` in the folder, which is made where it is not there. Raises `OSError`."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{report.name}.md"
    path.write_text("\n\n".join(_page(report)) + "\n", "utf-8")
    return path


def _page(report: Report) -> Iterator[str]:
    yield f"# {report.name}: {report.title}"
    when = f"{datetime.now(UTC):%Y-%m-%d}"
    yield f"This page is written by a command, on {when}, with Remit {__version__}:"
    yield f"```sh\n{report.command}\n```"
    if report.goals:
        yield markdown(GOAL_HEAD, [goal_row(one) for one in report.goals], 1)
    for table in report.tables:
        yield from as_markdown(table)
    yield f"{report.checked:,} cases were judged."
    if report.misses:
        yield "## What is not as it should be"
        yield from (f"```text\n{_FOLDERS.sub('', one)}\n```" for one in report.misses)
