"""Golden cases: a spec with its tree and layout in `good/`, one with its findings in `bad/`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from remit_grammar.codes import CODES
from remit_grammar.diagnostic import render_all
from remit_grammar.dump import dump
from remit_grammar.fmt import format_text
from remit_grammar.outline import unnamed
from remit_grammar.parse import parse
from remit_grammar.source import Source

HERE = Path(__file__).resolve().parent
GOOD = sorted((HERE / "good").glob("*.spec"))
BAD = sorted((HERE / "bad").glob("*.spec"))

Golden = Callable[[Path, str], None]


def _source(path: Path) -> Source:
    return Source(path.name, path.read_bytes().decode())


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_good(path: Path, golden: Golden) -> None:
    """The tree, and the text that the formatter makes of it."""
    spec, found = parse(_source(path))
    assert not found, render_all(found)
    golden(path.with_suffix(".tree"), dump(spec))
    formatted, _ = format_text(_source(path))
    golden(path.with_suffix(".formatted"), formatted or "")


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_bad(path: Path, golden: Golden) -> None:
    """All findings as an author sees them."""
    spec, found = parse(_source(path))
    found += unnamed(spec) if path.stem == "unnamed" else []
    assert found
    golden(path.with_suffix(".stderr"), render_all(found))


@pytest.mark.parametrize("code", [code for code in CODES if code[:3] in ("R01", "R02")])
def test_every_code_has_a_case(code: str) -> None:
    """A code without a case is a message that nobody has read."""
    texts = [path.with_suffix(".stderr").read_text("utf-8") for path in BAD]
    assert any(f"[{code}]" in text for text in texts)
