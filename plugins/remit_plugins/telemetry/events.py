"""What an event tells: each clause that matched, who lost and to whom, what failed, what was void.

Every event goes through `emit`, so that they can become log events when span events go. What they
tell is never told by them alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from remit.checked.norm import HOLDS_BACK, conditions_of
from remit.program.values import UNKNOWN
from remit.verdict.resolve import remedy_kind
from remit_plugins.telemetry import names
from remit_plugins.telemetry.words import class_of, cut

if TYPE_CHECKING:
    from opentelemetry.trace import Span

    from remit.checked.norm import Norm
    from remit.verdict.model import Decision, Defeat
    from remit.verdict.resolve import Applied


class Event(NamedTuple):
    """A name, and what is told under it."""

    name: str
    attributes: dict[str, Any]


def emit(span: Span, events: Iterable[Event]) -> None:
    """Put events on a span."""
    for name, attributes in events:
        span.add_event(name, attributes)


def told(decision: Decision, detail: str) -> tuple[Sequence[Event], int]:
    """The events of a decision, what decided last, and how many more there would have been."""
    if detail == "none":
        return (), 0
    every = [*_unmatched(decision)] if detail == "full" else []
    every += [*_voids(decision), *_judges(decision), *_errors(decision), *_matched(decision)]
    return every[-names.MOST_EVENTS :], max(0, len(every) - names.MOST_EVENTS)


def _matched(decision: Decision) -> Iterator[Event]:
    """Who lost, then who is in force, then who decided."""
    lost = {one.norm: one for one in decision.defeated}
    deciding = set(decision.decided_by)
    ranked = sorted(
        decision.applied,
        key=lambda one: (one.rule.norm.id in deciding) - (one.rule.norm.id in lost),
    )
    for one in ranked:
        yield Event(names.CLAUSE_MATCHED, _match(one, lost.get(one.rule.norm.id)))


def _match(one: Applied, defeat: Defeat | None) -> dict[str, Any]:
    norm = one.rule.norm
    effect = remedy_kind(norm, one.truth) if norm.modality in HOLDS_BACK else norm.modality
    attributes = {**_clause(norm), names.CLAUSE_EFFECT: effect}
    if norm.doc:
        attributes[names.CLAUSE_MESSAGE] = cut(norm.doc, names.MOST_MESSAGE)
    if one.truth is UNKNOWN:
        attributes[names.CLAUSE_UNKNOWN] = True
    if defeat is not None:
        attributes[names.LOST_TO] = cut(defeat.by, names.MOST_NAME)
        attributes[names.LOST_REASON] = defeat.reason
    return attributes


def _unmatched(decision: Decision) -> Iterator[Event]:
    """The standing clauses that might have matched a step like this one."""
    if decision.view is None:
        return
    matched = {one.rule.norm.id for one in decision.applied}
    for rule in decision.ground.program.candidates(decision.view):
        if rule.norm.id not in matched:
            texts = [term.text for term in conditions_of(rule.norm) if term.text]
            expression = cut(" and ".join(texts), names.MOST_MESSAGE)
            yield Event(names.CLAUSE_UNMATCHED, {
                **_clause(rule.norm), names.CLAUSE_EXPRESSION: expression,
            })  # fmt: skip


def _errors(decision: Decision) -> Iterator[Event]:
    """The clauses whose condition failed; of what failed, the class alone."""
    if decision.view is not None:
        for norm, error in decision.errors:
            yield Event(names.CLAUSE_ERROR, {
                names.CLAUSE_ID: cut(norm, names.MOST_NAME),
                names.CLAUSE_MESSAGE: cut(class_of(error), names.MOST_MESSAGE),
            })  # fmt: skip


def _voids(decision: Decision) -> Iterator[Event]:
    """Who tried to say what they may not; not in what words."""
    level = decision.ground.program.level
    for one in decision.void:
        attributes = {
            "remit.directive.id": cut(one.directive, names.MOST_NAME),
            "remit.directive.from": one.kind,
            "remit.directive.has": level(one.has),
        }
        if one.needs is not None:
            attributes["remit.directive.needs"] = level(one.needs)
        yield Event(names.DIRECTIVE_VOID, attributes)


def _judges(decision: Decision) -> Iterator[Event]:
    """What judges were asked, and said; not why, for that may quote the conversation."""
    hearing = decision.hearing
    for asked, truth in hearing.asked.items() if hearing else ():
        answer = hearing.told.get(asked) if hearing else None
        attributes: dict[str, Any] = {
            "remit.judge.name": cut(asked[0], names.MOST_NAME),
            "remit.judge.question": cut(asked[1], names.MOST_MESSAGE),
            "remit.judge.answer": "unknown" if truth is UNKNOWN else str(truth).lower(),
        }
        if answer is not None and isinstance(answer.confidence, (int, float)):
            attributes["remit.judge.confidence"] = float(answer.confidence)
        yield Event(names.JUDGE_ASKED, attributes)


def _clause(norm: Norm) -> dict[str, Any]:
    told: dict[str, Any] = {names.CLAUSE_ID: cut(norm.id, names.MOST_NAME)}
    if norm.span is not None:
        source = norm.span.source
        place = f"{source.name}:{norm.span.line}" if source.has_lines else source.name
        told[names.CLAUSE_SOURCE] = cut(place, names.MOST_MESSAGE)
    return told
