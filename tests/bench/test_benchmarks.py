"""Each benchmark runs in its smallest form, its answers are right, and its report holds."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner, Result

from remit.bench import cold
from remit.bench import run as runs
from remit.bench.arena import by_remit
from remit.bench.arena.engines import ENGINES, Engine
from remit.bench.catalogue import BENCHMARKS, FIELD
from remit.bench.kinds import KINDS
from remit.bench.model import Column, Goal, Report, Row, Table
from remit.bench.page import write
from remit.bench.plots import has_picture
from remit.bench.run import Run
from remit.bench.schema import schema
from remit.bench.words import cell, cells, goal_row, share
from remit.cli import main

Golden = Callable[[Path, str], None]
SCHEMAS = Path(__file__).resolve().parents[2] / "docs" / "schema"
TRACES = Path(__file__).resolve().parents[1] / "conversation" / "data"


def smallest(name: str, **options: Any) -> Report:
    """One turn of each race, with Remit alone."""
    run = Run(quick=True, peers=frozenset(), data=TRACES, **options)
    run.rounds, run.seconds = 1, 0.0001
    return BENCHMARKS[name].run(run, f"remit bench {name}")


@pytest.fixture(autouse=True)
def _less_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some programs of many, some kinds of rules; `test_kinds.py` has them all."""
    monkeypatch.setattr("remit.bench.history.KINDS", KINDS[:3])
    wanted = (cold.BARE, "import remit", cold.STORED)
    monkeypatch.setattr(cold, "PROGRAMS", {one: cold.PROGRAMS[one] for one in wanted})


@pytest.mark.parametrize("name", BENCHMARKS)
def test_a_benchmark_runs(name: str) -> None:
    """No wrong answer, a figure in every row, and JSON as the schema has it."""
    if name == "telemetry":
        pytest.importorskip("opentelemetry.sdk")
    report = smallest(name)
    assert not report.wrong
    assert report.tables
    for table in report.tables:
        assert table.rows
        for row in table.rows:
            assert len(row.values) == len(table.columns)
            assert any(isinstance(one, (int, float)) for one in row.values), row
    assert report.checked or name in ("cold", "load", "telemetry", "memory")
    jsonschema.Draft202012Validator(schema()).validate(json.loads(json.dumps([report.to_json()])))


def test_the_published_schema_is_current(golden: Golden) -> None:
    """`pytest --update` writes it; `remit show schema bench` prints it."""
    golden(SCHEMAS / "bench.schema.json", json.dumps(schema(), indent=2) + "\n")
    jsonschema.Draft202012Validator.check_schema(schema())
    assert json.loads(remit("show", "schema", "bench").stdout) == schema()


# ---- who is missing, who is wrong


def test_a_peer_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line says how to have it, and the run goes on."""
    ghost = Engine("ghost", "by_ghost", "no_such_module", "ghost-rules", {"calls": {"ghost": "x"}})
    heavy = Engine("heavy", "by_x", "no_such", "heavy", {"calls": {"heavy": "x"}}, clashes=True)
    monkeypatch.setattr(runs, "ENGINES", (*ENGINES, ghost, heavy))
    run = Run(quick=True, peers=frozenset({"ghost", "heavy"}))
    assert [one.name for one in run.engines("calls")] == ["remit"]
    assert run.missing["ghost"] == "pip install ghost-rules"
    assert "--peer-python heavy=PATH" in run.missing["heavy"]


def test_a_peer_that_cannot_be_set_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is noted, and the others race."""
    broken = Engine("broken", "by_broken", "json", "broken", {"texts": {"broken": "texts"}})
    monkeypatch.setattr(runs, "ENGINES", (*ENGINES, broken))
    run = Run(quick=True, peers=frozenset({"broken"}))
    with run.field("texts", "here", {"patterns": 1, "characters": 50}) as entrants:
        assert [one.name for one in entrants] == ["remit"]
    assert run.notes[0].startswith("broken, here: ModuleNotFoundError")


def test_wrong_answers_fail_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are shown, and the exit code tells."""
    monkeypatch.setattr(by_remit, "answer", lambda decision: "allow")
    done = remit("bench", "w1", "--quick", "--peers", "none", "--rounds", "1")
    assert done.exit_code == 1
    assert "WRONG: remit, 10 clauses" in done.stdout


# ---- the command


def remit(*words: str) -> Result:
    """`remit` in this process."""
    return CliRunner().invoke(main, words, prog_name="remit")


def test_the_list() -> None:
    """Also where no name is given."""
    for words in (("bench",), ("bench", "--list")):
        out = remit(*words).stdout
        assert all(name in out for name in (*BENCHMARKS, *FIELD, "cedarpy", "invariant"))
    data = json.loads(remit("bench", "--list", "--json").stdout)
    assert list(data["benchmarks"]) == [*BENCHMARKS, *FIELD]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("w4",), "no such benchmark: `w4`; there are w1, w1-any"),
        (("histroy",), "did you mean `history`?"),
        (("w1", "--peers", "cedar"), "did you mean `cedarpy`?"),
        (("w1", "--peers", "remit"), "no such peer: `remit`"),
        (("w1", "--peer-python", "invariant"), "is not NAME=PATH"),
        (("w1", "--peer-python", "invariant=nowhere/python"), "no interpreter `nowhere/python`"),
        (("w1", "--rounds", "0"), "0 is not in the range"),
        (("real", "--data", "nowhere"), "does not exist"),
    ],
)
def test_bad_arguments(words: tuple[str, ...], said: str) -> None:
    """A usage error in a line, never a traceback."""
    done = remit("bench", *words)
    assert done.exit_code == 2
    assert said in " ".join(done.output.split())


def test_data_without_a_conversation(tmp_path: Path) -> None:
    """It is said, and nothing is measured."""
    done = remit("bench", "real", "--quick", "--data", str(tmp_path))
    assert done.exit_code == 0
    assert "the folder holds no conversation that can be read" in done.stdout


def test_json_and_a_page(tmp_path: Path) -> None:
    """The page names the command without the paths of this machine."""
    page = tmp_path / "page.md"
    words = ("explanation", "--quick", "--rounds", "1", "--peers", "none", "--json")
    done = remit("bench", *words, "--write", str(page))
    [report] = json.loads(done.stdout)
    assert report["command"] == "remit bench explanation --quick --peers none --rounds 1"
    text = page.read_text("utf-8")
    assert "## explanation: reading a decision" in text
    assert str(tmp_path) not in text
    assert remit("bench", *words, "--write", str(tmp_path / "no" / "page.md")).exit_code == 2


# ---- words and pictures

COLUMNS = (Column("10", at=10), Column("10 over remit", "times"), Column("100", at=100))
ROWS = (Row("remit", (1e-6, 1.0, 2e-6)), Row("peer", (1.5e-3, 1500.0, None)))
TABLE = Table("Times", "engine", COLUMNS, ROWS, "clauses")


def test_a_ratio_stands_beside_its_value() -> None:
    """In one column."""
    head, rows = cells(TABLE)
    assert head == ("engine", "10  (over remit)", "100")
    assert rows == [("remit", "1 µs  1×", "2 µs"), ("peer", "1.50 ms  1,500×", "–")]


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (0.25, "seconds", "250 ms"), (12.3, "seconds", "12.3 s"), (-4e-6, "seconds", "-4 µs"),
        (0.0, "seconds", "0 µs"), (2_500_000, "bytes", "2.50 MB"), (12, "bytes", "12 B"),
        (0.0123, "times", "0.012×"), (51_234.5, "per second", "51,234/s"), ("x", "text", "x"),
        (None, "count", "–"), (7.0, "count", "7"),
    ],
)  # fmt: skip
def test_values_as_people_read_them(value: Any, unit: Any, said: str) -> None:
    """Three digits and a unit."""
    assert cell(value, unit) == said


def test_goals_are_told_as_shares() -> None:
    """The most, or the least."""
    assert goal_row(Goal("a", 1 / 60, 1 / 50)) == ("a", "1/60", "≤ 1/50", "yes")
    assert goal_row(Goal("b", 3.0, 2.2)) == ("b", "3", "≤ 2.20", "no")
    least = Goal("c", 60_000, 50_000, "per second", most=False)
    assert goal_row(least) == ("c", "60,000/s", "≥ 50,000/s", "yes")
    assert share(0.0) == "0"


def test_pictures_go_beside_the_page(tmp_path: Path) -> None:
    """One for each table with an axis, the same each time."""
    pytest.importorskip("matplotlib")
    assert has_picture(TABLE)
    report = Report("w0", "t", "remit bench w0", {}, (TABLE,), (), 0, (), {}, (), 1.0)
    path = tmp_path / "page.md"
    assert write([report], path)
    assert "![Times](page/w0-1.svg)" in path.read_text("utf-8")
    before = (tmp_path / "page" / "w0-1.svg").read_bytes()
    assert before.startswith(b"<?xml")
    assert write([report], path)
    assert (tmp_path / "page" / "w0-1.svg").read_bytes() == before
