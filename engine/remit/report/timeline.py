"""The conversations of a report: each step with its verdict; opened, all that is known of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count

from remit.graph.picture import escape
from remit.report.model import Entry, Reply, Report
from remit.report.words import moment, short, span_of, times


def timeline(report: Report) -> Iterator[str]:
    """Every conversation, its steps in order."""
    numbers = count()
    replies: dict[str, list[Reply]] = {}
    for reply in report.replies:
        replies.setdefault(reply.conversation, []).append(reply)
    ids = {one.id: n for n, one in enumerate(report.entries) if one.id}
    for name, entries in report.conversations().items():
        held = sum(not one.goes_on for one in entries)
        told = times(len(entries), "step") + (f", {held} held back" if held else "")
        yield f'<section class="talk" data-name="{escape(name)}">'
        yield f"<h3>{escape(name)} <small>{told}</small></h3><ol>"
        for one in entries:
            yield from _step(one, next(numbers), ids)
        yield "</ol>"
        yield from _replies(replies.get(name, []))
        yield "</section>"


def _step(one: Entry, number: int, ids: Mapping[str, int]) -> Iterator[str]:
    norms = " ".join(dict.fromkeys(map(short, (*one.applied, *one.decided_by))))
    words = f'data-verdict="{one.verdict}" data-norms="{escape(norms)}"'
    yield f'<li id="s-{number}" class="step s-{one.verdict}" {words}><details><summary>'
    yield f'<span class="verdict v-{one.verdict}">{one.verdict}</span>'
    yield f'<span class="place">{one.index + 1}</span>'
    kind = "" if one.kind == "message" else f"<i>{escape(one.kind)}</i> "
    yield f'<span class="who">{escape(one.who)}</span>'
    yield f'<span class="said">{kind}{escape(one.said)}</span>'
    if not one.is_plain and one.decided_by:
        yield f'<span class="by">{escape(", ".join(map(short, one.decided_by)))}</span>'
    yield '</summary><div class="about">'
    if one.explanation:
        yield f'<p class="why">{escape(one.explanation)}</p>'
    yield from _facts(one, ids)
    if one.whole and " ".join(one.whole.split()) != one.said:
        yield f"<pre>{escape(one.whole)}</pre>"
    yield "</div></details></li>"


def _facts(one: Entry, ids: Mapping[str, int]) -> Iterator[str]:
    rows = [(name, text) for name, text in _told(one, ids) if text]
    if rows:
        inner = "".join(f"<dt>{name}</dt><dd>{text}</dd>" for name, text in rows)
        yield f"<dl>{inner}</dl>"


def _told(one: Entry, ids: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    """What there is to know of a decision, as HTML."""
    yield "decided by", _norms(one.decided_by)
    yield (
        "lost",
        _lines(
            f"{_norm(lost.norm)} to {_norm(lost.by)} by {escape(lost.reason)}"
            for lost in one.defeated
        ),
    )
    rest = [name for name in one.applied if name not in one.decided_by]
    beaten = {lost.norm for lost in one.defeated}
    yield "also applied", _norms(tuple(name for name in rest if name not in beaten))
    yield (
        "unknown",
        _lines(f"{_norm(norm)}: {escape(', '.join(terms))}" for norm, terms in one.unknown),
    )
    yield "void directives", _lines(
        f"<b>{escape(short(void.directive))}</b> from {escape(void.by)}: has {escape(void.has)}"
        + (f", needs {escape(void.needs)}" if void.needs else "") + f" – “{escape(void.text)}”"
        for void in one.void
    )  # fmt: skip
    yield "asked", escape(", ".join(one.ask))
    yield "agreed", escape(", ".join(one.agreed))
    yield "advice", _lines(map(escape, one.advice))
    yield "changed", _lines(map(escape, one.changes))
    yield "judges", _lines(map(escape, one.judged))
    yield "errors", _lines(escape(f"{norm}: {error}") for norm, error in one.errors)
    yield "note", escape(one.note)
    yield "follows", _link(one.held, ids)
    yield "agent", escape(one.agent)
    yield "mode", escape(one.mode) if one.mode != "enforce" else ""
    yield "time", moment(one.time) if one.time is not None else ""
    yield "took", span_of(one.seconds) if one.seconds is not None else ""
    yield "decision", f"<code>{escape(one.id)}</code>" if one.id else ""
    yield "record", f"{one.number:,}" if one.number is not None else ""


def _link(held: str, ids: Mapping[str, int]) -> str:
    """Where the decision is that asked about this very call."""
    if not held:
        return ""
    at = ids.get(held)
    told = f"the question <code>{escape(held[:8])}</code>"
    return told if at is None else f'<a href="#s-{at}">{told}</a>'


def _replies(replies: list[Reply]) -> Iterator[str]:
    if not replies:
        return
    yield '<ul class="replies">'
    for one in replies:
        when = f" <small>{moment(one.time)}</small>" if one.time is not None else ""
        word = "yes" if one.yes else "no"
        yield (
            f'<li><b class="reply-{word}">{word}</b> from {escape(one.by)} to'
            f" <code>{escape(one.call)}</code>{when}</li>"
        )
    yield "</ul>"


def _norm(name: str) -> str:
    return f'<a href="#clause-{escape(name)}" class="norm-name">{escape(short(name))}</a>'


def _norms(names: tuple[str, ...]) -> str:
    return ", ".join(map(_norm, names))


def _lines(lines: Iterator[str]) -> str:
    return "<br>".join(lines)
