"""The spans of a demo on their way to a viewer: those of a host, and those of its decisions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opentelemetry.trace import TracerProvider

SERVICE = "remit-demo"


class Sending:
    """What a demo does its work with. `address` is that of the viewer, `page` where one looks.

    `plugins` are to be registered, and `span` opens a span of the host.
    """

    def __init__(self, address: str, page: str) -> None:
        self.address = address
        self.page = page
        self.plugins: list[object] = []
        self._tracers: TracerProvider | None = None

    @contextmanager
    def to(self, traces: str, headers: Mapping[str, str]) -> Iterator[None]:
        """Send to an address; what is on its way is sent before it ends."""
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        from remit_plugins.telemetry.plugin import Telemetry

        resource = Resource.create({
            "service.name": SERVICE, "openinference.project.name": SERVICE
        })  # fmt: skip
        tracers = TracerProvider(resource=resource, shutdown_on_exit=False)
        exporter = OTLPSpanExporter(endpoint=traces, headers=dict(headers))
        tracers.add_span_processor(BatchSpanProcessor(exporter))
        self._tracers = tracers
        self.plugins = [Telemetry(tracer_provider=tracers)]
        try:
            yield
        finally:
            tracers.shutdown()

    def span(self, name: str, attributes: Mapping[str, Any]) -> AbstractContextManager[object]:
        """A span of the host, as agent frameworks make them."""
        assert self._tracers is not None, "spans are sent within `to`"
        tracer = self._tracers.get_tracer(SERVICE)
        return tracer.start_as_current_span(name, attributes=dict(attributes))

    def flush(self) -> None:
        """Send what is on its way."""
        self._tracers.force_flush()  # type: ignore[union-attr] # as in `span`
