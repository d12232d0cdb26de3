"""The semantics page quotes the reference definition, word for word; `--update` copies it anew."""

from __future__ import annotations

import re
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
PAGE = REPO / "docs" / "semantics.md"
QUOTE = re.compile(r"(<!-- quote: (\S+) -->\n)```py\n.*?^```\n", re.DOTALL | re.MULTILINE)


def _quoted(found: re.Match[str]) -> str:
    """A quote as it should be."""
    text = (REPO / found[2]).read_text(encoding="utf-8")
    return f"{found[1]}```py\n{text.rstrip()}\n```\n"


def test_the_page_quotes_the_definition(update: bool) -> None:
    """Every file of it, each once and whole."""
    page = PAGE.read_text(encoding="utf-8")
    if update:
        PAGE.write_text(QUOTE.sub(_quoted, page), encoding="utf-8")
    quoted = [found[2] for found in QUOTE.finditer(page)]
    files = sorted((REPO / "tests" / "properties").glob("definition*.py"))
    assert sorted(quoted) == [str(one.relative_to(REPO)) for one in files]
    assert PAGE.read_text(encoding="utf-8") == QUOTE.sub(_quoted, page)
