"""Telemetry of an installed Remit: nothing until the host has set up OpenTelemetry.

The entry point `telemetry` of the group `remit` names this module. Where a host registers a
`Telemetry` of its own, that one is used.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from remit.hooks import hookimpl

if TYPE_CHECKING:
    from remit.hooks.model import Answered, Told
    from remit_plugins.telemetry.plugin import Telemetry

_made: list[Telemetry | None] = []  # one, once it was looked for


@hookimpl(wrapper=True)
def remit_decided(told: Told) -> Generator[None, Any, Any]:
    """Tell of a decision, if there is anybody to tell."""
    telemetry = _telemetry()
    if telemetry is None:
        return (yield)
    return (yield from telemetry.remit_decided(told))


@hookimpl
def remit_answered(answered: Answered) -> None:
    """Tell of an answer, likewise."""
    telemetry = _telemetry()
    if telemetry is not None:
        telemetry.remit_answered(answered)


def _telemetry() -> Telemetry | None:
    if _made:
        return _made[0]
    if "opentelemetry.trace" not in sys.modules or not _anybody_listens():
        return None
    _made.append(_make())
    return _made[0]


def _anybody_listens() -> bool:
    """Whether the host has set up a provider; until then there are only those that stand for it."""
    from opentelemetry import _logs, metrics, trace

    providers = (
        trace.get_tracer_provider(), _logs.get_logger_provider(), metrics.get_meter_provider()
    )  # fmt: skip
    return any("Proxy" not in type(one).__name__ for one in providers)


def _make() -> Telemetry | None:
    """With the settings of the environment; without them where they say something unknown."""
    try:
        from remit_plugins.telemetry.plugin import Telemetry
        from remit_plugins.telemetry.settings import Settings
    except ImportError as error:
        logging.getLogger("remit.telemetry").warning("no telemetry: %s", error)
        return None
    try:
        return Telemetry()
    except ValueError as error:
        logging.getLogger("remit.telemetry").error("telemetry tells no texts: %s", error)
        return Telemetry(Settings())
