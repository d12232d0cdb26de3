"""What Acme adds to Remit. Take out what you do not need; every hook is optional."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from remit import Conversation, Given, Message, Step
from remit.hooks import hookimpl
from remit.hooks.events import Reply, Request
from remit.hooks.model import Told
from remit.judges.model import Question

HELD: list[str] = []  # a real sink would write this down


@hookimpl
def remit_judges() -> Mapping[str, Any]:
    """`text judged "is shouted" by acme_style` works in every spec."""
    return {"acme_style": is_shouted}


def is_shouted(question: Question) -> bool:
    """A judge can be this small."""
    return question.subject.isupper()


@hookimpl
def remit_recognise(step: Step, directives: tuple[str, ...]) -> Iterable[Given] | None:
    """Hear what no pattern of the policy hears. It counts as much as whoever speaks."""
    if isinstance(step, Message) and "mind the budget" in step.text.lower():
        return [Given(one) for one in directives if one.endswith("::thrift")]
    return None


@hookimpl
def remit_approve(request: Request) -> Reply | None:
    """Small sums need no person here; for all others the next approver is asked."""
    amount = request.call.args.get("amount")
    if request.people == ("manager",) and isinstance(amount, int) and amount <= 250:
        return Reply(yes=True, person="acme rule 7")
    return None


@hookimpl
def remit_decided(told: Told) -> None:
    """Note what did not go on. What raises here is a deny, so raise only where that is meant."""
    if not told.decision:
        HELD.append(str(told.decision))


@hookimpl
def remit_importers() -> Mapping[str, Any]:
    """`remit judge log.json --format acme` reads our own logs."""
    return {"acme": read_log}


def read_log(record: Mapping[str, Any], found: Any) -> Conversation:
    """A record is `{"id": ..., "lines": [[who, text], ...]}`."""
    lines = record.get("lines")
    if not isinstance(lines, list):
        found.add("R0902", "the log has no `lines`")
        lines = []
    said: list[Step] = [Message(str(who), str(text)) for who, text in lines]
    return Conversation(str(record.get("id", "")), said)
