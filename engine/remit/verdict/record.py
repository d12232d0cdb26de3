"""A decision as a record: plain data that can be stored, verified and read years later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from remit.conversation.from_steps import step_to_json
from remit.program.values import EVERY, UNKNOWN, Partly, Truth
from remit.state.model import State
from remit.state.save import saying_to_json, state_to_json, void_to_json

if TYPE_CHECKING:
    from remit.program.view import Asked
    from remit.state.settings import InForce
    from remit.verdict.judging import Hearing
    from remit.verdict.model import Decision

MARKS = {"unknown", "partly", "plain"}  # names of what stands for no plain value
FORMAT = 1  # of the record; grows when a reader of older records would misread newer ones


def record(decision: Decision) -> dict[str, Any]:
    """The whole decision. Same policy, step and context: the same record, byte for byte."""
    flip, program = decision.flip, decision.ground.program
    data: dict[str, Any] = {
        "format": FORMAT,
        "policy": {"id": decision.ground.name, "digest": decision.ground.digest},
        "index": decision.index,
        "step": step_to_json(decision.step),
        "context": dict(decision.view.context) if decision.view else {},
        "verdict": decision.verdict,
        "decided_by": list(decision.decided_by),
        "in_force": list(decision.in_force),
        "defeated": [
            {"norm": one.norm, "by": one.by, "reason": one.reason} for one in decision.defeated
        ],
        "applied": [_applied(decision, one) for one in decision.applied],
        "void": [void_to_json(one, program) for one in decision.void],
        "unknown": [{"norm": one.norm, "terms": list(one.terms)} for one in decision.unknown],
        "advice": list(decision.advice),
        "ask": list(decision.ask),
        "changes": [{"path": one.path, "kind": one.kind, "by": one.by} for one in decision.changes],
        "errors": [{"norm": norm, "error": error} for norm, error in decision.errors],
        "note": decision.note,
        "explanation": str(decision),
    }
    data.update(_of_the_conversation(decision))
    if decision.changes:
        data["after"] = step_to_json(decision.after)
    if flip is not None:
        data["flip"] = {
            "norm": flip.norm, "verdict": flip.verdict, "term": flip.term, "now": flip.now,
            "other": flip.other,
            "text": str(flip),
        }  # fmt: skip
    return data


def _of_the_conversation(decision: Decision) -> dict[str, Any]:
    """What came before and counts here, what was said now, settings, and what judges answered.

    Each is left out where there is nothing to tell.
    """
    view, hearing, program = decision.view, decision.hearing, decision.ground.program
    if view is None or not isinstance(view.past, State):
        return {}
    parts: dict[str, Any] = {
        "past": state_to_json(view.past),
        "said": [saying_to_json(one, program) for one in decision.heard.sayings],
        "settings": [_setting(one) for one in decision.settings],
    }
    if hearing is not None:
        parts["judged"] = judged_to_json(hearing)
    parts["looked"] = [
        {"history": name, "key": [_looked(_plain(one)) for one in key], "value": _looked(value)}
        for (name, key), value in sorted(view.looked.items(), key=_place)
    ]
    parts["owed"] = [
        {"debt": name, "step": due.at.step, "turn": due.at.turn, "time": due.at.time,
         "sure": due.sure}
        for name, due in decision.owed
    ]  # fmt: skip
    parts["full"] = list(decision.full)
    parts["agreed"] = list(decision.agreed)
    return {name: part for name, part in parts.items() if part}


def _looked(value: Any) -> Any:
    """What a look-up in the past gave; `unknown` and lists that may hold more are marked.

    A value of the conversation that looks like such a mark is wrapped in `plain`.
    """
    if value is UNKNOWN:
        return {"unknown": True}
    if isinstance(value, list):
        items = [_looked(one) for one in value]
        return {"partly": items} if type(value) is Partly else items
    if type(value) is dict:
        made = {name: _looked(one) for name, one in value.items()}
        return {"plain": made} if len(made) == 1 and made.keys() <= MARKS else made
    return value


def _plain(key: Any) -> Any:
    """A value by which something is looked up, as it stood in the step."""
    return key[1] if type(key) is tuple else key


def _setting(one: InForce) -> dict[str, Any]:
    known = one.value is not UNKNOWN
    return {
        "setting": one.name,
        "value": ("every" if one.value is EVERY else one.value) if known else None,
        "known": known,
        "left": one.words,
        "in_force": [claim.id for claim in one.claims],
        "lost": [{"norm": lost.id, "by": lost.by, "reason": lost.reason} for lost in one.lost],
        "unsettled": list(one.doubtful),
    }


def judged_to_json(hearing: Hearing) -> list[dict[str, Any]]:
    """What was asked, with the answer, and what nobody needed to ask; texts by their SHA-256."""
    return [_answer(hearing, asked, truth) for asked, truth in hearing.used.items()] + [
        {**_question(asked), "answer": "spared"} for asked in hearing.spared
    ]


def _question(asked: Asked) -> dict[str, Any]:
    judge, question, digest = asked
    return {"judge": judge, "question": question, "text_sha256": digest}


def _answer(hearing: Hearing, asked: Asked, truth: Truth) -> dict[str, Any]:
    data = _question(asked)
    data["answer"] = "unknown" if truth is UNKNOWN else str(truth).lower()
    told = hearing.told.get(asked)
    if asked not in hearing.asked:
        data["before"] = True  # answered at an earlier step of this conversation
    elif told is None:
        data["error"] = "no such judge"
    else:
        given = {"confidence": told.confidence, "reason": told.reason, "error": told.error}
        data.update({name: value for name, value in given.items() if value not in (None, "")})
    return data


def _applied(decision: Decision, one: Any) -> dict[str, Any]:
    norm, program = one.rule.norm, decision.ground.program
    return {
        "norm": norm.id,
        "modality": norm.modality,
        "author": program.level(norm.author),
        "strength": program.level(norm.strength),
        "unknown": one.truth is UNKNOWN,
    }


def _place(looked: tuple[tuple[str, tuple[Any, ...]], Any]) -> tuple[str, str]:
    """Where a look-up stands in a record, whatever was looked up first."""
    (name, key), _ = looked
    return name, repr(key)
