"""Redactions and rewrites: the step as it goes on, and what was changed in it.

A change that does not take away what was wrong is none: the caller judges the changed step again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from remit.conversation.model import Call, Handoff, Message, Result, Step
from remit.program.reading import Reading
from remit.program.values import LONGEST, UNKNOWN

if TYPE_CHECKING:
    from remit.program.view import View
    from remit.text.finders import Finder
    from remit.verdict.resolve import Applied  # the verifier runs this, and no resolver


class Change(NamedTuple):
    """One change: where (a dotted path, or `text`), what kind, and by which norm."""

    path: str
    kind: str
    by: str
    value: Any = None


class Impossible(Exception):
    """The change that a clause asks for cannot be made; the step must not go on."""


def changed_step(view: View, applied: Iterable[Applied]) -> tuple[Step, tuple[Change, ...]]:
    """The step with every redaction and rewrite made.

    Raises `Impossible` where a redaction finds nothing to take out, a rewrite's value is unknown,
    or two rewrites disagree.
    """
    step = view.step
    changes: list[Change] = []
    for one in applied:
        remedy = one.rule.norm.remedy
        if remedy.kind == "rewrite":
            step, change = _rewrite(step, view, one)
            if any(change.path == old.path and change.value != old.value for old in changes):
                raise Impossible(f"two clauses rewrite `{change.path}` differently")
            changes.append(change)
    for one in applied:
        if one.rule.norm.remedy.kind == "redact":
            step, made = _redact(step, view.reading, one)
            changes += made
    return step, tuple(changes)


def _rewrite(step: Step, view: View, one: Applied) -> tuple[Step, Change]:
    rule = one.rule
    value = rule.rewrites(view) if rule.rewrites is not None else UNKNOWN
    if value is UNKNOWN or value is None:
        raise Impossible(f"the value that `{rule.norm.name}` puts in is unknown")
    path = rule.norm.remedy.target
    change = Change(".".join(path), "rewrite", rule.norm.id, value)
    if isinstance(step, Call):
        if step.bad_args is not None:
            raise Impossible("the arguments are not JSON, so none of them can be rewritten")
        return replace(step, args=_put(dict(step.args), path, value)), change
    if path == ("text",) and isinstance(value, str):
        if isinstance(step, Message):
            return replace(step, text=value, parts=()), change
        if isinstance(step, Result):
            return replace(step, text=value, value=None, error=None), change
        return replace(step, text=value), change
    raise Impossible(f"`{change.path}` of this step cannot be rewritten")


def _put(record: Any, path: Sequence[str], value: Any) -> Any:
    if not path:
        return value
    if not isinstance(record, dict):
        raise Impossible(f"there is no place `{path[0]}` to write to")
    return {**record, path[0]: _put(record.get(path[0], {}), path[1:], value)}


def _redact(step: Step, reading: Reading, one: Applied) -> tuple[Step, list[Change]]:
    norm, finders = one.rule.norm, one.rule.redacts
    touched: list[str] = []

    def clean(text: str, path: str) -> str:
        result = _blank_out(text, reading, finders, norm.remedy.replacement)
        if result != text:
            touched.append(path)
        return result

    step = _map_texts(step, clean)
    if not touched:
        raise Impossible(f"`{norm.name}` finds nothing that it could take out")
    return step, [Change(path, "redact", norm.id) for path in dict.fromkeys(touched)]


def _blank_out(text: str, reading: Reading, finders: Sequence[Finder], replacement: str) -> str:
    """The text with all that a finder finds replaced. Raises `Impossible` if it is too long."""
    if len(text) > LONGEST:
        raise Impossible("the text is too long to be searched")
    spans = sorted(span for finder in finders for span in reading.spans(finder, text))
    pieces: list[str] = []
    at = 0
    for start, end in spans:
        if end <= at:
            continue
        if start >= at:
            pieces += [text[at:start], replacement]
        at = end
    return "".join([*pieces, text[at:]])


def _map_texts(step: Step, clean: Callable[[str, str], str]) -> Step:
    """The step with every text it holds passed through `clean`."""
    if isinstance(step, Call):
        bad = None if step.bad_args is None else clean(step.bad_args, "arguments")
        return replace(step, args=_map_value(dict(step.args), "", clean), bad_args=bad)
    if isinstance(step, Message):
        parts = tuple(
            replace(part, text=clean(part.text, "quoted"), name=clean(part.name, "quoted"))
            for part in step.parts
        )
        return replace(step, text=clean(step.text, "text"), parts=parts)
    if isinstance(step, Result):
        error = None if step.error is None else clean(step.error, "error")
        value = _map_value(step.value, "value", clean)
        return replace(step, text=clean(step.text, "text"), value=value, error=error)
    assert isinstance(step, Handoff), "there are four kinds of step"
    return replace(step, text=clean(step.text, "text"))


def _map_value(value: Any, path: str, clean: Callable[[str, str], str]) -> Any:
    if isinstance(value, str):
        return clean(value, path)
    if isinstance(value, dict):
        return {
            key: _map_value(one, f"{path}.{key}" if path else str(key), clean)
            for key, one in value.items()
        }
    if isinstance(value, list):
        return [_map_value(one, path, clean) for one in value]
    return value
