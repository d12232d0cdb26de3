"""What people say, on the command line: what is declared, recorded judges, a cut beginning."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Remit = Callable[..., Result]
Golden = Callable[[Path, str], None]
DATA = Path(__file__).parent / "data" / "said"
STAGES = ("norms", "levels", "directives", "settings", "loans")


@pytest.fixture(autouse=True)
def _beside_the_data(monkeypatch: pytest.MonkeyPatch) -> None:
    """Places are then named as the golden files do."""
    monkeypatch.chdir(DATA)


@pytest.mark.parametrize("stage", STAGES)
def test_stages(remit: Remit, golden: Golden, stage: str) -> None:
    """Each as a table for people."""
    done = remit("show", stage, "house.spec")
    assert (done.exit_code, done.stderr) == (0, "")
    golden(DATA / f"{stage}.txt", done.stdout)


@pytest.mark.parametrize("stage", STAGES)
def test_stages_as_data(remit: Remit, stage: str) -> None:
    """The same rows, with the same columns."""
    head = remit("show", stage, "house.spec").stdout.splitlines()[0]
    rows = json.loads(remit("show", stage, "house.spec", "--json").stdout)
    assert [" ".join(row) for row in rows] == [" ".join(head.split())] * len(rows)


def test_levels_are_sorted_by_the_chain(remit: Remit) -> None:
    """Then by id; exceptions have no row, and what is missing is null."""
    rows = json.loads(remit("show", "levels", "house.spec", "--json").stdout)
    chain = ["root", "developer", "user", "guideline"]
    keys = [(chain.index(row["strength"]), row["id"]) for row in rows]
    assert keys == sorted(keys)
    assert [row["id"] for row in rows if row["kind"] == "set"] == ["house::spending"]
    tone = next(row for row in rows if row["id"] == "house::tone")
    assert tone == {
        "id": "house::tone", "kind": "clause", "author": "root", "strength": "user",
        "goal": "safety", "owner": "the platform team", "cites": ["handbook 2", "handbook 3"],
    }  # fmt: skip
    assert not any(row["id"].endswith(".quoted") for row in rows)
    assert {row["id"]: row["strength"] for row in rows}["house::calm"] == "guideline"


@pytest.mark.parametrize(
    ("stage", "told"),
    [("levels", "there are no norms"), ("directives", "there are no directives"),
     ("settings", "there are no settings"), ("loans", "there are no loans")],
)  # fmt: skip
def test_there_is_none(remit: Remit, tmp_path: Path, stage: str, told: str) -> None:
    """A line says so; data is an empty list."""
    (tmp_path / "bare.spec").write_text("spec bare\nauthor developer\n")
    file = str(tmp_path / "bare.spec")
    assert remit("show", stage, file).stdout == told + "\n"
    assert json.loads(remit("show", stage, file, "--json").stdout) == []


# ---- judges

JUDGE = ("judge", "chat.json", "--spec", "house.spec", "--json")


def _verdicts(done: Result) -> list[str]:
    return [json.loads(line)["verdict"] for line in done.stdout.splitlines()]


def test_recorded_answers(remit: Remit) -> None:
    """With them the judge is sure; without them it is unknown, which warns."""
    sure = remit(*JUDGE, "--judge", "reader=answers.json")
    assert (_verdicts(sure), sure.stderr) == (["allow", "ask", "allow"], "")
    assert _verdicts(remit(*JUDGE)) == ["allow", "ask", "warn"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--judge", "reader"], "`reader` is not of the form name=file."),
        (["--judge", "reader="], "is not of the form name=file."),
        (["--judge", "raeder=answers.json"], "Did you mean `reader`?"),
        (["--judge", "xyz=answers.json"], "It asks: reader."),
        (["--judge", "reader=answers.json"] * 2, "the judge `reader` is given twice"),
        (["--judge", "reader=nowhere.json"], "R0001"),
        (["--judge", "reader=house.spec"], "R1201"),
    ],
)
def test_judges_that_do_not_fit(remit: Remit, words: list[str], told: str) -> None:
    """Bad input, and nothing is judged."""
    done = remit(*JUDGE, *words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert told in done.stderr


def test_a_cut_beginning(remit: Remit) -> None:
    """What may have been said before holds back; what may have been allowed does not."""
    words = ("--judge", "reader=answers.json")
    assert _verdicts(remit(*JUDGE, *words, "--truncated"))[1:] == ["ask", "allow"]
    chat = json.dumps({"steps": [
        {"kind": "message", "role": "assistant", "text": "well!"},
        {"kind": "call", "tool": "pay", "args": {"to": "Bob", "amount": 1}},
    ]})  # fmt: skip
    again = ("judge", "-", *JUDGE[2:], *words)
    assert _verdicts(remit(*again, stdin=chat)) == ["allow", "allow"]
    assert _verdicts(remit(*again, "--truncated", stdin=chat)) == ["deny", "ask"]
