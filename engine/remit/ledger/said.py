"""A record in a few words, for lists. Never raises, whatever stands in the record."""

from __future__ import annotations

from typing import Any

from remit.conversation.model import Step
from remit.ledger.model import ANSWER, DECISION, GAP, SESSION, Line
from remit.state.plain import from_plain
from remit.verdict.show import show_step

LONGEST = 80  # characters of a step


def by_whom(line: Line) -> str:
    """The clauses that decided, or who answered."""
    if line.kind == ANSWER:
        return str(line.record.get("by", ""))[:LONGEST]
    norms = line.record.get("decided_by")
    return ", ".join(short(one) for one in norms) if isinstance(norms, list) else ""


def short(norm: object) -> str:
    """The name of a norm without its file."""
    return str(norm).rpartition("::")[2]


def what(line: Line) -> str:
    """What it is about."""
    record = line.record
    if line.kind == DECISION:
        return cut(step_said(record.get("step")))
    if line.kind == ANSWER:
        yes = "yes to" if record.get("yes") is True else "no to"
        return cut(f"{yes} {step_said(record.get('call'))}")
    if line.kind == SESSION:
        policy = record.get("policy")
        name = policy.get("id") if isinstance(policy, dict) else "?"
        return cut(f"begins under {name}")
    return cut(f"missed: {record.get('records')}") if line.kind == GAP else ""


def step_said(data: Any) -> str:
    """A step as data, in a line."""
    step = step_of(data)
    if step is None:
        kind = data.get("kind", "step") if isinstance(data, dict) else "step"
        name = data.get("tool") or data.get("role") or "" if isinstance(data, dict) else ""
        return f"{kind} {name} (not kept)".replace("  ", " ")
    return show_step(step, 0).source.text


def step_of(data: Any) -> Step | None:
    """The step that a record holds; None where it does not hold all of it."""
    from remit.conversation.from_steps import read_step

    try:
        plain = from_plain(data)
    except (ValueError, RecursionError):
        return None
    return read_step(plain)[0]


def cut(text: str) -> str:
    """The text on one line, cut where it is long."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
