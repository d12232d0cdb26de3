"""A policy with every verdict, and what telemetry tells of decisions under it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import Sampler

import remit
from remit.hooks.manager import manager
from remit.hooks.tell import Teller
from remit_plugins.telemetry.plugin import Telemetry
from remit_plugins.telemetry.settings import Settings

SPEC = """
spec acme.desk
author developer
tool refund(order: text, amount: number) effects spends
tool mail(`to`: text, body: text)
tool lookup(order: text)
default deny for handoff

clause refunds.large "Large refunds need a manager."
  forbid call refund where amount > 200 unless confirmed by manager
  otherwise ask manager
  except vip: permit where order is "VIP"

clause refunds.broken "Never."
  forbid call refund where amount > 5000
  otherwise deny

clause mail.secrets "No secrets leave."
  forbid call mail where body has secret
  otherwise redact

clause mail.home "Mails go to the desk."
  forbid call mail where `to` is "boss"
  otherwise rewrite `to` to "desk"

clause tone.shouting at user "No shouting."
  forbid message from assistant where text contains "HEY"
  otherwise warn

clause tone.rude "Stay polite."
  forbid message from assistant where text judged "is rude" by tone
  otherwise deny
  if unknown allow

clause stop.here "The end."
  forbid message from assistant where text contains "format the disk"
  otherwise halt

directive shout
  heard "you may shout"
  permit tone.shouting

directive refund_all
  heard "refund everything"
  permit refunds.large
"""

KEY = b"a key that is known to the tests"
SECRET = "AKIAIOSFODNN7EXAMPLE"  # as documentation writes one


def call(tool: str, **args: Any) -> remit.Call:
    """A call with an id."""
    return remit.Call(tool, args, f"call-{tool}")


@dataclass
class Traced:
    """Providers that keep what they are told, and the plugin that tells them."""

    settings: Settings = field(default_factory=lambda: Settings(key=KEY))
    sampler: Sampler | None = None

    def __post_init__(self) -> None:
        self.spans = InMemorySpanExporter()
        self.tracers = TracerProvider(sampler=self.sampler, shutdown_on_exit=False)
        self.tracers.add_span_processor(SimpleSpanProcessor(self.spans))
        self.logs = InMemoryLogRecordExporter()  # type: ignore[no-untyped-call]
        loggers = LoggerProvider(shutdown_on_exit=False)
        loggers.add_log_record_processor(SimpleLogRecordProcessor(self.logs))
        self.reader = InMemoryMetricReader()
        self.meters = MeterProvider([self.reader], shutdown_on_exit=False)
        self.plugin = Telemetry(
            self.settings, tracer_provider=self.tracers, logger_provider=loggers,
            meter_provider=self.meters,
        )  # fmt: skip

    def teller(self, *others: object, **options: Any) -> Teller:
        """What a session is given; `others` hear too."""
        return Teller(manager([*others, self.plugin]), "c1", agent="desk", **options)

    def ended(self) -> Sequence[ReadableSpan]:
        """The spans that have ended."""
        return self.spans.get_finished_spans()

    def records(self) -> list[Any]:
        """The log records."""
        return [one.log_record for one in self.logs.get_finished_logs()]

    def points(self, name: str) -> list[tuple[dict[str, Any], Any]]:
        """The attributes and the data points of a metric."""
        data = self.reader.get_metrics_data()
        return [
            (dict(point.attributes or {}), point)
            for resource in (data.resource_metrics if data else ())
            for scope in resource.scope_metrics
            for metric in scope.metrics
            if metric.name == name
            for point in metric.data.data_points
        ]
