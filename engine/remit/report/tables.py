"""The tables of a report: what each norm did, and which directives changed nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from remit.graph.picture import escape
from remit.graph.sources import clause_texts
from remit.report.model import Report
from remit.report.statistics import Count, counted
from remit.report.words import short, times

COLUMNS = ("clause", "applied", "decided", "held back", "lost", "unknown")
MOST_VOID = 200  # kinds of void directives that are listed


def clauses(report: Report) -> Iterator[str]:
    """What each norm did; of a policy that is there also its text, and which never applied."""
    counts = counted(report.entries)
    known = _known(report)
    if not counts and not known:
        return
    yield '<section id="clauses"><h2>Clauses</h2>'
    if counts:
        heads = "".join(f'<th scope="col">{one}</th>' for one in COLUMNS)
        yield f"<table><thead><tr>{heads}</tr></thead><tbody>"
        most = max(one.applied for one in counts.values()) or 1
        for norm, one in counts.items():
            yield _row(norm, one, known.get(norm, ("", "")), most)
        yield "</tbody></table>"
    quiet = [norm for norm in known if norm not in counts]
    if quiet:
        yield f"<details><summary>{times(len(quiet), 'clause')} never applied</summary><ul>"
        for norm in quiet:
            yield f'<li id="clause-{escape(norm)}">{_named(norm, *known[norm])}</li>'
        yield "</ul></details>"
    yield "</section>"


def _row(norm: str, one: Count, known: tuple[str, str], most: int) -> str:
    share = f'<span class="share" style="width:{100 * one.applied / most:.1f}%"></span>'
    values = (one.applied, one.decided, one.held_back, one.lost, one.unknown)
    cells = "".join(
        f'<td data-label="{name}" class="number">{value or "–"}{share if name == "applied" else ""}'
        "</td>"
        for name, value in zip(COLUMNS[1:], values, strict=True)
    )
    return f'<tr id="clause-{escape(norm)}"><td class="id">{_named(norm, *known)}</td>{cells}</tr>'


def _named(norm: str, doc: str, text: str) -> str:
    """A norm with its text to open, where that is known."""
    told = f'<div class="doc">{escape(doc)}</div>' if doc else ""
    if not text:
        return f"<b>{escape(norm)}</b>{told}"
    return (
        f"<details><summary><b>{escape(norm)}</b>{told}</summary>"
        f"<pre><code>{escape(text)}</code></pre></details>"
    )


def _known(report: Report) -> dict[str, tuple[str, str]]:
    """What each norm of the policy says, and its text."""
    if report.policy is None:
        return {}
    norms = report.policy.graph.norms
    return {
        norm.id: (norm.doc or "", text)
        for norm, text in zip(norms, clause_texts(norms), strict=True)
    }


def void(report: Report) -> Iterator[str]:
    """The directives without the authority they needed: tried, recorded, and without effect."""
    said: Counter[tuple[str, str, str, str]] = Counter()
    texts: dict[tuple[str, str, str, str], str] = {}
    for entry in report.entries:
        for one in entry.void:
            key = (one.directive, one.by, one.has, one.needs)
            said[key] += 1
            texts.setdefault(key, one.text)
    if not said:
        return
    yield '<section><h2>Void directives</h2><p class="about">Said without the authority that'
    yield "they need. They changed nothing.</p><table><thead><tr>"
    yield "".join(
        f'<th scope="col">{one}</th>'
        for one in ("directive", "from", "has", "needs", "times", "words")
    )
    yield "</tr></thead><tbody>"
    for key, times_said in said.most_common(MOST_VOID):
        name, by, has, needs = map(escape, key)
        yield (
            f'<tr><td class="id" title="{name}">{short(name)}</td><td data-label="from">{by}</td>'
            f'<td data-label="has">{has}</td><td data-label="needs">{needs or "–"}</td>'
            f'<td data-label="times" class="number">{times_said}</td>'
            f'<td data-label="words">{escape(texts[key])}</td></tr>'
        )
    yield "</tbody></table>"
    if len(said) > MOST_VOID:
        yield f"<p>and {times(len(said) - MOST_VOID, 'more kind')}</p>"
    yield "</section>"
