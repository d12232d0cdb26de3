"""From decision records, as `remit judge --json` prints them, to the entries of a report.

A record may lack what its writer left out; what is there is shown.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from remit.conversation.from_steps import step_from_json
from remit.report.model import VERDICTS, Entry, Lost, Said
from remit.verdict.show import LONGEST, show_step
from remit_grammar.diagnostic import SpecError

LINE = 160  # characters of a step that stand on its line
LARGEST = 1e12  # of a time in seconds, or a place
WHOLE = 20_000  # characters of a step that are shown at all


def is_record(data: object) -> bool:
    """Whether it is a decision record."""
    return (
        isinstance(data, Mapping)
        and data.get("verdict") in VERDICTS
        and isinstance(data.get("step"), Mapping)
        and isinstance(data.get("policy"), Mapping)
    )


def entry(record: Mapping[str, Any], **more: Any) -> Entry:
    """The entry of a record; `more` are fields that a ledger knows."""
    step, policy = record["step"], record["policy"]
    after = record.get("after")  # what went on: a text that was redacted is not shown again
    who, said, whole = _step(after if isinstance(after, Mapping) else step)
    given: dict[str, Any] = {
        "conversation": _text(record.get("conversation")) or "conversation",
        "time": _number(step.get("time")),
        **more,
    }
    return Entry(
        index=int(_number(record.get("index")) or 0),
        kind=_text(step.get("kind")),
        who=who, said=said, whole=whole,
        verdict=record["verdict"],
        policy=_text(policy.get("id")), digest=_text(policy.get("digest")),
        explanation=_text(record.get("explanation")),
        decided_by=_texts(record.get("decided_by")),
        applied=tuple(_text(one.get("norm")) for one in _maps(record.get("applied"))),
        defeated=tuple(
            Lost(_text(one.get("norm")), _text(one.get("by")), _text(one.get("reason")))
            for one in _maps(record.get("defeated"))
        ),
        void=tuple(_said(one) for one in _maps(record.get("void"))),
        unknown=tuple(
            (_text(one.get("norm")), _texts(one.get("terms")))
            for one in _maps(record.get("unknown"))
        ),
        advice=_texts(record.get("advice")), ask=_texts(record.get("ask")),
        agreed=_texts(record.get("agreed")),
        changes=tuple(_change(one) for one in _maps(record.get("changes"))),
        errors=tuple(
            (_text(one.get("norm")), _text(one.get("error")))
            for one in _maps(record.get("errors"))
        ),
        judged=tuple(_judged(one) for one in _maps(record.get("judged"))),
        note=_text(record.get("note")),
        **given,
    )  # fmt: skip


# ---- the step


def _step(step: Mapping[str, Any]) -> tuple[str, str, str]:
    """Who acts, the step in a line, and the whole of it."""
    kind = _text(step.get("kind"))
    who = _text(step.get("role")) or ("assistant" if kind in ("call", "handoff") else "")
    if kind == "result":
        who = _text(step.get("tool")) or "tool"
    whole = _whole(step)
    line = " ".join(whole.split())
    return who, line if len(line) <= LINE else line[: LINE - 1] + "…", whole


def _whole(step: Mapping[str, Any]) -> str:
    """A message as it was said, anything else as `remit judge` shows it, masked or not."""
    kind = step.get("kind")
    if kind in ("message", "result") and isinstance(step.get("text"), str):
        parts = [_text(one.get("text")) for one in _maps(step.get("parts"))]
        return "\n".join([step["text"], *parts])[:WHOLE]
    try:
        return show_step(step_from_json(step), 0).source.text[:WHOLE]
    except (SpecError, ValueError, TypeError, RecursionError):
        rest = {name: value for name, value in step.items() if name not in ("kind", "role")}
        return json.dumps(rest, ensure_ascii=False, default=str)[: max(LONGEST, LINE)]


# ---- pieces


def _said(one: Mapping[str, Any]) -> Said:
    where = _text(one.get("name")) or _text(one.get("by"))
    texts = (_text(one.get(name)) for name in ("has", "needs", "text"))
    return Said(_text(one.get("directive")), f"{_text(one.get('kind'))} {where}".strip(), *texts)


def _change(one: Mapping[str, Any]) -> str:
    return f"{_text(one.get('kind'))} `{_text(one.get('path'))}` by {_text(one.get('by'))}"


def _judged(one: Mapping[str, Any]) -> str:
    asked = f"{_text(one.get('judge'))}: {_text(one.get('question'))}"
    told = [_text(one.get(name)) for name in ("reason", "error") if one.get(name)]
    return " – ".join([f"{asked} → {_text(one.get('answer'))}", *told])


def _text(value: object) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(_text, value)) if isinstance(value, list | tuple) else ()


def _maps(value: object) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, list | tuple):
        yield from (one for one in value if isinstance(one, Mapping))


def _number(value: object) -> float | None:
    """A number that is one, and no larger than a time or a place can be."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if abs(value) < LARGEST else None
