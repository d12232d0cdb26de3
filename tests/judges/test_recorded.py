"""Answers from a record, what is wrong with a record, and the record of a run."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from remit.judges.ask import ask
from remit.judges.entries import digest
from remit.judges.function import FunctionJudge
from remit.judges.model import Answer, Question
from remit.judges.recorded import Recorded, Recorder
from remit_grammar.diagnostic import SpecError

DATA = Path(__file__).parent / "data"
NOTHING = Answer(error="nothing is recorded for this question")


def _asked(judge: Any, question: str, subject: str = "s") -> Answer:
    return ask({"j": judge}, [Question("j", question, subject)])[0]


def test_the_most_specific_entry_answers() -> None:
    entries: list[dict[str, Any]] = [
        {"question": "q", "answer": False, "reason": "in general", "confidence": 1},
        {"question": "q", "subject": "this", "answer": True},
        {"question": "q", "subject_sha256": digest("that"), "answer": None, "error": "late"},
    ]
    judge = Recorded(entries, default=True)
    assert _asked(judge, "q", "this") == Answer(True)
    assert _asked(judge, "q", "that") == Answer(error="late")
    assert _asked(judge, "q", "other") == Answer(False, 1.0, "in general")
    assert _asked(judge, "another") == Answer(True)
    assert _asked(Recorded(entries), "another") == NOTHING


@pytest.mark.parametrize("truth", [True, False, None])
def test_a_mapping_is_enough(truth: bool | None) -> None:
    judge = Recorded({"q": truth})
    assert _asked(judge, "q") == Answer(truth)
    assert _asked(judge, "Q") == NOTHING
    assert _asked(Recorded(), "q") == NOTHING


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", '{"q": true}'),
        ("a.json", '\ufeff[{"question": "q", "answer": true}]'),
        ("a.JSONL", '\n{"question": "q", "answer": true}\r\n\n{"question": "r", "answer": null}'),
    ],
)
def test_files(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, "utf-8", newline="")
    judge = Recorded.load(tmp_path / name, default=False)
    assert _asked(judge, "q") == Answer(True)
    assert _asked(judge, "else") == Answer(False)


@pytest.mark.parametrize("name", sorted(one.name for one in DATA.iterdir() if one.suffix != ".err"))
def test_findings_of_a_file(
    golden: Callable[[Path, str], None], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """All of them at once, with the line where there are lines."""
    monkeypatch.chdir(DATA)
    with pytest.raises(SpecError) as caught:
        Recorded.load(name)
    golden(DATA / f"{name}.err", str(caught.value))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"q": "yes"}, "`q` has no `answer`"),
        ({"q": 1}, "`q` has no `answer`"),
        ({7: True}, "`7` has no text `question`"),
        (["q"], "entry 1 is not an object"),
        ([{"question": "q", "answer": True, "confidence": True}], "entry 1 has a `confidence`"),
        ([{"question": "q", "answer": True, 7: 1}], "entry 1 has an unknown key `7`"),
    ],
)
def test_findings_of_values(given: Any, message: str) -> None:
    with pytest.raises(SpecError, match=message) as caught:
        Recorded(given)
    assert [one.code for one in caught.value.diagnostics] == ["R1201"]


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"\xff{}", "R0002"), (b"", "R1201"), (b"[" * 99_999, "R1201"), (b"[NaN]", "R1201")],
)
def test_files_that_cannot_be_read(tmp_path: Path, data: bytes, code: str) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(data)
    with pytest.raises(SpecError) as caught:
        Recorded.load(path)
    assert [one.code for one in caught.value.diagnostics] == [code]


@pytest.mark.parametrize("name", ["absent.json", ".", "a\0b"])
def test_paths_that_cannot_be_read(tmp_path: Path, name: str) -> None:
    with pytest.raises(SpecError) as caught:
        Recorded.load(tmp_path / name)
    assert [one.code for one in caught.value.diagnostics] == ["R0001"]


# ---- the record of a run


def _judged(question: str, subject: str) -> Any:
    if subject == "odd":
        return "garbage"
    if subject == "rude":
        raise ValueError("key sk-123")
    return Answer(None if subject == "?" else subject == "yes", 0.75, f"it is {len(subject)} long")


@pytest.mark.parametrize("texts", [True, False])
def test_a_run_can_be_replayed(tmp_path: Path, texts: bool) -> None:
    path = tmp_path / "run.jsonl"
    questions = [Question("j", "q", one) for one in ["yes", "no", "?", "odd", "rude", "\ud800"]]
    judge = Recorder(FunctionJudge(_judged, timeout=9, cost=7, concurrency=2), path, texts=texts)
    assert (judge.timeout, judge.cost, judge.concurrency, judge.immediate) == (9, 7, 2, False)
    live = ask({"j": judge}, questions * 3)
    assert ask({"j": Recorded.load(path)}, questions * 3) == live
    lines = path.read_text("utf-8").splitlines()
    assert len(lines) == len(questions)
    assert any('"yes"' in line for line in lines) is texts
    assert "sk-123" not in path.read_text("utf-8")
    again = ask({"j": Recorder(_late, path)}, questions)
    assert len(path.read_text("utf-8").splitlines()) == len(questions)
    assert {one.truth for one in again} == {True}


def _late(question: Question) -> bool:
    return True


def test_a_record_of_what_came_too_late_says_so(tmp_path: Path) -> None:
    """The run went on without the answer; so does its replay."""
    path = tmp_path / "run.jsonl"
    judge = Recorder(FunctionJudge(lambda *_: True, timeout=1e-9), path)
    assert judge.answer(Question("j", "q", "s")).truth is None
    assert _asked(Recorded.load(path), "q").error == "the answer came too late"


def test_what_cannot_be_recorded_is_unknown(tmp_path: Path) -> None:
    judge = Recorder(lambda question: True, tmp_path / "no" / "folder.jsonl")
    assert _asked(judge, "q") == Answer(error="the answer could not be recorded")


def test_a_recorder_does_not_add_to_what_is_no_record(tmp_path: Path) -> None:
    path = tmp_path / "notes.jsonl"
    path.write_text(json.dumps(["my notes"]))
    with pytest.raises(SpecError):
        Recorder(lambda question: True, path)
    assert path.read_text() == '["my notes"]'
