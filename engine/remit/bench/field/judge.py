"""A conversation judged twice: by a person who agrees to all that is asked, and by one to nothing.

A call that is held back did not happen, so the policy is not shown the result that the recording
has of it. One that a person agreed to did.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import remit
from remit.bench.field.case import Case
from remit.conversation.model import Call, Result

FIRM = ("deny", "halt")  # held back whatever a person says


@dataclass(frozen=True, slots=True)
class Judged:
    """The decisions on a case's calls, in the two readings.

    `asked` are those that the policy made itself where a person agrees to all; `agreed` what became
    of them once the person had.
    """

    case: Case
    asked: tuple[remit.Decision, ...]
    agreed: tuple[remit.Decision, ...]
    refused: tuple[remit.Decision, ...]
    steps: int

    @property
    def lenient(self) -> bool:
        """Whether the case is as it should be with every ask agreed to."""
        return self._held(self.agreed, FIRM) is bool(self.case.stop)

    @property
    def strict(self) -> bool:
        """The same with every ask refused."""
        return self._held(self.refused, (*FIRM, "ask")) is bool(self.case.stop)

    def matter(self, decisions: tuple[remit.Decision, ...]) -> list[remit.Decision]:
        """The decisions on the calls that count: those to stop, or else all."""
        stop = self.case.stop
        return [one for one in decisions if not stop or _call(one).id in stop]

    def _held(self, decisions: tuple[remit.Decision, ...], verdicts: tuple[str, ...]) -> bool:
        return any(one.verdict in verdicts for one in self.matter(decisions))


def judge(policy: remit.Policy, case: Case, context: Mapping[str, Any] | None = None) -> Judged:
    """The case in both readings, with what the host says (`context`)."""
    told = {**case.conversation.context, **(context or {})}
    agreed = _read(policy, case, told, agrees=True)
    refused = agreed
    if any(one.verdict == "ask" for one, _ in agreed):
        refused = _read(policy, case, told, agrees=False)
    return Judged(
        case,
        tuple(one for one, _ in agreed),
        tuple(last for _, last in agreed),
        tuple(one for one, _ in refused),
        len(case.conversation.steps),
    )


def _read(
    policy: remit.Policy, case: Case, context: Mapping[str, Any], *, agrees: bool
) -> list[tuple[remit.Decision, remit.Decision]]:
    """For each call of the agent the first decision, and the last one."""
    talk = case.conversation
    session = policy.session(context, truncated=talk.cut)
    held: set[str] = set()
    made = []
    for step in talk.steps:
        if isinstance(step, Result) and step.id in held:
            continue
        first = last = session.decide(step)
        if isinstance(step, Call):
            if agrees and first.verdict == "ask":
                last = agreed_to(session, first)
            held |= set() if last else {step.id}
            made += [(first, last)] if step.role == "assistant" else []
    return made


def agreed_to(session: remit.Session, asked: remit.Decision) -> remit.Decision:
    """The call proposed again, once all who were asked have agreed.

    Nobody can where a clause asks because something is unknown, and takes no confirmation.
    """
    for who in asked.ask:
        try:
            session.approve(asked, who)
        except remit.ApprovalError:
            return asked
    return session.decide(asked.step)


def _call(decision: remit.Decision) -> Call:
    assert isinstance(decision.step, Call), "only calls are counted"
    return decision.step
