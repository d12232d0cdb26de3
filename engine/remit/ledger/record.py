"""What stands in a record: what was decided, answered or begun, as data. Writes nothing.

A name is left out where there is nothing to tell. What the host or the conversation gave goes
through `to_common`, so a record can always be written; what cannot be read back is marked there.
"""

from __future__ import annotations

import sys
from base64 import b64encode
from typing import TYPE_CHECKING, Any
from zlib import compress

from remit.conversation.from_steps import step_to_json
from remit.ledger.masks import Masks
from remit.program.values import UNKNOWN
from remit.state.plain import odd, to_common
from remit.state.save import saying_to_json, void_to_json
from remit.verdict.record import judged_to_json
from remit.verdict.resolve import remedy_kind

if TYPE_CHECKING:
    from remit.conversation.model import Step
    from remit.hooks.model import Answered, Began, Told
    from remit.verdict.model import Decision, Ground


def of_decision(told: Told, masks: Masks) -> dict[str, Any]:
    """A decision as it was told."""
    decision = told.decision
    ground, step, index, outcome, _, more = decision.made
    violated = [
        {"norm": one.rule.norm.id, "remedy": remedy_kind(one.rule.norm, one.truth)}
        for one in outcome.violated
    ]
    redacts = masks.redacted and any(one["remedy"] == "redact" for one in violated)
    shown, hidden = _step(step, masks, whole=redacts)
    data: dict[str, Any] = {
        "id": told.id,
        "session": told.session,
        "conversation": to_common(told.conversation),
        "policy": ground.digest,
        "index": index,
        "step": shown,
        "verdict": decision.verdict,
        "nanoseconds": round(told.seconds * 1e9),
        **trace(),
    }
    if told.mode != "enforce":
        data["mode"] = told.mode
    for name, value in (("agent", told.agent), ("held", told.held), ("corrects", told.corrects)):
        if value:
            data[name] = to_common(value)
    if violated:
        data["violated"] = violated
    if outcome.applied:
        _add_norms(data, decision)
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


def _add_norms(data: dict[str, Any], decision: Decision) -> None:
    """Which norms decided, hold, and lost."""
    outcome = decision.outcome
    if outcome.by:
        data["decided_by"] = list(outcome.by)
    if outcome.in_force:
        data["in_force"] = [one.rule.norm.id for one in outcome.in_force]
    if outcome.defeated:
        data["defeated"] = [one._asdict() for one in decision.defeated]
    if any(one.truth is UNKNOWN for one in outcome.applied):
        data["unknown"] = [
            {"norm": one.norm, "terms": to_common(list(one.terms))} for one in decision.unknown
        ]
    for name, texts in (("advice", decision.advice), ("ask", decision.ask)):
        if texts:
            data[name] = list(texts)


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
    text = b64encode(saved).decode()
    return masks.hidden(text) if masks.hides else text
