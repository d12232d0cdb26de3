"""The plugin: one span, one log event and some numbers for each decision. Needs `remit[otel]`.

It uses the providers that the host has set up, global or given, and sets up none. What fails here
is counted and logged and never changes a decision.
"""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterable, Mapping
from time import time_ns
from typing import TYPE_CHECKING

from opentelemetry.context import attach, detach

from remit import __version__
from remit.hooks import hookimpl
from remit_plugins.telemetry.logs import Logs
from remit_plugins.telemetry.metrics import Metrics
from remit_plugins.telemetry.settings import Settings
from remit_plugins.telemetry.telling import Opened, Telling

if TYPE_CHECKING:
    from opentelemetry._logs import LoggerProvider
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import TracerProvider

    from remit.hooks.model import Answered, Told

_log = logging.getLogger("remit.telemetry")
Facts = Iterable[Mapping[str, str | int] | None]


class Telemetry:
    """Tells OpenTelemetry of decisions and answers.

    Settings that are not given are those of the environment; raises `ValueError` where that says
    something unknown. One manager takes one: two would tell of each decision twice.
    """

    def __init__(
        self, settings: Settings | None = None, *, tracer_provider: TracerProvider | None = None,
        logger_provider: LoggerProvider | None = None,
        meter_provider: MeterProvider | None = None,
    ) -> None:  # fmt: skip
        settings = settings or Settings.from_environment()
        self.__name__ = "telemetry"  # pluggy's name for it, so that no second one is registered
        self._logs = Logs(logger_provider, __version__) if settings.logs else None
        self._metrics = Metrics(meter_provider, __version__) if settings.metrics else None
        self._telling = Telling(settings, tracer_provider, __version__, self._logs, self._metrics)
        self._noted: set[str] = set()  # classes of errors that were logged
        self._failed: dict[str, Opened] = {}  # spans of decisions that are about to be corrected

    @hookimpl(wrapper=True)
    def remit_decided(self, told: Told) -> Generator[None, Facts, Facts]:
        """Open a span, let the others hear of the decision within it, and end it."""
        opened = self._open(told)
        if opened is None:
            return (yield)
        token = attach(opened.context)
        try:
            facts = yield
        except BaseException as error:
            detach(token)
            self._put_off(opened, error)
            raise
        detach(token)
        self._close(opened, facts)
        return facts

    @hookimpl
    def remit_answered(self, answered: Answered) -> None:
        """Remember who answered, and tell how long it took."""
        try:
            approvals = self._telling.approvals
            approvals.answered(answered)
            if self._metrics is not None:
                self._metrics.answered(answered)
            if self._logs is not None and self._logs.enabled():
                self._logs.answered(answered, approvals.who(answered))
        except Exception as error:  # noqa: BLE001 - an answer counts whether or not it is shown
            self._note(error)

    def _open(self, told: Told) -> Opened | None:
        try:
            again = self._failed.pop(told.corrects, None) if told.corrects else None
            return self._telling.open(told) if again is None else self._telling.reopen(again, told)
        except Exception as error:  # noqa: BLE001 - a decision counts whether or not it is shown
            self._note(error)
            return None

    def _put_off(self, opened: Opened, error: BaseException) -> None:
        """The others failed: the deny that corrects the decision will end its span."""
        opened.failed = "provider_error"
        if isinstance(error, Exception) and opened.told.corrects is None:
            self._failed[opened.told.id] = opened
        else:
            self._close(opened, ())

    def _close(self, opened: Opened, facts: Facts) -> None:
        try:
            self._telling.close(opened, facts, time_ns())
        except Exception as error:  # noqa: BLE001 - a decision counts whether or not it is shown
            self._note(error)

    def _note(self, error: Exception) -> None:
        kind = type(error).__name__
        if kind not in self._noted:  # once is enough to be looked into
            self._noted.add(kind)
            _log.warning("a decision could not be told: %s; more of it is only counted", kind)
        if self._metrics is not None:
            self._metrics.dropped("error")
