"""The table of the grammar that is kept is the one that Lark makes; without it all goes on."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from importlib.resources import files

import pytest

from remit_grammar import table as module
from remit_grammar.build import Builder
from remit_grammar.from_lark import made, written
from remit_grammar.lex import lex
from remit_grammar.source import Source
from remit_grammar.table import table

AGAIN = "write it anew: python -m remit_grammar.from_lark"
PARSE = """
import sys
from remit_grammar.parse import parse
from remit_grammar.source import Source
assert not parse(Source("made", "spec a author developer"))[1]
sys.exit("lark" in sys.modules)
"""


def test_the_kept_table_is_of_this_grammar() -> None:
    """Whoever changes the grammar writes the table anew."""
    kept = files("remit_grammar").joinpath("remit.table.json").read_text("utf-8")
    assert json.loads(kept)["grammar"] == module.mark(), AGAIN
    assert kept == written(), AGAIN


def test_reading_needs_no_lark() -> None:
    """Half a second for each process, where the kept table fits."""
    assert subprocess.run([sys.executable, "-c", PARSE], check=False).returncode == 0


def test_a_table_of_another_grammar_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is made anew instead, and says the same of the same grammar."""
    anew: Callable[[], module.Table] = table.__wrapped__
    monkeypatch.setattr(module, "mark", lambda: "another")
    before = made()
    monkeypatch.setattr("remit_grammar.from_lark.made", lambda: before)
    assert anew() is before
    assert before == table()


def test_every_rule_has_its_builder() -> None:
    """A rule without one would come out as a list of its parts."""
    unnamed = {one.origin for one in table().rules if not one.name and not one.passes}
    assert {name for name in unnamed if not name.startswith("__")} == {"start"}
    assert all(hasattr(Builder, one.name) for one in table().rules if one.name)


@pytest.mark.parametrize("text", ["", " ", "a \n", "\n\n# x", "spec a   \t\r\n\ufeff" + " " * 99])
def test_blanks_at_the_end_are_blanks(text: str) -> None:
    """They are no token, not even a stray one."""
    assert "STRAY" not in {token.type for token in lex(Source("made", text))[0]}
