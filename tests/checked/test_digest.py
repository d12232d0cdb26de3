"""The digest is of the meaning: layout does not change it, and every change of meaning does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import remit
from remit import Policy

TEXT = """
spec acme.support
author developer
tool refund(order: text, amount: number, note?: text) effects spends, irreversible, external
context tier: one of standard, gold default standard
act big = call refund where amount > 200

clause refunds.limit at user "Refunds above 200 need a manager."
  forbid big unless tier is gold
  otherwise ask "manager" advise "Wait."
  except small: permit where amount < 210
  serves safety
  cites "handbook 4.2"

clause tone
  forbid message where text contains "hello"
  if unknown warn

goals safety > speed strict
default deny for handoff
role clerk speaks as user
"""


def _digest(text: str) -> str:
    return remit.load(text).digest


def _reordered(text: str) -> str:
    """Statements in another order: the header last, clauses from the last to the first."""
    head, *blocks = text.strip().split("\n\n")
    return "\n\n".join([*reversed(blocks), head]) + "\n"


def test_layout_comments_and_order_do_not_change_it() -> None:
    """Nor does the order of the parts of a clause."""
    wanted = _digest(TEXT)
    assert _digest(TEXT.replace("\n  ", "\n\t\t ")) == wanted
    assert (
        _digest("# a comment\n" + TEXT.replace("clause tone", "# why\nclause tone  # here"))
        == wanted
    )
    assert _digest(_reordered(TEXT)) == wanted
    assert _digest(TEXT.replace(" where amount > 200", "\n   where\n amount   > 200")) == wanted
    swapped = TEXT.replace(
        '  serves safety\n  cites "handbook 4.2"', '  cites "handbook 4.2"\n  serves safety'
    )
    assert _digest(swapped) == wanted
    scenario = '\nscenario "x"\n  agent "hi"\n  expect allow\n'
    assert _digest(TEXT + scenario) == wanted


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("amount > 200", "amount > 201"), ("amount > 200", "amount >= 200"),
        ("at user", "at developer"), ("forbid big", "protect big"), ('"manager"', '"lead"'),
        ('advise "Wait."', 'advise "Stop."'), ("unless tier is gold", ""),
        ("amount < 210", "amount < 220"), ("serves safety", "serves speed"), ("strict", ""),
        ("if unknown warn", ""), ('"hello"', '"hallo"'), ("default deny", "default warn"),
        ("speaks as user", "speaks as guideline"), ("effects spends,", "effects"),
        ("note?: text", "note: text"), ("default standard", "default gold"),
        ("goals safety > speed", "goals speed > safety"), ("author developer", "author system"),
        ("spec acme.support", "spec acme.other"), ("clause tone", "clause tone.of.voice"),
    ],
)  # fmt: skip
def test_a_change_of_meaning_changes_it(old: str, new: str) -> None:
    """Each part of each statement is in it."""
    changed = TEXT.replace(old, new, 1)
    if new.startswith("protect"):
        changed = changed.replace('  otherwise ask "manager" advise "Wait."\n', "")
        changed = changed.replace("except small: permit", "except small: forbid")
    assert changed != TEXT
    assert _digest(changed) != _digest(TEXT)


def _files(folder: Path, extends: str) -> Policy:
    (folder / "a.spec").write_text(f"spec a\nauthor user\n{extends}\nclause x\n  forbid output\n")
    (folder / "b.spec").write_text("spec b\nauthor developer\nclause y\n  forbid call\n")
    return remit.load(folder / "a.spec")


def test_files_in_another_order_and_place(tmp_path: Path) -> None:
    """Where the files lie, and whether one is found by name or by path, means nothing."""
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    wanted = _files(one, "extends b").digest
    assert _files(two, 'extends "b.spec"').digest == wanted
    assert remit.load(one / "b.spec", one / "a.spec").digest == wanted  # both ways in force
    assert _files(two, "import b").digest != wanted


def test_every_process_gives_the_same(tmp_path: Path) -> None:
    """Hash seeds and the like must not show."""
    path = tmp_path / "policy.spec"
    path.write_text(TEXT)
    code = f"import remit; print(remit.load({str(path)!r}).digest)"
    digests = {
        subprocess.run(
            [sys.executable, "-c", code], check=True, capture_output=True, text=True,
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
        ).stdout
        for seed in ("1", "2", "3")
    }  # fmt: skip
    assert digests == {remit.load(path).digest + "\n"}
