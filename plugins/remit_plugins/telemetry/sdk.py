"""Helpers for hosts that set up the SDK: keep the spans of decisions, and have them at once.

Needs `remit[otel-sdk]`. A span is a view all the same: what must not be lost is for a ledger.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
from opentelemetry.sdk.trace.sampling import Decision, Sampler, SamplingResult

from remit_plugins.telemetry.names import DECISION_ID

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import Link, SpanKind, TraceState


class KeepDecisions(Sampler):
    """A sampler that keeps the spans of decisions, and asks another about all others.

    A kept span whose parent was not kept has a parent that no viewer knows. With `export=False` it
    is recorded and not sampled: span processors get it (`Audit`), exporters in batches do not.
    """

    def __init__(self, other: Sampler, *, export: bool = True) -> None:
        self._other = other
        self._keep = Decision.RECORD_AND_SAMPLE if export else Decision.RECORD_ONLY

    def should_sample(
        self, parent_context: Context | None, trace_id: int, name: str,
        kind: SpanKind | None = None, attributes: Any = None,
        links: Sequence[Link] | None = None, trace_state: TraceState | None = None,
    ) -> SamplingResult:  # fmt: skip
        """Keep a span that has the id of a decision."""
        found = self._other.should_sample(
            parent_context, trace_id, name, kind, attributes, links, trace_state
        )
        kept = found.decision is Decision.RECORD_AND_SAMPLE
        if kept or not attributes or DECISION_ID not in attributes:
            return found
        state = trace.get_current_span(parent_context).get_span_context().trace_state
        return SamplingResult(self._keep, attributes, state)

    def get_description(self) -> str:
        """What it is, for people."""
        return f"KeepDecisions({self._other.get_description()})"


class Audit(SpanProcessor):
    """Exports the span of each decision as it ends, sampled or not; the host waits for that."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter

    def on_end(self, span: ReadableSpan) -> None:
        """Export it, if it is of a decision."""
        if DECISION_ID in (span.attributes or {}):
            self._exporter.export((span,))

    def shutdown(self) -> None:
        """Let the exporter end."""
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Nothing waits here."""
        return self._exporter.force_flush(timeout_millis)
