"""Spared judges: a record verifies only where no answer of theirs could have mattered."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

import remit
from remit import Message, Policy
from remit.judges.model import Answer, Question
from remit.verify import verify_records

Record = dict[str, Any]
QUESTIONS = tuple(f"q{number}" for number in range(8))


def _policy(tmp_path: Path, clauses: str) -> Policy:
    path = tmp_path / "judging.spec"
    path.write_text("spec judging\nauthor developer\n" + clauses, "utf-8")
    return remit.load(path)


def _no(question: Question) -> Answer:
    return Answer(False)


def _record(policy: Policy, text: str) -> Record:
    decision = policy.session(judges={"m": _no}).decide(Message("assistant", text))
    copied: Record = json.loads(json.dumps(decision.to_json()))
    return copied


def _spared(record: Record) -> Record:
    """The record with every question told as spared."""
    told = copy.deepcopy(record)
    told["judged"] = [{key: row[key] for key in ("judge", "question", "text_sha256")}
                      | {"answer": "spared"} for row in told["judged"]]  # fmt: skip
    return told


def _clauses(count: int) -> str:
    return "".join(
        f'clause c{at}\n  forbid message where judged "{question}" by m\n'
        for at, question in enumerate(QUESTIONS[:count])
    )


@pytest.mark.parametrize("count", [1, 3, 5, 8])
def test_what_could_have_denied_was_not_to_be_spared(tmp_path: Path, count: int) -> None:
    """Asked and denied by the judge it verifies; spared it does not, however many there are."""
    policy = _policy(tmp_path, _clauses(count))
    record = _record(policy, "x")
    assert len(record["judged"]) == count
    assert verify_records([record], policy) == []
    (found,) = verify_records([_spared(record)], policy)
    assert "was spared, but an answer of `m` matters" in found.message


@pytest.mark.parametrize("count", [1, 3, 5, 8])
def test_what_could_not_have_mattered_is_spared(tmp_path: Path, count: int) -> None:
    """Denied anyway: whatever judges say, nothing else follows."""
    policy = _policy(tmp_path, _clauses(count) + 'clause x\n  forbid message where text = "x"\n')
    record = _record(policy, "x")
    assert [row["answer"] for row in record["judged"]] == ["spared"] * count
    assert verify_records([record], policy) == []


def test_an_answer_in_the_middle_matters(tmp_path: Path) -> None:
    """All true and all false come to the same: what one forbids the other permits again."""
    clauses = """
act said = message where text = "x"
clause a
  forbid said where judged "bad" by m
clause b
  permit said where judged "fine" by m
  overrides a
"""
    policy = _policy(tmp_path, clauses)
    record = _record(policy, "x")
    assert verify_records([record], policy) == []
    (found,) = verify_records([_spared(record)], policy)
    assert "was spared" in found.message


def test_an_unknown_answer_matters(tmp_path: Path) -> None:
    """A norm may ask for more where its judge does not know."""
    policy = _policy(
        tmp_path,
        """
clause a
  forbid message where judged "bad" by m
  otherwise warn
  if unknown deny
clause b
  forbid message where text = "x"
  otherwise warn
""",
    )
    record = _record(policy, "x")
    assert verify_records([record], policy) == []
    (found,) = verify_records([_spared(record)], policy)
    assert "the verdict could be `deny`" in found.message


def test_who_is_asked_matters(tmp_path: Path) -> None:
    """The verdict is `ask` either way, but of another person too."""
    policy = _policy(
        tmp_path,
        """
clause a
  forbid message where judged "bad" by m
  otherwise ask "the boss"
clause b
  forbid message where text = "x"
  otherwise ask "anybody"
""",
    )
    record = _record(policy, "x")
    assert verify_records([record], policy) == []
    assert len(verify_records([_spared(record)], policy)) == 1


def test_an_answer_is_not_hidden_behind_a_spared_one(tmp_path: Path) -> None:
    """A question may be spared for the step and asked for its changed form: not to let it pass."""
    policy = _policy(tmp_path, _clauses(1))
    session = policy.session(judges={"m": lambda question: Answer(True)})
    record = json.loads(json.dumps(session.decide(Message("assistant", "x")).to_json()))
    (row,) = _spared(record)["judged"]
    record["judged"].append(row)
    record.update(verdict="allow", applied=[], in_force=[], decided_by=[])
    assert any("was spared, but" in one.message for one in verify_records([record], policy))
