"""A decision with a recorded span, against the bare span with the same attributes.

Remit emits no spans of its own yet; here the host does, from the decision. When Remit has its own
tracing, `_traced` is the place to use it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import remit
from remit.bench.arena import by_remit, calls
from remit.bench.arena.measure import Local, each, ratio
from remit.bench.model import Goal, Table
from remit.bench.run import Run
from remit.bench.tables import in_one
from remit.conversation.model import Step

BARE, DECISION, BOTH = "a bare recorded span", "a decision", "a decision with its recorded span"
NAME = "apply_guardrail bench.calls"


def tables(run: Run) -> Iterator[Table]:
    """Under the clauses of W1."""
    if find_spec("opentelemetry") is None or find_spec("opentelemetry.sdk") is None:
        run.missing["telemetry"] = "pip install opentelemetry-sdk"
        return
    size = 10 if run.quick else 100
    work = calls.workload(size)
    decide = remit.load(by_remit.calls_spec(work)).session().decide
    steps = [by_remit.call_of(one) for one in work.requests]
    provider = _provider()
    tracer = provider.get_tracer("remit.bench")
    fixed = attributes(decide(steps[0]))
    acts: dict[str, Callable[[Step], object]] = {
        BARE: lambda step: _span(tracer, fixed),
        DECISION: decide,
        BOTH: lambda step: _traced(tracer, decide, step),
    }
    race = run.race([Local(name, each(steps, act)) for name, act in acts.items()], "telemetry")
    provider.shutdown()
    yield in_one(f"{size} clauses, {len(fixed)} attributes, a batch exporter: CPU time", race, BARE)
    share = ratio(race[BOTH], race[BARE])
    if share is not None:
        run.goals.append(Goal("a decision with a recorded span over a bare span", share, 1.2))


def attributes(decision: remit.Decision) -> Mapping[str, Any]:
    """What a span tells of a decision, none of it what the conversation holds."""
    return {
        "remit.policy.name": decision.ground.name,
        "remit.policy.digest": decision.ground.digest,
        "remit.step.kind": decision.step.kind,
        "remit.step.index": decision.index,
        "gen_ai.tool.name": getattr(decision.step, "tool", ""),
        "remit.verdict": decision.verdict,
        "remit.decided_by": decision.decided_by,
        "remit.defeated": len(decision.defeated),
        "remit.unknown": len(decision.unknown),
        "remit.goes_on": bool(decision),
    }


def _traced(tracer: Any, decide: Callable[[Step], remit.Decision], step: Step) -> None:
    _span(tracer, attributes(decide(step)))


def _span(tracer: Any, told: Mapping[str, Any]) -> None:
    with tracer.start_as_current_span(NAME) as span:
        span.set_attributes(told)


def _provider() -> Any:
    """Spans are recorded and put into batches, and go nowhere."""
    trace: Any = import_module("opentelemetry.sdk.trace")
    export: Any = import_module("opentelemetry.sdk.trace.export")

    class Nowhere(export.SpanExporter):  # type: ignore[misc]
        def export(self, spans: object) -> Any:
            return export.SpanExportResult.SUCCESS

    provider = trace.TracerProvider()
    provider.add_span_processor(export.BatchSpanProcessor(Nowhere()))
    return provider
