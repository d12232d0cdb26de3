"""The log event of a decision, which no sampling of spans takes away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from remit_plugins.telemetry import names
from remit_plugins.telemetry.words import cut

if TYPE_CHECKING:
    from opentelemetry._logs import LoggerProvider
    from opentelemetry.context import Context

    from remit.hooks.model import Answered


class Logs:
    """Emits log events, with a logger provider or the global one."""

    def __init__(self, provider: LoggerProvider | None, version: str) -> None:
        from opentelemetry._logs import LogRecord, SeverityNumber, get_logger

        self._record = LogRecord
        self._levels = {
            "INFO": SeverityNumber.INFO, "WARN": SeverityNumber.WARN, "ERROR": SeverityNumber.ERROR
        }  # fmt: skip
        self._logger = get_logger(names.SCOPE, version, provider)
        self._enabled = getattr(self._logger, "enabled", lambda: True)

    def enabled(self) -> bool:
        """Whether anybody listens."""
        return bool(self._enabled())

    def decided(self, sentence: str, told: dict[str, Any], context: Context) -> None:
        """Tell of a decision."""
        failed = names.ERROR_TYPE in told
        level = "ERROR" if failed else "INFO" if told[names.OUTCOME] == "allow" else "WARN"
        self._emit(names.LOG_EVENT, level, sentence, told, context)

    def answered(self, answered: Answered, who: dict[str, str]) -> None:
        """Tell of an answer."""
        state = "approved" if answered.yes else "denied"
        told: dict[str, Any] = {
            **who,
            names.APPROVAL_STATE: state,
            names.CONVERSATION_ID: cut(answered.conversation, names.MOST_NAME),
            names.TOOL_NAME: cut(answered.call.tool, names.MOST_NAME),
        }
        if answered.held is not None:
            told[names.APPROVAL_ID] = answered.held
        self._emit(names.ANSWER_EVENT, "INFO", f"a call was {state}", told, None)

    def _emit(
        self, name: str, level: str, body: str, told: dict[str, Any], context: Context | None
    ) -> None:
        self._logger.emit(self._record(
            context=context, severity_number=self._levels[level], severity_text=level, body=body,
            attributes=told, event_name=name,
        ))  # fmt: skip
