"""A recorded decision in the renderer of diagnostics: the step, the clauses, and what is known.

Tells only what stands in the record; the source of clauses comes from a policy, if there is one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from remit.ledger.said import (
    cut,
    rows_of,
    said_as_kept,
    short,
    step_of,
    step_said,
    texts_of,
)
from remit.verdict.explain import LEVEL, SENTENCE
from remit.verdict.show import show_step
from remit_grammar.codes import Severity
from remit_grammar.diagnostic import Diagnostic, Label
from remit_grammar.source import Source

if TYPE_CHECKING:
    from remit.checked.norm import Norm
    from remit.ledger.story import Story
    from remit.policy import Policy

LOST_BY = {
    "authority": "it outranks it", "exception": "it is the exception to it",
    "spoken": "it was said, and beats what stands at equal strength", "later": "it was said later",
    "goal": "its goal comes first", "caution": "nothing else tells them apart, and it holds back",
}  # fmt: skip
MOST = 20  # rows of a kind that are told


def explained(story: Story, policy: Policy | None) -> Diagnostic:
    """What was decided and why, as far as the ledger knows. `policy` is the one that decided."""
    record = story.decision.record
    verdict = str(record.get("verdict"))
    deciding = texts_of(record, "decided_by")
    norms = {norm.id: norm for norm in policy.checked.norms} if policy is not None else {}
    known = [norms[one] for one in deciding if one in norms]
    name = f"[{', '.join(short(one) for one in deciding)}]" if deciding else ""
    return Diagnostic(
        f"{verdict}{name}", _message(record, verdict, known), _step(record),
        tuple(_clauses(record, norms, policy)), tuple(_notes(story)),
        severity=LEVEL.get(verdict, Severity.NOTE),
    )  # fmt: skip


def _message(record: Mapping[str, Any], verdict: str, known: list[Norm]) -> str:
    if docs := dict.fromkeys(norm.doc for norm in known if norm.doc):
        return " ".join(docs)
    if note := record.get("note"):
        return cut(str(note))
    step = record.get("step")
    kind = str(step.get("kind", "step")) if isinstance(step, dict) else "step"
    return f"this {kind} {SENTENCE.get(verdict, 'was decided')}"


def _step(record: Mapping[str, Any]) -> Label:
    """The step as it was proposed; as it went on where only that is kept."""
    index = record.get("index")
    place = index if isinstance(index, int) else 0
    step = step_of(record.get("step"))
    if step is not None:
        return Label(show_step(step, place).whole)
    source = Source(f"conversation, step {place + 1}", said_as_kept(record), has_lines=False)
    told = "as it went on" if "after" in record else "not all of it is kept"
    return Label(source.span(), told)


def _clauses(
    record: Mapping[str, Any], norms: Mapping[str, Norm], policy: Policy | None
) -> Iterator[Label]:
    """The source of the clauses that decided and that lost."""
    lost = [str(row.get("norm")) for row in rows_of(record, "defeated")]
    for ids, remark in ((texts_of(record, "decided_by"), "decides"), (lost, "lost")):
        for norm in (norms[one] for one in ids if one in norms):
            if norm.span is not None and policy is not None:
                level = policy.ground.program.level(norm.strength)
                yield Label(norm.span, f"`{norm.name}` ({level}) {remark}")


# ---- notes


def _notes(story: Story) -> Iterator[str]:
    record = story.decision.record
    for row in rows_of(record, "defeated"):
        why = str(row.get("reason"))
        told = LOST_BY.get(why, why)
        yield f"`{short(row.get('norm'))}` lost to `{short(row.get('by'))}`: {told} ({why})"
    for row in rows_of(record, "unknown"):
        terms = ", ".join(f"`{one}`" for one in texts_of(row, "terms")) or "an error in it"
        yield f"`{short(row.get('norm'))}` counts because this is unknown: {terms}"
    deciding = texts_of(record, "decided_by")
    for row in rows_of(record, "violated"):
        if row.get("norm") not in deciding:
            yield f"also violated: `{short(row.get('norm'))}` (would {row.get('remedy')})"
    yield from _more(record)
    yield from _people(story)
    yield from _where(story)


def _more(record: Mapping[str, Any]) -> Iterator[str]:
    for row in [*rows_of(record, "errors")][:MOST]:
        yield f"`{short(row.get('norm'))}` failed: {_text(row.get('error'))}"
    for row in [*rows_of(record, "void")][:MOST]:
        needs = f", which takes {row['needs']}" if "needs" in row else ""
        tried = f"{row.get('by')} tried `{short(row.get('directive'))}`"
        yield f"void: {tried} as {row.get('has')}{needs}"
    for row in [*rows_of(record, "judged")][:MOST]:
        why = f" ({_text(row['reason'])})" if row.get("reason") else ""
        asked = f"`{row.get('judge')}` on {_text(row.get('question'))}"
        yield f"{asked}: {row.get('answer')}{why}"
    for row in rows_of(record, "changes"):
        yield f"`{row.get('path')}` is changed by `{short(row.get('by'))}`"
    if "after" in record:
        yield f"it goes on as: {step_said(record['after'])}"


def _people(story: Story) -> Iterator[str]:
    """Who was asked, and who answered."""
    record = story.decision.record
    if asked := texts_of(record, "ask"):
        yield f"ask: {', '.join(asked)}"
    for text in texts_of(record, "advice"):
        yield f"advice to the model: {text}"
    if agreed := texts_of(record, "agreed"):
        yield f"it goes on because they agreed: {', '.join(agreed)}"
    if story.held is not None:
        held = story.held
        place = f"record {held.seq:,} ({held.time})"
        yield f"the call was asked about in {place}: {held.record.get('id')}"
    for line in story.answers[:MOST]:
        answer = "yes" if line.record.get("yes") is True else "no"
        person = line.record.get("person")
        who = f"`{line.record.get('by')}`" + (f" ({_text(person)})" if person else "")
        yield f"{who} said {answer} in record {line.seq:,} ({line.time})"


def _where(story: Story) -> Iterator[str]:
    """Where and when it was decided, by which policy."""
    line, record = story.decision, story.decision.record
    if line.hash and not line.holds:
        yield "the record was changed after it was written: see `remit ledger verify`"
    if story.is_corrected:
        yield "it did not count: it could not be told to all who must hear, and was denied"
    if corrects := record.get("corrects"):
        yield f"it stands for {corrects}, which could not be told to all who must hear"
    if record.get("mode") == "shadow":
        yield "it was only watched: the verdict was not carried out"
    who = f" of {_text(record['agent'])}" if record.get("agent") else ""
    place = f"record {line.seq:,}, " if line.hash else "told in a trace, "
    yield f"conversation {_text(record.get('conversation'))}{who}, {place}{line.time}"
    name = story.policy.get("id") if story.policy is not None else "not told"
    yield f"policy {name}, {record.get('policy')}"
    if "trace" in record:
        yield f"trace {record['trace']}, span {record.get('span')}"


def _text(value: Any) -> str:
    return "(not kept)" if isinstance(value, dict) else cut(str(value))
