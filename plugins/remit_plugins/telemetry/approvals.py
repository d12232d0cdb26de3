"""What is remembered of decisions that asked: the span to link to, and who answered.

So the decision after a yes can point back to the one that asked. Of the oldest it is forgotten.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from remit_plugins.telemetry import names
from remit_plugins.telemetry.content import keyed
from remit_plugins.telemetry.words import cut

if TYPE_CHECKING:
    from opentelemetry.trace import SpanContext

    from remit.hooks.model import Answered, Told

MOST = 1_000


class Approvals:
    """Decisions that asked, by their ids."""

    def __init__(self, key: bytes) -> None:
        self._spans: dict[str, SpanContext] = {}
        self._answers: dict[str, tuple[dict[str, str], bool]] = {}
        self._key = key

    def asked(self, id: str, span: SpanContext) -> None:
        """A decision asked, in a span."""
        _keep(self._spans, id, span)

    def answered(self, answered: Answered) -> None:
        """Somebody answered."""
        if answered.held is not None:
            _keep(self._answers, answered.held, (self.who(answered), answered.yes))

    def who(self, answered: Answered) -> dict[str, str]:
        """Who answered: as what, and by a keyed hash as whom."""
        found = {names.APPROVAL_BY: cut(answered.by, names.MOST_NAME)}
        if answered.person:
            person = answered.person.encode("utf-8", "replace")
            found[names.APPROVAL_ACTOR] = keyed(person, self._key)
        return found

    def span(self, id: str) -> SpanContext | None:
        """The span of a decision that asked, if it is remembered."""
        return self._spans.get(id)

    def attributes(self, told: Told) -> dict[str, Any]:
        """What a decision has to do with an approval; nothing for most."""
        held, decision = told.held, told.decision
        if held is None:
            if decision or decision.verdict != "ask":
                return {}
            return {names.APPROVAL_ID: told.id, names.APPROVAL_STATE: "pending"}
        who, yes = self._answers.get(held, ({}, None))
        state = "approved" if decision else "denied" if yes is False else "pending"
        found: dict[str, Any] = {
            names.APPROVAL_ID: held, names.APPROVAL_STATE: state, names.APPROVAL_DECISION: held
        }  # fmt: skip
        if decision:
            found[names.REASON_CODE] = "approval_granted"
        return {**found, **who}


def _keep(kept: dict[str, Any], id: str, value: object) -> None:
    kept.pop(id, None)
    kept[id] = value
    if len(kept) > MOST:
        del kept[next(iter(kept))]
