"""Decisions as OpenTelemetry spans, log events and metrics. Nothing here is loaded by itself."""
