"""Every code is at work in a golden file somewhere: a message nobody has read is no message."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from remit_grammar.codes import CODES

TESTS = Path(__file__).resolve().parents[1]
SEEN = {
    code
    for path in TESTS.rglob("*")
    if path.suffix in (".stderr", ".txt", ".out", ".json", ".err") and path.is_file()
    for code in re.findall(r"\bR\d{4}\b", path.read_text(encoding="utf-8", errors="replace"))
}


@pytest.mark.parametrize("code", sorted(CODES))
def test_a_golden_file_shows_the_code(code: str) -> None:
    assert code in SEEN, f"no golden file under tests/ shows {code}"
