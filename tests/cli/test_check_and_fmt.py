"""`remit check` and `remit fmt`: findings, exit codes, and files that are written whole or not."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Remit = Callable[..., Result]

AMBIGUOUS = """\
spec two
author developer
tool pay(amount: number)
act payment = call pay
clause closed
  forbid payment where amount > 10
clause open
  permit payment where amount < 100
"""


def test_a_fine_spec(remit: Remit, folder: Path) -> None:
    """What it holds is said; nothing is wrong."""
    done = remit("check", "shop.spec")
    assert (done.exit_code, done.output) == (0, "shop: no findings (2 norms, 2 scenarios)\n")


def test_errors_are_findings(remit: Remit, folder: Path) -> None:
    """Every one is shown, then counted."""
    text = (folder / "shop.spec").read_text("utf-8")
    (folder / "bad.spec").write_text(text.replace("amount > 200", "ammount > 200 and x = 1"))
    done = remit("check", "bad.spec")
    assert done.exit_code == 1
    assert "did you mean `amount`?" in done.stdout
    assert done.stdout.endswith("\n2 errors\n")


def test_check_gives_data(remit: Remit, folder: Path) -> None:
    """The same findings, for programs."""
    fine = json.loads(remit("check", "shop.spec", "--json").stdout)
    assert (fine["errors"], fine["warnings"], fine["diagnostics"]) == (0, 0, [])
    assert fine["policy"]["id"] == "shop"
    assert len(fine["policy"]["digest"]) == 64
    (folder / "bad.spec").write_text("spec bad\nauthor nobody\n")
    bad = remit("check", "bad.spec", "--json")
    data = json.loads(bad.stdout)
    assert bad.exit_code == 1
    assert (data["policy"], data["errors"]) == (None, 1)
    assert data["diagnostics"][0]["primary"]["line"] == 2


def test_strict_takes_an_ambiguity_for_an_error(remit: Remit, folder: Path) -> None:
    """Two clauses that only caution tells apart: a warning, and an error under `--strict`."""
    (folder / "two.spec").write_text(AMBIGUOUS)
    mild, strict = remit("check", "two.spec"), remit("check", "two.spec", "--strict")
    assert mild.exit_code == 0
    assert "warning[R0702]" in mild.stdout
    assert strict.exit_code == 1
    assert "error[R0702]" in strict.stdout


def test_standard_input(remit: Remit, folder: Path) -> None:
    """`-` reads it; findings name it."""
    text = (folder / "shop.spec").read_text("utf-8")
    assert remit("check", "-", stdin=text).exit_code == 0
    assert "standard input:1:" in remit("check", "-", stdin="spec 7").stdout


def test_a_spec_found_by_search(remit: Remit, folder: Path) -> None:
    """`--search` names a folder for specs that are asked for by name."""
    (folder / "lib").mkdir()
    (folder / "shop.spec").rename(folder / "lib" / "shop.spec")
    (folder / "mine.spec").write_text("spec mine\nauthor developer\nextends shop\n")
    assert remit("check", "mine.spec").exit_code == 2
    assert remit("check", "mine.spec", "--search", "lib").exit_code == 0


UGLY = "spec   shop author   developer # who\n"


def test_fmt_writes_and_is_done(remit: Remit, folder: Path) -> None:
    """The first run changes the file, the second finds nothing to do."""
    file = folder / "ugly.spec"
    file.write_text(UGLY)
    file.chmod(0o640)
    assert remit("fmt", "ugly.spec").output == "formatted ugly.spec\n"
    assert "# who" in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert remit("fmt", "ugly.spec", "shop.spec").output == "2 files already in shape\n"
    assert sorted(os.listdir(folder)) == ["shop.spec", "ugly.spec"]


@pytest.mark.parametrize("option", ["--check", "--diff"])
def test_fmt_only_looks(remit: Remit, folder: Path, option: str) -> None:
    """`--check` and `--diff` write nothing, and end with 1 where something would change."""
    file = folder / "ugly.spec"
    file.write_text(UGLY)
    done = remit("fmt", option, "ugly.spec")
    assert done.exit_code == 1
    assert "would format ugly.spec" in done.output
    assert ("\n+author developer" in done.output) == (option == "--diff")
    assert file.read_text() == UGLY
    assert remit("fmt", option, "shop.spec").exit_code == 0


def test_fmt_leaves_a_broken_file_alone(remit: Remit, folder: Path) -> None:
    """The good file beside it is formatted all the same."""
    (folder / "broken.spec").write_text(UGLY + 'clause "\n')
    (folder / "ugly.spec").write_text(UGLY)
    done = remit("fmt", "broken.spec", "ugly.spec")
    assert done.exit_code == 2
    assert "broken.spec:2:" in done.stderr
    assert (folder / "broken.spec").read_text() == UGLY + 'clause "\n'
    assert (folder / "ugly.spec").read_text() != UGLY


def test_fmt_keeps_a_link(remit: Remit, folder: Path) -> None:
    """The file behind the link changes, and the link stays one."""
    (folder / "ugly.spec").write_text(UGLY)
    (folder / "link.spec").symlink_to("ugly.spec")
    remit("fmt", "link.spec")
    assert (folder / "link.spec").is_symlink()
    assert (folder / "ugly.spec").read_text() != UGLY


def test_fmt_sees_line_ends_and_the_mark(remit: Remit, folder: Path) -> None:
    """CRLF and a byte order mark are differences too."""
    text = (folder / "shop.spec").read_bytes()
    (folder / "crlf.spec").write_bytes(b"\xef\xbb\xbf" + text.replace(b"\n", b"\r\n"))
    assert "only line ends" in remit("fmt", "--diff", "crlf.spec").output
    assert remit("fmt", "crlf.spec").exit_code == 0
    assert (folder / "crlf.spec").read_bytes() == text


def test_fmt_as_a_filter(remit: Remit, folder: Path) -> None:
    """`-` prints the text and nothing else."""
    text = (folder / "shop.spec").read_text("utf-8")
    assert remit("fmt", "-", stdin=text).stdout == text
    assert remit("fmt", "-", stdin="spec 7").stdout == ""
    assert remit("fmt", "-", stdin="spec 7").exit_code == 2


def test_fmt_gives_data(remit: Remit, folder: Path) -> None:
    """Which files changed, and which could not be read."""
    (folder / "ugly.spec").write_text(UGLY)
    data = json.loads(remit("fmt", "--json", "ugly.spec", "shop.spec").stdout)
    assert data == {"changed": ["ugly.spec"], "failed": [], "files": ["ugly.spec", "shop.spec"]}
