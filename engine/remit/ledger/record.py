"""What stands in a record: what was decided, answered or begun, as data. Writes nothing.

A name is left out where there is nothing to tell. What the host or the conversation gave goes
through `to_common`, so a record can always be written; what cannot be read back is marked there.
"""

from __future__ import annotations

import sys
from base64 import b64encode
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from zlib import compress

from remit.conversation.from_steps import step_to_json
from remit.ledger.masks import Masks
from remit.program.values import UNKNOWN
from remit.state.plain import odd, to_common
from remit.state.save import saying_to_json, void_to_json
from remit.verdict.record import judged_to_json

if TYPE_CHECKING:
    from remit.conversation.model import Step
    from remit.hooks.model import Answered, Began, Told
    from remit.verdict.model import Decision, Ground
    from remit.verdict.resolve import Outcome

MOST_KEPT = 1_000  # outcomes whose norms are kept
MOST_SAVED = 256 << 10  # bytes of a past: a host may begin anew with it for each call


class Norms:
    """What is told of the norms of a decision; kept for outcomes that come again."""

    def __init__(self) -> None:
        self._kept: dict[Outcome, dict[str, Any]] = {}

    def of(self, decision: Decision) -> Mapping[str, Any]:
        """Which norms decided, hold, and lost. Never change it."""
        _, _, _, outcome, _, more = decision.made
        if more is not None:  # then not all of it is in the outcome
            return _norms(decision)
        found = self._kept.get(outcome)
        if found is None:
            found = _norms(decision)
            if "unknown" in found:
                return found
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            self._kept[outcome] = found
        return found


def of_decision(told: Told, masks: Masks, norms: Norms) -> dict[str, Any]:
    """A decision as it was told."""
    decision = told.decision
    ground, step, index, _, _, more = decision.made
    data: dict[str, Any] = {
        **norms.of(decision),
        "id": told.id,
        "session": told.session,
        "conversation": to_common(told.conversation),
        "policy": ground.digest,
        "index": index,
        "verdict": decision.verdict,
        "nanoseconds": round(told.seconds * 1e9),
        **trace(),
    }
    violated = data.get("violated", ())
    redacts = masks.redacted and any(one["remedy"] == "redact" for one in violated)
    data["step"], hidden = _step(step, masks, whole=redacts)
    if told.mode != "enforce":
        data["mode"] = told.mode
    for name, value in (("agent", told.agent), ("held", told.held), ("corrects", told.corrects)):
        if value:
            data[name] = to_common(value)
    if more is not None:
        data.update(_of_more(decision, masks, hidden))
    return data


def of_answer(answered: Answered, masks: Masks) -> dict[str, Any]:
    """Somebody's yes or no to a call."""
    data: dict[str, Any] = {
        "session": answered.session,
        "conversation": to_common(answered.conversation),
        "by": to_common(answered.by),
        "yes": answered.yes,
        "call": masks.of_step(answered.call, _data(answered.call))[0],
    }
    if answered.person:
        data["person"] = to_common(answered.person)
    if answered.held:
        data["held"] = answered.held
    if answered.seconds is not None:
        data["nanoseconds"] = round(answered.seconds * 1e9)
    return {**data, **trace()}


def of_session(began: Began, masks: Masks) -> dict[str, Any]:
    """A session as it begins: with what the host declares, and with its past where it has one."""
    session = began.session
    data: dict[str, Any] = {
        "id": began.id,
        "conversation": to_common(began.conversation),
        "policy": {"id": session.ground.name, "digest": session.ground.digest},
        "index": session.index,
        "context": masks.of_context(to_common(dict(session.context))),
    }
    if began.mode != "enforce":
        data["mode"] = began.mode
    for name, value in (("agent", began.agent), ("parent", began.parent)):
        if value:
            data[name] = to_common(value)
    if session.cut:
        data["cut"] = True
    if session.index:
        data["saved"] = _saved(began, masks)
    return {**data, **trace()}


def of_policy(ground: Ground, stored: bytes | None) -> dict[str, Any]:
    """A policy, with all of it where it is to be kept."""
    data: dict[str, Any] = {"id": ground.name, "digest": ground.digest}
    if stored is not None:
        data["stored"] = b64encode(compress(stored)).decode()
    return data


def trace() -> dict[str, str]:
    """The trace and span that the host is in, if it traces at all. Loads nothing."""
    tracing = sys.modules.get("opentelemetry.trace")
    if tracing is None:
        return {}
    try:
        found = tracing.get_current_span().get_span_context()
        if not found.is_valid:
            return {}
        return {"trace": format(found.trace_id, "032x"), "span": format(found.span_id, "016x")}
    except Exception:  # noqa: BLE001 - a strange tracer costs no record
        return {}


# ---- parts of a decision


def _step(step: Step, masks: Masks, *, whole: bool) -> tuple[dict[str, Any], bool]:
    """The step, and whether something of it is hidden: `whole`, or what the masks say."""
    data = _data(step)
    if whole:
        shell = {name: data[name] for name in ("kind", "tool", "role", "to") if name in data}
        return shell | masks.hidden(data), True
    return masks.of_step(step, data)


def _data(step: Step) -> dict[str, Any]:
    try:
        made: dict[str, Any] = to_common(step_to_json(step))
    except Exception as error:  # noqa: BLE001 - a value in it may raise when it is compared
        return {"kind": step.kind, **odd(type(error).__name__)}
    return made


def _norms(decision: Decision) -> dict[str, Any]:
    outcome = decision.outcome
    parts: dict[str, Any] = {
        "decided_by": list(outcome.by),
        "in_force": list(decision.in_force),
        "violated": [{"norm": norm, "remedy": kind} for norm, kind in decision.violated],
        "defeated": [one._asdict() for one in decision.defeated],
        "advice": list(decision.advice),
        "ask": list(decision.ask),
    }
    if any(one.truth is UNKNOWN for one in outcome.applied):
        parts["unknown"] = [
            {"norm": one.norm, "terms": to_common(list(one.terms))} for one in decision.unknown
        ]
    return {name: part for name, part in parts.items() if part}


def _of_more(decision: Decision, masks: Masks, hidden: bool) -> dict[str, Any]:
    """What only some decisions have. Where the step is hidden, so are texts that may repeat it."""
    program = decision.ground.program
    heard = decision.heard.sayings
    parts: dict[str, Any] = {
        "agreed": list(decision.agreed),
        "changes": [{"path": one.path, "kind": one.kind, "by": one.by} for one in decision.changes],
        "errors": [{"norm": norm, "error": error} for norm, error in decision.errors],
        "void": [void_to_json(one, program) for one in decision.void],
        "said": [saying_to_json(one, program) for one in heard],
        "judged": judged_to_json(decision.hearing) if decision.hearing is not None else [],
        "note": decision.note,
    }
    made = {name: to_common(part) for name, part in parts.items() if part}
    for name, texts in _REPEATED.items() if hidden else ():
        for row in made.get(name, ()):
            row.update({text: masks.hidden(row[text]) for text in texts if text in row})
    if decision.changes:
        made["after"] = masks.of_step(decision.after, _data(decision.after))[0]
    return made


_REPEATED = {  # texts of a record that may repeat what was said in the step
    "errors": ("error",), "void": ("text", "words"), "said": ("text", "words"),
    "judged": ("reason", "error"),
}  # fmt: skip


def _saved(began: Began, masks: Masks) -> Any:
    """The past that a session begins with; hidden where anything is, for it may repeat it."""
    try:
        saved = began.session.save()
    except Exception as error:  # noqa: BLE001 - a context that is no plain data, mostly
        return odd(type(error).__name__)
    if len(saved) > MOST_SAVED:
        return odd("too large")
    text = b64encode(saved).decode()
    return masks.hidden(text) if masks.hides else text
