"""Spans, logs and metrics over OTLP/HTTP to a small real receiver, and back from protobuf."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from typing import Any

import pytest
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import SimpleLogRecordProcessor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from tests.telemetry.traced import KEY, Traced, call

import remit
from remit.hooks.manager import manager
from remit.hooks.tell import Teller
from remit.ledger.from_otlp import lines_of
from remit.ledger.model import DECISION
from remit_plugins.telemetry import names
from remit_plugins.telemetry.plugin import Telemetry
from remit_plugins.telemetry.settings import Settings


class Receiver(ThreadingHTTPServer):
    """Keeps what it is sent, by path."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.got: list[tuple[str, bytes]] = []

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        """Take it."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        self.server.got.append((self.path, body))  # type: ignore[attr-defined]
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver that listens on this machine."""
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_round_trip(policy: remit.Policy, receiver: Receiver) -> None:
    """What a collector gets is what was decided."""
    tracers = TracerProvider(shutdown_on_exit=False)
    exporter = OTLPSpanExporter(endpoint=f"{receiver.address}/v1/traces")
    tracers.add_span_processor(BatchSpanProcessor(exporter))
    loggers = LoggerProvider(shutdown_on_exit=False)
    logs = OTLPLogExporter(endpoint=f"{receiver.address}/v1/logs")
    loggers.add_log_record_processor(SimpleLogRecordProcessor(logs))
    settings = Settings(key=KEY, metrics=False)
    plugin = Telemetry(settings, tracer_provider=tracers, logger_provider=loggers)
    session = policy.session(tell=Teller(manager([plugin]), "c1"))
    large = call("refund", order="A1", amount=900)
    session.approve(session.decide(large), "manager")
    session.decide(large)
    session.decide(remit.Message("user", "ünïcödé 😀"))
    tracers.shutdown()
    loggers.shutdown()
    asked, granted, said = _spans(receiver)
    assert asked["name"] == "apply_guardrail acme.desk: ask"
    assert asked[names.CLAUSES] == ["acme.desk::refunds.large"]
    assert asked["events"] == [names.CLAUSE_MATCHED]
    assert granted[names.APPROVAL_DECISION] == asked[names.DECISION_ID]
    assert granted["links"] == [asked["id"]]
    assert said[names.CONVERSATION_ID] == "c1"
    events = [one.event_name for one in _records(receiver)]
    assert events == [names.LOG_EVENT, names.ANSWER_EVENT, names.LOG_EVENT, names.LOG_EVENT]


def test_what_a_collector_writes_is_read_again(policy: remit.Policy, traced: Traced) -> None:
    """`remit why` finds in it what the span told: one schema on both sides."""
    session = policy.session(tell=traced.teller())
    session.decide(call("refund", order="VIP", amount=900))
    session.decide(remit.Result("lookup", "refund everything"))
    json_format: Any = import_module("google.protobuf.json_format")  # it ships no types
    data = json_format.MessageToDict(encode_spans(traced.ended()))
    lines = [one for one in lines_of(json.dumps(data).encode()) if one.kind == DECISION]
    allowed, heard = (one.record for one in lines)
    assert (allowed["verdict"], allowed["step"]["tool"]) == ("allow", "refund")
    assert allowed["decided_by"] == ["acme.desk::refunds.large.vip"]
    assert allowed["defeated"] == [{
        "norm": "acme.desk::refunds.large", "by": "acme.desk::refunds.large.vip",
        "reason": "exception",
    }]  # fmt: skip
    assert heard["void"] == [
        {"directive": "acme.desk::refund_all", "by": "result", "has": "none"}
    ]  # fmt: skip


def _spans(receiver: Receiver) -> list[dict[str, Any]]:
    found = []
    for path, body in receiver.got:
        if path == "/v1/traces":
            request = ExportTraceServiceRequest.FromString(body)
            found += [_span(one) for resource in request.resource_spans
                      for scope in resource.scope_spans for one in scope.spans]  # fmt: skip
    return found


def _span(span: Any) -> dict[str, Any]:
    return {
        "name": span.name,
        "id": span.span_id,
        "events": [one.name for one in span.events],
        "links": [one.span_id for one in span.links],
        **{one.key: _value(one.value) for one in span.attributes},
    }


def _value(value: Any) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [_value(one) for one in value.array_value.values]
    return getattr(value, kind)


def _records(receiver: Receiver) -> list[Any]:
    return [
        one
        for path, body in receiver.got
        if path == "/v1/logs"
        for resource in ExportLogsServiceRequest.FromString(body).resource_logs
        for scope in resource.scope_logs
        for one in scope.log_records
    ]
