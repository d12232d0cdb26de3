"""The metrics: how long deciding and people took, which clauses matched, what was lost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from remit_plugins.telemetry import names
from remit_plugins.telemetry.tally import Tally

if TYPE_CHECKING:
    from opentelemetry.metrics import MeterProvider

    from remit.hooks.model import Answered
    from remit_plugins.telemetry.facts import Facts


class Metrics:
    """The instruments, of a meter provider or the global one. Times are in seconds."""

    def __init__(self, provider: MeterProvider | None, version: str) -> None:
        from opentelemetry.metrics import get_meter

        meter = get_meter(names.SCOPE, version, provider)
        self._duration = meter.create_histogram(
            names.DURATION, "s", "How long it took to decide.",
            explicit_bucket_boundaries_advisory=names.BUCKETS,
        ).record  # fmt: skip
        self._wait = meter.create_histogram(
            names.APPROVAL_WAIT, "s", "How long people who were asked took to answer.",
            explicit_bucket_boundaries_advisory=names.WAIT_BUCKETS,
        )  # fmt: skip
        self._matches = Tally(names.POLICY_ID, "remit.clause.id")
        self._dropped = Tally(names.DROPPED_REASON)
        self._unwritten = Tally()
        for name, unit, tally, what in (
            (names.CLAUSE_MATCHES, "{match}", self._matches, "How often a clause matched."),
            (names.DROPPED, "{item}", self._dropped, "What telemetry did not tell."),
            (names.LEDGER_ERRORS, "{error}", self._unwritten, "Decisions that no ledger holds."),
        ):
            meter.create_observable_counter(name, [tally.observe], unit, what)

    def decided(self, facts: Facts, seconds: float, metric: Mapping[str, Any]) -> None:
        """A decision was made."""
        self._duration(seconds, metric)
        if facts.clauses:
            policy = facts.metric[names.POLICY_ID]
            self._matches.add_each([(policy, clause) for clause in facts.clauses])
        if facts.omitted:
            self.dropped("events", facts.omitted)

    def answered(self, answered: Answered) -> None:
        """Somebody answered."""
        if answered.seconds is not None:
            state = "approved" if answered.yes else "denied"
            self._wait.record(answered.seconds, {names.APPROVAL_STATE: state})

    def dropped(self, reason: str, count: int = 1) -> None:
        """Something was not told: `unsampled` spans, `events` of a span, or an `error` of ours."""
        self._dropped.add(reason, count=count)

    def unwritten(self) -> None:
        """A ledger says that it does not hold a decision."""
        self._unwritten.add()
