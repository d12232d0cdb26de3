"""What a first-time user runs into: each is told what is wrong, and what to do."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Remit = Callable[..., Result]
CHAT = json.dumps([{"role": "user", "content": "hi"}, {"role": "assistant", "content": "ho"}])


def _records(remit: Remit) -> str:
    return remit("judge", "-", "--spec", "shop.spec", "--json", stdin=CHAT).stdout


def _verify(remit: Remit, text: str) -> Result:
    return remit("verify", "-", "--spec", "shop.spec", stdin=text)


def test_calls_of_another_format_are_not_dropped(remit: Remit, folder: Path) -> None:
    """A wrong `--format` is no green `0 steps`."""
    call = {"id": "a", "function": {"name": "refund", "arguments": '{"amount": 900}'}}
    (folder / "in.json").write_text(json.dumps([{"role": "assistant", "tool_calls": [call]}]))
    done = remit("judge", "in.json", "--spec", "shop.spec", "--format", "anthropic")
    assert done.exit_code == 2
    assert "error[R0903]" in done.stderr
    assert "`--format openai`" in done.stderr


def test_an_unknown_role_has_its_place(remit: Remit, folder: Path) -> None:
    """The file, and the number of the step."""
    (folder / "in.json").write_text(CHAT.replace("assistant", "wizard"))
    done = remit("judge", "in.json", "--spec", "shop.spec")
    assert "`in.json`: step 2 of" in done.stderr


def test_verify_reads_standard_input(remit: Remit, folder: Path) -> None:
    """And finds what does not follow there."""
    records = _records(remit)
    done = _verify(remit, records)
    assert (done.exit_code, done.stdout[:15]) == (0, "standard input:")
    assert _verify(remit, records.replace('"allow"', '"deny"')).exit_code == 1


@pytest.mark.parametrize(
    ("change", "told"),
    [("version", "the content of the policy changed"), ("name", "changed since")],
)
def test_records_of_another_policy_are_one_finding(
    remit: Remit, folder: Path, change: str, told: str
) -> None:
    """With their number."""
    records = _records(remit)
    spec = folder / "shop.spec"
    text = spec.read_text("utf-8")
    changed = {
        "version": text.replace("> 200", "> 300"),
        "name": text.replace("spec shop", "spec b"),
    }
    spec.write_text(changed[change], "utf-8")
    done = _verify(remit, records)
    assert done.exit_code == 1
    assert done.stdout.count("error[R1002]") == 1
    assert "2 records of this file" in done.stdout
    assert told in done.stdout


@pytest.mark.parametrize(
    ("text", "told"),
    [(CHAT, "this is no decision record"), ('{"messages": []}\n' * 3, "this is no decision record"),
     ("", "`standard input` is empty"), ("[]", "holds no records")],
)  # fmt: skip
def test_what_is_no_record(remit: Remit, folder: Path, text: str, told: str) -> None:
    """One finding that says how records are made."""
    done = _verify(remit, text)
    assert done.exit_code == 2
    assert done.stdout.count("error[") == 1
    assert told in done.stdout
    assert "remit judge ... --json" in done.stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [(["-o", "x.png"], ".svg"), (["-o", "x"], ".svg"),
     (["--format", "svg", "-o", "g.html"], "contradict"),
     (["--json", "-o", "g.html"], "contradict"), (["--format", "svg", "-o", "g.png"], ".png")],
)  # fmt: skip
def test_graph_endings(remit: Remit, folder: Path, words: list[str], told: str) -> None:
    """Nothing is written under a name that says something else."""
    done = remit("graph", "shop.spec", *words)
    assert done.exit_code == 2
    assert told in done.stderr
    assert [one.name for one in folder.iterdir()] == ["shop.spec"]


def test_graph_with_a_format_and_a_name_of_its_own(remit: Remit, folder: Path) -> None:
    """An ending that says nothing is fine where the option does."""
    assert remit("graph", "shop.spec", "--format", "svg", "-o", "g.out").exit_code == 0
    assert (folder / "g.out").read_text("utf-8").startswith("<svg")


def test_new_takes_the_name_of_a_file(remit: Remit, folder: Path) -> None:
    """A final `.spec` is dropped, and what was written is told."""
    done = remit("new", "acme.shop.spec")
    assert done.exit_code == 0
    assert "wrote acme.shop.spec (spec acme.shop)" in done.stdout
    assert "spec acme.shop\n" in (folder / "acme.shop.spec").read_text("utf-8")


def test_check_a_folder(remit: Remit, folder: Path) -> None:
    """The help says what to write."""
    (folder / "specs").mkdir()
    done = remit("check", "specs")
    assert done.exit_code == 2
    assert "`remit check specs/*.spec`" in done.stdout
    chat = remit("judge", "specs", "--spec", "shop.spec")
    assert "cannot read `specs`: it is a folder" in done.stdout
    assert "cannot read `specs`: it is a folder" in chat.stderr


def test_a_spec_without_scenarios(remit: Remit, folder: Path) -> None:
    """It passes, but says that nothing was tested."""
    (folder / "a.spec").write_text("spec a\nauthor developer\nclause c\n  forbid call x\n")
    done = remit("test", "a.spec")
    assert (done.exit_code, done.stdout) == (0, "no scenarios: nothing was tested\n")
