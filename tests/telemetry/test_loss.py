"""What is lost where, and who says so: sampling, exporters that stall, bursts, crashes, limits."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Event as Signal
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_ON, DEFAULT_ON, ParentBased
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, set_span_in_context
from tests.telemetry.traced import KEY, Traced, call

import remit
from remit.hooks.manager import manager
from remit.hooks.tell import Teller
from remit.ledger.model import DECISION, Line
from remit.ledger.read import read
from remit.ledger.sink import Ledger
from remit.ledger.verify import verify
from remit_plugins.telemetry import names
from remit_plugins.telemetry.plugin import Telemetry
from remit_plugins.telemetry.sdk import Audit, KeepDecisions
from remit_plugins.telemetry.settings import Settings

LARGE = call("refund", order="A1", amount=900)
UNSAMPLED = NonRecordingSpan(SpanContext(1, 2, is_remote=True, trace_flags=TraceFlags(0)))


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """A ledger, which must have every decision."""
    with Ledger(tmp_path / "audit.jsonl", sync="none") as ledger:
        yield ledger


def written(path: Path) -> list[Line]:
    """The decisions in a ledger, which must be whole."""
    assert verify([path]).is_whole
    lines = [one.line for one in read(path)]
    return [one for one in lines if one is not None and one.kind == DECISION]


def decide_unsampled(policy: remit.Policy, traced: Traced, *others: object) -> None:
    """A decision that a caller does not want to be traced."""
    with trace.use_span(UNSAMPLED):
        policy.session(tell=traced.teller(*others)).decide(LARGE)


def dropped(traced: Traced) -> dict[str, int]:
    """What telemetry says that it did not tell, by the reason."""
    return {told[names.DROPPED_REASON]: point.value for told, point in traced.points(names.DROPPED)}


def test_an_unsampled_caller(policy: remit.Policy, traced: Traced, ledger: Ledger) -> None:
    """No span. The log event, the metrics and the ledger have it, and the loss is counted."""
    decide_unsampled(policy, traced, ledger)
    [line] = written(ledger.path)
    assert not traced.ended()
    assert dropped(traced) == {"unsampled": 1}
    [event] = traced.records()
    assert event.attributes[names.DECISION_ID] == line.record["id"]
    assert line.record["trace"] == f"{1:032x}"
    assert (event.trace_id, event.trace_flags) == (1, 0)
    assert [point.count for _, point in traced.points(names.DURATION)] == [1]


def test_a_sampler_that_keeps_decisions(policy: remit.Policy) -> None:
    """They are exported with the caller's trace id; nothing else of that trace is."""
    traced = Traced(sampler=KeepDecisions(ParentBased(ALWAYS_ON)))
    decide_unsampled(policy, traced)
    with trace.use_span(UNSAMPLED):
        traced.tracers.get_tracer("host").start_span("other").end()
    [span] = traced.ended()
    assert span.context.trace_id == 1
    assert (span.attributes or {})[names.OUTCOME] == "ask"
    assert "KeepDecisions(ParentBased" in KeepDecisions(DEFAULT_ON).get_description()


def test_a_tap_that_exports_nothing_else(policy: remit.Policy) -> None:
    """Recorded and not sampled: the audit processor has it at once, other exporters do not."""
    traced, tapped = Traced(sampler=KeepDecisions(DEFAULT_ON, export=False)), InMemorySpanExporter()
    traced.tracers.add_span_processor(Audit(tapped))
    decide_unsampled(policy, traced)
    with traced.tracers.get_tracer("host").start_as_current_span("other"):
        pass
    assert [one.name for one in traced.ended()] == ["other"]
    assert [one.name for one in tapped.get_finished_spans()] == ["apply_guardrail acme.desk: ask"]
    assert not dropped(traced)
    assert traced.tracers.force_flush()
    traced.tracers.shutdown()


class Stalled(SpanExporter):
    """An exporter that is stuck until it is told to go on."""

    def __init__(self) -> None:
        self.go = Signal()
        self.got: list[str] = []

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Wait, then take them."""
        self.go.wait(600)  # set long before, on any machine
        self.got += [str((one.attributes or {})[names.DECISION_ID]) for one in spans]
        return SpanExportResult.SUCCESS


def test_a_burst_at_a_stalled_exporter(
    policy: remit.Policy, traced: Traced, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 10,000 decisions most spans are lost; the SDK counts them, and the ledger has them all."""
    monkeypatch.setenv("OTEL_PYTHON_SDK_INTERNAL_METRICS_ENABLED", "true")
    stalled = Stalled()
    batches = BatchSpanProcessor(stalled, meter_provider=traced.meters)
    tracers = TracerProvider(shutdown_on_exit=False)
    tracers.add_span_processor(batches)
    settings = Settings(key=KEY, logs=False, metrics=False, digests=False)
    plugins = manager([ledger, Telemetry(settings, tracer_provider=tracers)])
    session = policy.session(tell=Teller(plugins, "c1"))
    step = call("lookup", order="A1")
    for _ in range(10_000):
        assert session.decide(step)
    stalled.go.set()
    tracers.force_flush()
    counted = {
        told.get("error.type"): point.value
        for told, point in traced.points("otel.sdk.processor.span.processed")
    }
    ids = {str(one.record["id"]) for one in written(ledger.path)}
    assert len(ids) == 10_000
    assert 0 < len(stalled.got) < 5_000
    assert set(stalled.got) < ids
    assert counted["queue_full"] == 10_000 - len(stalled.got)
    tracers.shutdown()


CRASH = """
import os, sys
import remit
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter
from remit.hooks.manager import manager
from remit.hooks.tell import Teller
from remit.ledger.sink import Ledger
from remit_plugins.telemetry.plugin import Telemetry
from remit_plugins.telemetry.sdk import Audit

tracers = TracerProvider()
out = ConsoleSpanExporter(formatter=lambda span: f"span {span.name}\\n")
tracers.add_span_processor({processor}(out))
policy = remit.load("spec a.b\\nauthor user\\nclause x\\n  forbid call y\\n")
tell = Teller(manager([Ledger(sys.argv[1]), Telemetry(tracer_provider=tracers)]))
policy.session(tell=tell).decide(remit.Call("y"))
os._exit(9)
"""


@pytest.mark.parametrize(
    ("processor", "lines"),
    [
        ("BatchSpanProcessor", []),
        ("Audit", ["span apply_guardrail a.b: deny"]),
    ],
)
def test_a_crash_right_after_a_decision(processor: str, lines: list[str], tmp_path: Path) -> None:
    """A batch is lost; what is written before the step takes effect is there."""
    path = tmp_path / "audit.jsonl"
    done = subprocess.run(
        [sys.executable, "-c", CRASH.replace("{processor}", processor), str(path)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(one for one in sys.path if one)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout.splitlines()) == (9, lines), done.stderr
    assert [one.record["verdict"] for one in written(path)] == ["deny"]


def test_a_span_and_its_record_know_each_other(
    policy: remit.Policy, traced: Traced, ledger: Ledger
) -> None:
    """Each names the other, so that from what one sees one finds what holds."""
    policy.session(tell=traced.teller(ledger)).decide(LARGE)
    [span], [line] = traced.ended(), written(ledger.path)
    told = dict(span.attributes or {})
    assert (told["remit.ledger.seq"], told["remit.ledger.hash"]) == (line.seq, line.hash)
    assert line.record["trace"] == f"{span.context.trace_id:032x}"
    assert line.record["span"] == f"{span.context.span_id:016x}"


def test_more_clauses_than_an_sdk_keeps_events() -> None:
    """32 are told, those that decide among them; how many more there were is told and counted."""
    clauses = "".join(f"clause c{n}\n  forbid call y\n  otherwise warn\n" for n in range(200))
    last = "clause never\n  forbid call y\n"
    policy = remit.load(f"spec a.b\nauthor user\n{clauses}{last}")
    traced = Traced()
    policy.session(tell=traced.teller()).decide(remit.Call("y"))
    [span] = traced.ended()
    assert len(span.events) == names.MOST_EVENTS
    assert span.dropped_events == span.dropped_attributes == 0
    assert (span.events[-1].attributes or {})[names.CLAUSE_ID] == "a.b::never"
    told = dict(span.attributes or {})
    assert (told[names.MATCHED], told[names.OMITTED]) == (201, 201 - names.MOST_EVENTS)
    assert dropped(traced) == {"events": 201 - names.MOST_EVENTS}


def test_as_many_deciding_clauses(traced: Traced) -> None:
    """The ids of 16 are told, each no longer than it may be."""
    clauses = "".join(f"clause {'c' * 200}{n}\n  forbid call y\n" for n in range(100))
    policy = remit.load(f"spec a.b\nauthor user\n{clauses}")
    policy.session(tell=traced.teller()).decide(remit.Call("y"))
    told: Any = dict(traced.ended()[0].attributes or {})[names.CLAUSES]
    assert len(told) == names.MOST_CLAUSES
    assert {len(one) for one in told} == {names.MOST_NAME}


def test_the_counts_of_clauses_are_bounded(
    policy: remit.Policy, traced: Traced, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is said in a conversation is counted by its directive; what is too much, together."""
    monkeypatch.setattr("remit_plugins.telemetry.tally.MOST", 1)
    session = policy.session(tell=traced.teller())
    for amount in (900, 9000):
        session.decide(call("refund", order="A1", amount=amount))
    counts = {told["remit.clause.id"]: point.value
              for told, point in traced.points(names.CLAUSE_MATCHES)}  # fmt: skip
    assert counts == {"acme.desk::refunds.large": 2, "other": 1}


def test_a_leaf(policy: remit.Policy, traced: Traced) -> None:
    """After a decision the span around is current again."""
    with trace.use_span(UNSAMPLED):
        policy.session(tell=traced.teller()).decide(LARGE)
        assert trace.get_current_span() is UNSAMPLED
    assert set_span_in_context(UNSAMPLED)
