"""`remit test`, `new`, `explain`, `graph`, `show` and `verify`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import Result

from remit_grammar.codes import CODES

Remit = Callable[..., Result]


def _spoil(folder: Path) -> None:
    text = (folder / "shop.spec").read_text("utf-8")
    (folder / "shop.spec").write_text(text.replace("expect allow", "expect deny"), "utf-8")


def test_scenarios_pass(remit: Remit, folder: Path) -> None:
    """A line each, and the sum."""
    done = remit("test", "shop.spec")
    assert done.exit_code == 0
    assert done.stdout.endswith("\n2 scenarios, 2 steps: 2 passed\n")
    assert "  pass  a large one\n" in done.stdout


def test_a_scenario_fails(remit: Remit, folder: Path) -> None:
    """What was expected, what happened, and why."""
    _spoil(folder)
    done = remit("test", "shop.spec", "-q")
    assert done.exit_code == 1
    assert "a large one" not in done.stdout
    for told in (
        "FAIL  a small one",
        "error[R1101]: expected deny, got allow",
        "1 passed, 1 failed",
    ):
        assert told in done.stdout


def test_only_some_scenarios(remit: Remit, folder: Path) -> None:
    """`-k`, whatever the case."""
    assert "1 scenario, 1 step: 1 passed" in remit("test", "shop.spec", "-k", "LARGE").stdout


def test_coverage(remit: Remit, folder: Path) -> None:
    """What was never seen stands with its place; `--fail-under` makes it count."""
    done = remit("test", "shop.spec", "--coverage")
    assert done.exit_code == 0
    assert "coverage: 67 %" in done.stdout
    assert "shop.spec:12:29" in done.stdout
    assert "`tier is gold` was never true in `refunds.limit.gold`" in done.stdout
    assert remit("test", "shop.spec", "--fail-under", "60").exit_code == 0
    low = remit("test", "shop.spec", "--fail-under", "70")
    assert (low.exit_code, low.stderr) == (1, "coverage 67 % is under 70 %\n")


def test_results_as_data(remit: Remit, folder: Path) -> None:
    """The decision that was not expected is in it."""
    _spoil(folder)
    data = json.loads(remit("test", "shop.spec", "--json", "--coverage").stdout)
    assert (data["passed"], data["failed"]) == (1, 1)
    failure = data["scenarios"][1]["failures"][0]
    assert failure["code"] == "R1101"
    assert failure["decision"]["verdict"] == "allow"
    assert data["coverage"]["norms"][0]["decided"] == 1


def test_junit(remit: Remit, folder: Path) -> None:
    """The numbers, the places and the text that CI systems show."""
    _spoil(folder)
    assert remit("test", "shop.spec", "--junit", "out.xml").exit_code == 1
    suite = ET.parse(folder / "out.xml").getroot()[0]
    assert (suite.get("name"), suite.get("tests"), suite.get("failures")) == ("shop", "2", "1")
    good, bad = suite
    assert (good.get("name"), len(good)) == ("a large one", 0)
    assert (bad.get("file"), bad.get("line")) == ("shop.spec", "18")
    assert "expected deny, got allow" in (bad[0].get("message") or "")
    assert remit("test", "shop.spec", "--junit", "no/such/out.xml").exit_code == 2


def test_new(remit: Remit, folder: Path) -> None:
    """A first spec has no findings, is in shape, and every scenario passes and shows all."""
    assert remit("new", "acme.first").exit_code == 0
    assert remit("check", "--strict", "acme.first.spec").exit_code == 0
    assert remit("fmt", "--check", "acme.first.spec").exit_code == 0
    assert remit("test", "acme.first.spec", "--fail-under", "100").exit_code == 0


def test_new_overwrites_nothing(remit: Remit, folder: Path) -> None:
    """Not even what is no spec."""
    (folder / "x.spec").write_text("mine")
    done = remit("new", "x")
    assert (done.exit_code, (folder / "x.spec").read_text()) == (2, "mine")
    assert remit("new", "x", "--dir", "nowhere").exit_code == 2


@pytest.mark.parametrize("code", CODES)
def test_every_code_is_explained(remit: Remit, code: str) -> None:
    """By the page that the repository has."""
    page = Path(__file__).resolve().parents[2] / "docs" / "errors" / f"{code}.md"
    assert remit("explain", code.lower()).stdout == page.read_text("utf-8")


def test_codes_are_listed(remit: Remit) -> None:
    """All of them, with severity and title."""
    text = remit("explain").stdout
    assert all(code in text and one.title in text for code, one in CODES.items())
    assert len(json.loads(remit("explain", "--json").stdout)) == len(CODES)
    assert json.loads(remit("explain", "R0001", "--json").stdout)["page"].startswith("# R0001")


@pytest.mark.parametrize(
    ("form", "start"),
    [("json", "{"), ("dot", "digraph"), ("mermaid", "flowchart"), ("svg", "<svg"),
     ("html", "<!doctype html>")],
)  # fmt: skip
def test_graph(remit: Remit, folder: Path, form: str, start: str) -> None:
    """To the screen, or to a file whose name says the format."""
    done = remit("graph", "shop.spec", "--format", form)
    assert done.exit_code == 0
    assert done.stdout.lower().startswith(start)
    ending = {"mermaid": "mmd"}.get(form, form)
    assert remit("graph", "shop.spec", "-o", f"g.{ending}").exit_code == 0
    written = (folder / f"g.{ending}").read_text("utf-8")
    assert written.lower().startswith(start)
    assert remit("graph", "shop.spec", "-o", f"no/g.{ending}").exit_code == 2


@pytest.mark.parametrize(
    ("stage", "told"),
    [("norms", "shop::refunds.limit.gold"), ("graph", "exception"), ("program", "amount > 200"),
     ("tools", "order: text, amount: number"), ("tree", "Clause")],
)  # fmt: skip
def test_show(remit: Remit, folder: Path, stage: str, told: str) -> None:
    """A table for people, the same as data."""
    done = remit("show", stage, "shop.spec")
    assert done.exit_code == 0
    assert told in done.stdout
    assert json.loads(remit("show", stage, "shop.spec", "--json").stdout)


def test_show_tree_of_a_broken_spec(remit: Remit, folder: Path) -> None:
    """What could be read is shown beside what could not."""
    (folder / "bad.spec").write_text("spec a\nauthor\nclause c\n  forbid call x\n")
    done = remit("show", "tree", "bad.spec")
    assert done.exit_code == 2
    assert "Clause" in done.stdout
    assert "R01" in done.stderr


def _judged(remit: Remit, folder: Path) -> Path:
    call = {"kind": "call", "tool": "refund", "args": {"order": "A", "amount": 350}}
    chat = json.dumps({"steps": [call, {"kind": "message", "role": "user", "text": "hi"}]})
    done = remit("judge", "-", "--spec", "shop.spec", "--json", stdin=chat)
    file = folder / "records.jsonl"
    file.write_text(done.stdout, "utf-8")
    return file


def test_verify(remit: Remit, folder: Path) -> None:
    """What `judge` wrote holds; a changed verdict does not; what is no record is bad input."""
    file = _judged(remit, folder)
    assert remit("verify", "records.jsonl", "--spec", "shop.spec").exit_code == 0
    file.write_text(file.read_text().replace('"verdict": "ask"', '"verdict": "allow"', 1))
    done = remit("verify", "records.jsonl", "--spec", "shop.spec")
    assert done.exit_code == 1
    assert "R1003" in done.stdout
    data = json.loads(remit("verify", "records.jsonl", "--spec", "shop.spec", "--json").stdout)
    assert data["valid"] is False
    file.write_text('{"a": 1}')
    assert remit("verify", "records.jsonl", "--spec", "shop.spec").exit_code == 2


def test_help_names_every_command(remit: Remit) -> None:
    """And the version names the language."""
    done = remit("--help")
    assert done.exit_code == 0
    for word in ("check", "fmt", "judge", "test", "graph", "explain", "verify", "show", "new"):
        assert f"\n  {word} " in done.stdout
        assert remit(word, "--help").exit_code == 0
    assert "language 1" in remit("--version").stdout
