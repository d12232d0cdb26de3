"""What is told of a decision, as attributes: what is equal for equal outcomes, and what is not.

The first is made once for an outcome that the policy keeps and holds nothing of the conversation;
a decision adds its ids to a copy.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from remit.conversation.model import CALL, HANDOFF, RESULT, Step
from remit.program.values import UNKNOWN
from remit_plugins.telemetry import dialects, events, names, words
from remit_plugins.telemetry.words import cut

if TYPE_CHECKING:
    from remit.hooks.model import Told
    from remit.verdict.model import Decision
    from remit_plugins.telemetry.events import Event
    from remit_plugins.telemetry.settings import Settings

MOST_KEPT = 4096  # outcomes whose facts are kept
_ACTIONS = {"redact": "modify", "rewrite": "modify"}


class Facts(NamedTuple):
    """All that does not name the very decision.

    `name` is that of the span, `clauses` are the ids that matched, without where they were said,
    `metric` the attributes of the duration. `failed`: what failed, if it was the engine.
    """

    name: str
    verdict: str
    attributes: dict[str, Any]
    events: Sequence[Event]
    omitted: int
    clauses: tuple[str, ...]
    metric: dict[str, Any]
    sentence: str
    failed: str | None


class Kept:
    """Makes facts, and remembers those of outcomes that come again."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._kept: dict[Any, Facts] = {}

    def of(self, told: Told) -> Facts:
        """The facts of a decision."""
        made = told.decision.made
        stage = stage_of(made[1])
        if made[5] is not None:  # of what only some decisions have, the outcome tells nothing
            return self._made(told, stage)
        key = (made[3], told.mode, stage)
        found = self._kept.get(key)
        if found is None:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            found = self._kept[key] = self._made(told, stage)
        return found

    def _made(self, told: Told, stage: str) -> Facts:
        decision, ground = told.decision, told.decision.ground
        code = words.reason_code(decision)
        failed = "evaluation_error" if code == "error" else None
        some, omitted = events.told(decision, self._settings.detail)
        policy = cut(ground.name, names.MOST_NAME)
        metric = {
            names.OUTCOME: decision.verdict, names.POLICY_ID: policy, names.STAGE: stage,
            names.MODE: told.mode,
        }  # fmt: skip
        if failed:
            metric[names.ERROR_TYPE] = failed
        attributes = {**metric, **self._of_decision(told, code, stage)}
        if omitted:
            attributes[names.OMITTED] = omitted
        ids = tuple(one.rule.norm.id.partition("@")[0] for one in decision.applied)
        suffix = "" if decision.verdict == "allow" else f": {decision.verdict}"
        name = f"{names.OPERATION} {policy}{suffix}"
        sentence = words.sentence(decision, code)
        return Facts(
            name, decision.verdict, attributes, some, omitted, ids, metric, sentence, failed
        )

    def _of_decision(self, told: Told, code: str, stage: str) -> dict[str, Any]:
        decision, settings = told.decision, self._settings
        clauses = [cut(one, names.MOST_NAME) for one in decision.decided_by[: names.MOST_CLAUSES]]
        reason = words.reason(decision, code)
        attributes: dict[str, Any] = {
            names.OPERATION_NAME: names.OPERATION,
            names.SCHEMA: names.SCHEMA_VERSION,
            names.POLICY_VERSION: decision.ground.digest,
            names.ACTION: action_of(decision, told.mode),
            names.CLAUSES: clauses,
            names.REASON_CODE: code,
            names.MATCHED: len(decision.applied),
            names.EVALUATED: _evaluated(decision),
        }
        if decision.verdict != "allow":
            attributes[names.REASON] = reason
        attributes |= _of_some(decision)
        if settings.openinference:
            attributes |= dialects.openinference(decision, clauses, reason)
        if settings.genai_draft:
            attributes |= dialects.genai_draft(decision, stage, clauses, reason)
        return attributes


def _of_some(decision: Decision) -> dict[str, Any]:
    """What only some decisions have to tell."""
    unknown = [one.rule.norm.id for one in decision.applied if one.truth is UNKNOWN]
    some: dict[str, Any] = {
        names.UNKNOWN_CLAUSES: _ids(unknown),
        names.VOID_DIRECTIVES: _ids([one.directive for one in decision.void]),
    }
    if decision.hearing is not None:
        some[names.JUDGES_ASKED] = len(decision.hearing.asked)
        some[names.JUDGES_SPARED] = len(decision.hearing.spared)
    return {name: value for name, value in some.items() if value}


def _ids(ids: Sequence[str]) -> list[str]:
    return [cut(one, names.MOST_NAME) for one in dict.fromkeys(ids)][: names.MOST_CLAUSES]


def _evaluated(decision: Decision) -> int:
    """How many standing clauses might have matched a step like this one."""
    view = decision.view
    return 0 if view is None else len(decision.ground.program.candidates(view))


def stage_of(step: Step) -> str:
    """Where in the work of an agent a step stands."""
    kind = step.kind
    if kind == CALL:
        return "tool_input"
    if kind == RESULT:
        return "tool_output"
    if kind == HANDOFF:
        return "agent_message"
    return "model_output" if step.role == "assistant" else "model_input"


def action_of(decision: Decision, mode: str) -> str:
    """What was really done."""
    if mode == "shadow":
        return "none"
    if decision:
        return _ACTIONS.get(decision.verdict, "allow")
    return "hold" if decision.verdict == "ask" else "block"
