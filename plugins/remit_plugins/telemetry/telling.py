"""One decision as it is told: the span is opened before others hear of it, and closed after."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from time import time_ns
from typing import TYPE_CHECKING, Any

from opentelemetry import trace
from opentelemetry.trace import Link, Span, StatusCode, set_span_in_context

from remit_plugins.telemetry import content, dialects, events, names
from remit_plugins.telemetry.approvals import Approvals
from remit_plugins.telemetry.facts import Facts, Kept
from remit_plugins.telemetry.words import cut

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.trace import TracerProvider

    from remit.hooks.model import Told
    from remit_plugins.telemetry.logs import Logs
    from remit_plugins.telemetry.metrics import Metrics
    from remit_plugins.telemetry.settings import Settings

_IN_SPAN = ("SPAN_ONLY", "SPAN_AND_EVENT")
_IN_EVENT = ("EVENT_ONLY", "SPAN_AND_EVENT")
_TOOL_SPAN = "execute_tool"


@dataclass(slots=True, eq=False)
class Opened:
    """A span that was opened for a decision. `failed` is what failed, if something did."""

    told: Told
    facts: Facts
    attributes: dict[str, Any]
    span: Span
    context: Context
    failed: str | None


class Telling:
    """Opens and closes spans, and gives logs and metrics what they tell."""

    def __init__(
        self, settings: Settings, provider: TracerProvider | None, version: str,
        logs: Logs | None, metrics: Metrics | None,
    ) -> None:  # fmt: skip
        self._settings = settings
        self._start = trace.get_tracer(names.SCOPE, version, provider).start_span
        self._kept = Kept(settings)
        self._logs = logs
        self._metrics = metrics
        self._key = settings.key or content.chance()
        self.approvals = Approvals(self._key)

    def open(self, told: Told) -> Opened:
        """Start the span of a decision, when deciding began."""
        facts = self._kept.of(told)
        attributes = self._attributes(told, facts)
        span = self._start(
            facts.name, attributes=attributes,
            links=None if told.held is None else self._links(told),
            start_time=time_ns() - int(told.seconds * 1e9),
        )  # fmt: skip
        if facts.verdict == "ask":
            self.approvals.asked(told.id, span.get_span_context())
        return Opened(told, facts, attributes, span, set_span_in_context(span), facts.failed)

    def reopen(self, opened: Opened, told: Told) -> Opened:
        """Go on with a span whose decision is corrected: it tells what counts in the end."""
        facts = self._kept.of(told)
        attributes = self._attributes(told, facts)
        opened.span.update_name(facts.name)
        opened.span.set_attributes(attributes)
        return Opened(told, facts, attributes, opened.span, opened.context, opened.failed)

    def close(
        self, opened: Opened, found: Iterable[Mapping[str, str | int] | None], at: int
    ) -> None:
        """Say how it came out, on all ways, and end the span. That around it is current again."""
        more = _of_others(found, opened.attributes) if found else {}
        if opened.failed:
            more[names.ERROR_TYPE] = opened.failed
        if opened.span.is_recording():
            self._end(opened, more, at)
        elif _is_lost(opened) and self._metrics is not None:
            self._metrics.dropped("unsampled")
        if self._metrics is not None:
            self._measure(opened, more)
        if self._logs is not None and self._logs.enabled():
            self._log(opened, more)
        if opened.facts.verdict != "allow" and self._settings.mark_parent:
            _mark(opened)

    def _attributes(self, told: Told, facts: Facts) -> dict[str, Any]:
        made = told.decision.made
        step = made[1]
        found = facts.attributes.copy()
        found[names.DECISION_ID] = told.id
        found[names.CONVERSATION_ID] = conversation = cut(told.conversation, names.MOST_NAME)
        found[names.STEP_INDEX] = made[2]
        if self._settings.openinference:
            found[dialects.SESSION_ID] = conversation
        if told.agent:
            found[names.AGENT_NAME] = cut(told.agent, names.MOST_NAME)
        if tool := getattr(step, "tool", None):
            found[names.TOOL_NAME] = cut(tool, names.MOST_NAME)
            if step.id:  # type: ignore[union-attr] # what has a tool has an id
                found[names.TOOL_CALL_ID] = cut(step.id, names.MOST_NAME)  # type: ignore[union-attr]
        if self._settings.digests and (digest := content.digest(step, self._key)):
            found[names.INPUT_DIGEST] = digest
        if told.corrects is not None:
            found[names.CORRECTS] = told.corrects
        if told.held is not None or facts.verdict == "ask":
            found |= self.approvals.attributes(told)
        return found

    def _links(self, told: Told) -> list[Link] | None:
        if told.held is None or not told.decision:
            return None
        asked = self.approvals.span(told.held)
        return None if asked is None else [Link(asked, {names.LINK_TYPE: "approval_of"})]

    def _end(self, opened: Opened, more: dict[str, Any], at: int) -> None:
        span, facts = opened.span, opened.facts
        try:
            if self._settings.content in _IN_SPAN:
                more = {**more, **self._captured(opened)}
            if more:
                span.set_attributes(more)
            if opened.failed:
                span.set_status(StatusCode.ERROR, opened.failed)
            if facts.events:
                events.emit(span, facts.events)
        finally:
            span.end(at)

    def _captured(self, opened: Opened) -> dict[str, str]:
        found = content.captured(opened.told.decision)
        if self._settings.openinference and names.WITHHELD not in found:
            found[dialects.INPUT_VALUE] = next(iter(found.values()))
        return found

    def _log(self, opened: Opened, more: dict[str, Any]) -> None:
        told = {**opened.attributes, **more}
        if self._settings.content in _IN_EVENT:
            told |= content.captured(opened.told.decision)
        assert self._logs is not None, "asked only where there are logs"
        self._logs.decided(opened.facts.sentence, told, opened.context)

    def _measure(self, opened: Opened, more: dict[str, Any]) -> None:
        assert self._metrics is not None, "asked only where there are metrics"
        metric = opened.facts.metric
        if opened.failed:
            metric = {**metric, names.ERROR_TYPE: opened.failed}
        self._metrics.decided(opened.facts, opened.told.seconds, metric)
        if names.LEDGER_ERROR in more:
            self._metrics.unwritten()


def _of_others(
    found: Iterable[Mapping[str, str | int] | None], known: Mapping[str, Any]
) -> dict[str, Any]:
    """What other plugins say about their telling: a few texts and numbers, nothing of ours."""
    facts = (
        (name, cut(value, names.MOST_REASON) if isinstance(value, str) else value)
        for some in found
        if some
        for name, value in some.items()
        if name.startswith("remit.") and name not in known and isinstance(value, (str, int))
    )
    return dict(islice(facts, names.MOST_FACTS))


def _is_lost(opened: Opened) -> bool:
    """Whether there is a tracer that made a span and does not keep it."""
    mine = opened.span.get_span_context()
    around = trace.get_current_span().get_span_context()
    return mine.is_valid and mine.span_id != around.span_id


def _mark(opened: Opened) -> None:
    """Say on the span around what was decided; a tool that is blocked is an error there."""
    if getattr(opened.span, "parent", opened) is None:  # as the SDK's spans tell
        return
    around, told = trace.get_current_span(), opened.attributes
    if not around.is_recording():
        return
    wanted = (names.DECISION_ID, names.OUTCOME, names.ACTION, names.CLAUSES, names.REASON_CODE)
    events.emit(around, [events.Event(names.LOG_EVENT, {name: told[name] for name in wanted})])
    attributes = getattr(around, "attributes", None) or {}  # those of the SDK's spans can be read
    if told[names.ACTION] == "block" and attributes.get(names.OPERATION_NAME) == _TOOL_SPAN:
        around.set_attribute(names.ERROR_TYPE, "policy_denied")
        around.set_status(StatusCode.ERROR, "policy_denied")
