"""From what a policy decides to what a host does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from remit.conversation.model import CALL
from remit.hooks.events import NAMESPACE, Reply, Request, Verdict
from remit.verdict.model import ENGINE_ERROR, HALTED, told

if TYPE_CHECKING:
    from remit.conversation.model import Step
    from remit.verdict.model import Decision

FAILED = "the step could not be judged, so it must not go on"


def verdict_of(
    blocking: Sequence[Decision], decisions: Sequence[Decision], after: Sequence[Step],
    given: Sequence[Step], request: Request | None,
) -> Verdict:  # fmt: skip
    """What follows from the decisions on the new steps of an event.

    `blocking` are those that hold up the event where they are no allow. `after` are all its steps
    as they go on, `given` as they were.
    """
    worst = max(blocking, key=_weight, default=None)
    steps, made = tuple(after), tuple(decisions)
    warnings = tuple(str(one) for one in decisions if one.verdict == "warn")
    if worst is None or worst:
        changed = any(new is not old for new, old in zip(after, given, strict=True))
        return Verdict(
            "transform" if changed else "allow", steps, warnings=warnings, decisions=made
        )
    asks = worst.verdict == "ask" and request is not None
    return Verdict(
        "ask" if asks else "deny", steps, scope="run" if stops(worst) else "call",
        message=message_of(worst), reason=reason_of(worst), warnings=warnings,
        request=request if asks else None, decisions=made,
    )  # fmt: skip


def message_of(decision: Decision) -> str:
    """What the model is told: the advice of the clauses, or why."""
    if _is_error(decision):
        return FAILED
    told = " ".join(decision.advice) or str(decision)
    if decision.verdict == "ask" and decision.step.kind != CALL:
        return f"{told} (only a call can be approved)"
    return told


def reason_of(decision: Decision) -> str:
    """What the log says: `remit:deny:acme::refunds.limit`, or the reason that no norm gave."""
    if decision.errors and not decision.applied:
        reason, text = decision.errors[0]
        return f"{NAMESPACE}:{reason}: {text}"
    return ":".join((NAMESPACE, decision.verdict, ",".join(decision.decided_by)))


def failed(error: Exception, event: object = None) -> Verdict:
    """The verdict where the gate itself failed, be it that the event is none. Never an allow."""
    reason = f"{NAMESPACE}:{ENGINE_ERROR}: {told(error)}"
    steps = getattr(event, "steps", ())
    given = tuple(steps) if isinstance(steps, (tuple, list)) else ()
    return Verdict("deny", given, message=FAILED, reason=reason)


def denied(what: str, message: str, given: Sequence[Step] = ()) -> Verdict:
    """A deny that no policy gave, for one of the reasons of this package."""
    return Verdict("deny", tuple(given), message=message, reason=f"{NAMESPACE}:{what}")


def refused(request: Request, said: Reply) -> str:
    """What the model is told where somebody said no, or nobody could."""
    who = said.person or " and ".join(request.people)
    return f"{who} did not agree to this call" + (f": {said.unheard}" if said.unheard else "")


def ended(given: Sequence[Step]) -> Verdict:
    """The deny after a halt, where nothing new is shown that could be denied."""
    text = "an earlier step halted the conversation"
    return replace(denied(HALTED, text, given), scope="run")


def watched(verdict: Verdict, given: Sequence[Step]) -> Verdict:
    """What follows where the host only watches: it goes on, and the log tells what would be."""
    if verdict.kind == "allow":
        return verdict
    told = verdict.reason or f"{NAMESPACE}:{verdict.kind}"
    return Verdict("allow", tuple(given), reason=told, warnings=(*verdict.warnings, told),
                   decisions=verdict.decisions)  # fmt: skip


def _weight(decision: Decision) -> tuple[bool, int]:
    return (not decision), decision.severity


def stops(decision: Decision) -> bool:
    """Whether the whole run ends: a halt, now or before."""
    halted = any(reason == HALTED for reason, _ in decision.errors)
    return decision.verdict == "halt" or halted


def _is_error(decision: Decision) -> bool:
    return any(reason == ENGINE_ERROR for reason, _ in decision.errors)
