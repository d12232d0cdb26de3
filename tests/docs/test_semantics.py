"""The semantics page quotes the reference definition, word for word; `--update` copies it anew."""

from __future__ import annotations

from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
PAGE = REPO / "docs" / "semantics.md"
DEFINITION = REPO / "tests" / "properties" / "definition.py"
MARK = "<!-- quote: tests/properties/definition.py -->\n"


def test_the_page_quotes_the_definition(update: bool) -> None:
    head, mark, _ = PAGE.read_text(encoding="utf-8").partition(MARK)
    assert mark, "the page lost the place where it quotes the definition"
    quote = f"```py\n{DEFINITION.read_text(encoding='utf-8').rstrip()}\n```\n"
    if update:
        PAGE.write_text(head + mark + quote, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == head + mark + quote
