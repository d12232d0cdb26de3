"""Spans and a ledger know of each other."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.ledger.conftest import rows
from tests.telemetry.traced import Traced, call

import remit
from remit.ledger.sink import Ledger
from remit_plugins.telemetry import names

LARGE = call("refund", order="A1", amount=900)


def test_each_names_the_other(policy: remit.Policy, traced: Traced, tmp_path: Path) -> None:
    """The record has the ids of the span, the span the place of the record."""
    path = tmp_path / "audit.jsonl"
    with Ledger(path, sync="none") as ledger:
        session = policy.session(tell=traced.teller(ledger))
        session.approve(session.decide(LARGE), "manager")
        session.decide(LARGE)
    lines = {one["id"]: one for one in rows(path)}
    for span in traced.ended():
        told = dict(span.attributes or {})
        row = lines[str(told[names.DECISION_ID])]
        assert span.context is not None
        assert row["trace"] == f"{span.context.trace_id:032x}"
        assert row["span"] == f"{span.context.span_id:016x}"
        place = f'"seq":{told["remit.ledger.seq"]},'
        [line] = [one for one in path.read_text().splitlines() if place in one]
        assert f'{{"hash":"{told["remit.ledger.hash"]}"' in line
    assert len(traced.ended()) == 2


def test_what_the_ledger_has_not_is_counted(
    policy: remit.Policy, traced: Traced, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Going on without it, each decision says so; nothing is silent."""
    with Ledger(tmp_path / "none" / "audit.jsonl", failing="go on") as ledger:
        session = policy.session(tell=traced.teller(ledger))
        for _ in range(3):
            session.decide(LARGE)
    assert [point.value for _, point in traced.points(names.LEDGER_ERRORS)] == [3]
    assert len(caplog.records) == 1
    told = dict(traced.ended()[0].attributes or {})
    assert "cannot be written" in str(told[names.LEDGER_ERROR])
