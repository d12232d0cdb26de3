"""Every diagnostic code has its page, every page its code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from remit_grammar.codes import CODES

PAGES = Path(__file__).resolve().parents[2] / "docs" / "errors"
HEADINGS = ["What it means", "Example", "How to mend it"]


@pytest.mark.parametrize("code", CODES)
def test_a_code_has_its_page(code: str) -> None:
    """The page carries the registry's title and the headings of the house, with text in each."""
    page = PAGES / f"{code}.md"
    assert page.is_file(), f"docs/errors/{code}.md is missing"
    text = page.read_text("utf-8")
    first, *sections = re.split(r"^#{1,2} +", text, flags=re.MULTILINE)[1:]
    assert first.strip().split("\n")[0] == f"{code}: {CODES[code].title}"
    found = [section.partition("\n") for section in sections]
    assert [head.strip() for head, _, _ in found][: len(HEADINGS)] == HEADINGS
    empty = [head for head, _, body in found if not body.strip()]
    assert not empty, f"nothing under {empty}"


def test_the_example_of_a_page_is_a_code_block() -> None:
    """A page without a block under its example has nothing that a test could hold."""
    bare = [page.name for page in PAGES.glob("R*.md") if "```" not in _example(page)]
    assert not bare, bare


def test_a_page_has_its_code() -> None:
    """A page of a code that is not in the registry explains nothing that can happen."""
    stray = {page.stem for page in PAGES.glob("R*.md")} - set(CODES)
    assert not stray, f"pages without a code: {sorted(stray)}"


def _example(page: Path) -> str:
    text = page.read_text("utf-8")
    return text.partition("## Example")[2].partition("\n## ")[0]
