"""`remit compile`, and a stored policy wherever a command takes specs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Remit = Callable[..., Result]
SAID = json.dumps({"id": "x", "messages": [
    {"role": "user", "content": "please"},
    {"role": "assistant", "tool_calls": [{"id": "1", "type": "function", "function": {
        "name": "refund", "arguments": '{"order": "A1", "amount": 350}'}}]},
]})  # fmt: skip


@pytest.fixture
def stored(folder: Path, remit: Remit) -> Path:
    """The shop's policy, stored as `shop.remit`."""
    done = remit("compile", "shop.spec")
    assert done.exit_code == 0, done.output
    assert done.stderr.startswith("wrote shop.remit: shop ")
    assert done.stderr.endswith(", 2 norms\n")
    (folder / "in.json").write_text(SAID, "utf-8")
    return folder / "shop.remit"


@pytest.mark.parametrize("command", [
    ("judge", "in.json", "--spec", "{}", "--json"), ("judge", "in.json", "--spec", "{}"),
    ("judge", "in.json", "--spec", "{}", "--context", "tier=gold", "--explain"),
    ("graph", "{}", "--json"), ("graph", "{}", "--format", "svg"), ("show", "levels", "{}"),
    ("show", "graph", "{}"), ("show", "program", "{}"), ("show", "norms", "{}"),
])  # fmt: skip
def test_a_command_says_the_same_of_it(
    remit: Remit, stored: Path, command: tuple[str, ...]
) -> None:
    """As of the spec that it was made from."""
    one, other = (remit(*(word.format(name) for word in command))
                  for name in ("shop.spec", stored.name))  # fmt: skip
    assert one.exit_code in (0, 1), one.output
    assert (one.exit_code, one.output) == (other.exit_code, other.output)


def test_records_verify_under_it(remit: Remit, stored: Path, folder: Path) -> None:
    """Whichever of the two made them."""
    for made, checked in (("shop.spec", stored.name), (stored.name, "shop.spec")):
        records = remit("judge", "in.json", "--spec", made, "--json").stdout
        (folder / "records.jsonl").write_text(records, "utf-8")
        done = remit("verify", "records.jsonl", "--spec", checked)
        assert done.output == "records.jsonl: every decision follows from shop\n"


def test_check_reads_all_of_it(remit: Remit, stored: Path) -> None:
    assert remit("check", stored.name).output == "shop: no findings (2 norms, 0 scenarios)\n"
    stored.write_bytes(stored.read_bytes()[:-1])
    done = remit("check", stored.name)
    assert done.exit_code == 2
    assert "error[R0005]" in done.output


def test_it_has_no_scenarios(remit: Remit, stored: Path) -> None:
    """And says so, where they would be run."""
    done = remit("test", stored.name)
    assert done.exit_code == 2
    assert "`shop.remit` is a stored policy, which holds no scenarios" in done.output


def test_where_it_is_written(remit: Remit, folder: Path) -> None:
    """Beside the spec, or where `-o` says; twice the same."""
    assert remit("compile", "shop.spec", "-o", "other.name").exit_code == 0
    assert remit("compile", "shop.spec").exit_code == 0
    assert (folder / "other.name").read_bytes() == (folder / "shop.remit").read_bytes()
    assert remit("compile", "-", stdin="spec a\nauthor user\n").exit_code == 2
    assert remit("compile", "shop.spec", "-o", "nowhere/x.remit").exit_code == 2
    assert remit("compile", "shop.spec", "shop.remit", "-o", "x.remit").exit_code == 2
    assert not (folder / "x.remit").exists()


def test_a_spec_with_errors_is_not_written(remit: Remit, folder: Path) -> None:
    (folder / "bad.spec").write_text("spec bad\nauthor emperor\n", "utf-8")
    assert remit("compile", "bad.spec").exit_code == 2
    assert not (folder / "bad.remit").exists()
