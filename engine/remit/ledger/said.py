"""A record in a few words, for lists. Never raises, whatever stands in the record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from remit.conversation.model import Step
from remit.ledger.masks import MASKED
from remit.ledger.model import ANSWER, DECISION, GAP, SESSION, Line
from remit.state.plain import from_plain
from remit.verdict.show import show_step

LONGEST = 80  # characters of a step
NOT_KEPT = (MASKED, "odd")  # kinds of marks for values that a record has not
HIDDEN = "(not kept)"


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
        return cut(said_as_kept(record))
    if line.kind == ANSWER:
        yes = "yes to" if record.get("yes") is True else "no to"
        return cut(f"{yes} {step_said(record.get('call'))}")
    if line.kind == SESSION:
        policy = record.get("policy")
        name = policy.get("id") if isinstance(policy, dict) else "?"
        return cut(f"begins under {name}")
    return cut(f"missed: {record.get('records')}") if line.kind == GAP else ""


def rows_of(record: Mapping[str, Any], name: str) -> Iterator[Mapping[str, Any]]:
    """The objects in a list of a record; what is none is passed over."""
    rows = record.get(name)
    yield from (row for row in rows if isinstance(row, dict)) if isinstance(rows, list) else ()


def texts_of(record: Mapping[str, Any], name: str) -> list[str]:
    """The texts in a list of a record."""
    rows = record.get(name)
    return [str(one)[:300] for one in rows] if isinstance(rows, list) else []


def said_as_kept(record: Mapping[str, Any]) -> str:
    """The step of a decision in a line: as it was proposed, or as far as that is kept."""
    after = record.get("after")
    return step_said(after if step_of(record.get("step")) is None and after else record.get("step"))


def step_said(data: Any) -> str:
    """A step as data, in a line; what is hidden stands as such."""
    step = step_of(opened(data))
    if step is not None:
        return show_step(step, 0).source.text
    if not isinstance(data, dict):
        return "a step (not kept)"
    words = (str(data[name]) for name in ("kind", "role", "tool", "to") if name in data)
    return f"{cut(' '.join(words))} (not kept)"


def opened(data: Any) -> Any:
    """Data of a record with a word for each value that is not kept."""
    if isinstance(data, list):
        return [opened(one) for one in data]
    if not isinstance(data, dict):
        return data
    if data.get("$") in NOT_KEPT:
        return HIDDEN if data.keys() <= {"$", "of"} else data
    return {name: opened(one) for name, one in data.items()}


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
