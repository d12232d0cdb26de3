"""A decision with its recorded span, against a bare span with the same attributes and events.

The plugin is measured as peers are: found by its name, for the engine imports no plugin. The bare
spans are those that the plugin made, made again by hand: attributes and events are there already.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import remit
from remit.bench.arena import by_remit, calls
from remit.bench.arena.measure import Local, Samples, Work, each, ratio
from remit.bench.model import Goal, Table
from remit.bench.run import Run
from remit.bench.tables import in_one

DECISION = "a decision"
BARE, BARE_EVENTS = "a bare recorded span", "a bare recorded span with events"
SPAN, EVENTS, HASH = "a decision with its span", "and events", "and a keyed hash"
LOG, METRICS = "and a log event", "and metrics: all there is"
QUIET = "a decision, the plugin there and nobody tracing"

# What each row adds to the one before it.
STEPS: Mapping[str, Mapping[str, Any]] = {
    SPAN: {},
    EVENTS: {"detail": "matched"},
    HASH: {"digests": True},
    LOG: {"logs": True},
    METRICS: {"metrics": True},
}
NOTHING = {"detail": "none", "digests": False, "logs": False, "metrics": False}
GOALS = {SPAN: BARE, EVENTS: BARE_EVENTS}  # what is held against what


def tables(run: Run) -> Iterator[Table]:
    """Under the clauses of W1."""
    if missing():
        run.missing["telemetry"] = "pip install opentelemetry-sdk rfc8785"
        return
    size = 10 if run.quick else 100
    work = calls.workload(size)
    policy = remit.load(by_remit.calls_spec(work))
    steps = [by_remit.call_of(one) for one in work.requests]
    providers = Providers()
    bare = _told(policy, steps)
    start = providers.tracers.get_tracer("remit.bench").start_as_current_span
    acts: dict[str, Callable[[int], Work]] = {
        BARE: each(bare, lambda one: _span(start, one, ())),
        BARE_EVENTS: each(bare, lambda one: _span(start, one, one.events)),
        DECISION: each(steps, policy.session().decide),
        QUIET: each(steps, _traced(policy, providers.nobody, NOTHING)),
    }
    settings = dict(NOTHING)
    for name, more in STEPS.items():
        settings |= more
        acts[name] = each(steps, _traced(policy, providers.all, settings))
    race = run.race([Local(name, act) for name, act in acts.items()], "telemetry")
    providers.shutdown()
    title = f"{size} clauses, {len(bare[0].attributes)} attributes, batch exporters: CPU time"
    yield in_one(title, race, BARE)
    _set_goals(run, race)


def _set_goals(run: Run, race: Mapping[str, Samples]) -> None:
    for made, by_hand in GOALS.items():
        share = ratio(race[made], race[by_hand])
        if share is not None:
            what = "with its span and events" if made == EVENTS else "with its span"
            run.goals.append(Goal(f"a decision {what} over {by_hand}", share, 1.2))


def missing() -> list[str]:
    """The packages that it takes and that are not there."""
    return [name for name in ("opentelemetry.sdk", "rfc8785") if not _is_there(name)]


def plugin(providers: Mapping[str, Any], settings: Mapping[str, Any] = NOTHING) -> object:
    """The plugin, telling of spans alone unless settings say more."""
    chosen = import_module("remit_plugins.telemetry.settings").Settings(**settings)
    made: object = import_module("remit_plugins.telemetry.plugin").Telemetry(chosen, **providers)
    return made


def _is_there(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ImportError:  # what holds it is not there
        return False


def _traced(
    policy: remit.Policy, providers: Mapping[str, Any], settings: Mapping[str, Any]
) -> Callable[[Any], object]:
    """What decides, and tells telemetry."""
    from remit.hooks.manager import manager
    from remit.hooks.tell import Teller

    return policy.session(tell=Teller(manager([plugin(providers, settings)]), "bench")).decide


def _told(policy: remit.Policy, steps: Sequence[Any]) -> Sequence[Any]:
    """The spans of the decisions, as the plugin makes them."""
    export: Any = import_module("opentelemetry.sdk.trace.export")
    memory: Any = import_module("opentelemetry.sdk.trace.export.in_memory_span_exporter")
    tracers: Any = import_module("opentelemetry.sdk.trace").TracerProvider()
    kept = memory.InMemorySpanExporter()
    tracers.add_span_processor(export.SimpleSpanProcessor(kept))
    settings = {**NOTHING, "detail": "matched"}
    decide = _traced(policy, {"tracer_provider": tracers}, settings)
    for step in steps:
        decide(step)
    found: Sequence[Any] = kept.get_finished_spans()
    return [_Bare(one.name, dict(one.attributes), [
        (event.name, dict(event.attributes)) for event in one.events
    ]) for one in found]  # fmt: skip


class _Bare:
    """What a span tells."""

    __slots__ = ("attributes", "events", "name")

    def __init__(
        self, name: str, attributes: Mapping[str, Any], events: Sequence[tuple[str, Any]]
    ) -> None:
        self.name, self.attributes, self.events = name, attributes, events


def _span(start: Any, told: _Bare, events: Sequence[tuple[str, Any]]) -> None:
    with start(told.name) as span:
        span.set_attributes(told.attributes)
        for name, attributes in events:
            span.add_event(name, attributes)


class Providers:
    """Spans, logs and metrics are recorded and put into batches, and go nowhere."""

    def __init__(self) -> None:
        export: Any = import_module("opentelemetry.sdk.trace.export")
        logs: Any = import_module("opentelemetry.sdk._logs")
        log_export: Any = import_module("opentelemetry.sdk._logs.export")
        meters: Any = import_module("opentelemetry.sdk.metrics")
        memory: Any = import_module("opentelemetry.sdk.metrics.export").InMemoryMetricReader

        class Nowhere(export.SpanExporter):  # type: ignore[misc]
            def export(self, spans: object) -> Any:
                return export.SpanExportResult.SUCCESS

        class LogsNowhere(log_export.LogRecordExporter):  # type: ignore[misc]
            def export(self, batch: object) -> Any:
                return log_export.LogRecordExportResult.SUCCESS

            def shutdown(self) -> None:
                pass

            def force_flush(self, timeout_millis: int = 0) -> bool:
                return True

        self.tracers: Any = import_module("opentelemetry.sdk.trace").TracerProvider()
        self.tracers.add_span_processor(export.BatchSpanProcessor(Nowhere()))
        self.loggers = logs.LoggerProvider()
        self.loggers.add_log_record_processor(log_export.BatchLogRecordProcessor(LogsNowhere()))
        self.meters = meters.MeterProvider([memory()])
        self.nobody = {"tracer_provider": import_module("opentelemetry.trace").NoOpTracerProvider()}
        self.all = {
            "tracer_provider": self.tracers, "logger_provider": self.loggers,
            "meter_provider": self.meters,
        }  # fmt: skip

    def shutdown(self) -> None:
        """End the threads."""
        for one in (self.tracers, self.loggers, self.meters):
            one.shutdown()
