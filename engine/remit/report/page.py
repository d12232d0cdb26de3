"""The page of a report: stands alone, reads without scripts, in light and dark, wide and narrow."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files
from typing import TYPE_CHECKING

from remit.graph.document import document
from remit.graph.picture import draw, escape, style
from remit.report.model import VERDICTS, Report
from remit.report.plots import along, durations, shares
from remit.report.tables import clauses, void
from remit.report.timeline import timeline
from remit.report.words import moment, times

if TYPE_CHECKING:
    from remit.policy import Policy

_CARD = re.compile(r'href="#norm-([0-9]+)"')


def page(report: Report, title: str = "") -> str:
    """The text of the page; without a title it is named after the policy that decided most."""
    decided = report.policies().most_common(1)
    title = title or f"{decided[0][0][0] if decided else 'no decisions'}: what happened"
    styles = style("picture.css") + style("page.css") + _own("report.css") + _lit(report)
    body = [
        f'<header><h1>{escape(title)}</h1><p class="about">{_about(report)}</p></header>',
        *_warnings(report),
        '<div class="plots">', *shares(report), *along(report.entries),
        *durations(report.entries), "</div>",
        '<section id="timeline"><h2>Timeline</h2>', *_tools(report), *timeline(report),
        *_left_out(report), "</section>",
        *_graph(report), *clauses(report), *void(report), *_policies(report),
    ]  # fmt: skip
    return document(title, styles, _own("report.js"), body)


def _own(name: str) -> str:
    return files("remit.report").joinpath(name).read_text("utf-8")


def _about(report: Report) -> str:
    talks = len(report.conversations())
    known = [one.time for one in report.entries if one.time is not None]
    told = [
        times(talks, "conversation"),
        times(len(report.entries) + report.left_out.total(), "decision"),
    ]
    if known:
        low, high = moment(min(known)), moment(max(known))
        told.append(low if low == high else f"{low} to {high}")
    if report.trusted:
        told.append("the chain of the ledger holds")
    return " · ".join(told)


def _warnings(report: Report) -> Iterator[str]:
    """What a reader must know before believing the rest."""
    if report.trusted is False:
        yield '<p class="alarm" role="alert">The chain of this ledger is broken: records were'
        yield "changed, removed or moved. What is below is what is left.</p>"
    policy, decided = report.policy, report.policies()
    if policy is not None:
        others = sum(count for (_, digest), count in decided.items() if digest != policy.digest)
        if others:
            yield '<p class="alarm" role="alert">'
            yield f"{times(others, 'decision')} were made under other rules than"
            yield f"<code>{escape(policy.name)} {policy.digest[:12]}</code>, which this page shows."
            yield "</p>"
    for one in report.notes:
        yield f'<p class="alarm">{escape(one)}</p>'


def _tools(report: Report) -> Iterator[str]:
    """What the script filters by."""
    yield '<div class="tools"><label for="filter">Filter</label><input id="filter" type="search"'
    yield ' autocomplete="off" placeholder="words, clause, tool, conversation …">'
    there = {one.verdict for one in report.entries}
    for verdict in (one for one in VERDICTS if one in there):
        yield (
            f'<label class="chip v-{verdict}"><input type="checkbox" name="verdict"'
            f' value="{verdict}" checked>{verdict}</label>'
        )
    yield '<label class="chip"><input type="checkbox" id="plain" checked>plain steps</label>'
    yield '<output id="count" for="filter"></output>'
    yield "<small><kbd>/</kbd> filter · <kbd>j</kbd> <kbd>k</kbd> next, previous</small></div>"


def _left_out(report: Report) -> Iterator[str]:
    if report.left_out:
        told = ", ".join(f"{count:,} {verdict}" for verdict, count in report.left_out.items())
        yield '<p class="about">Counted above and not shown, for want of room:'
        yield f"{told}. Choose a conversation with <code>--conversation</code>.</p>"


# ---- the graph, with what fired lit up


def _graph(report: Report) -> Iterator[str]:
    if report.policy is None:
        return
    yield '<section id="graph"><h2>Who beats whom</h2><p class="about">Lit: the norms that applied'
    yield "in these conversations. Open a step to light only its norms.</p>"
    yield '<div class="picture">'
    yield f'<div class="wide">{_linked(report.policy, draw(report.policy))}</div>'
    narrow = draw(report.policy, width=366, columns=2)
    yield f'<div class="narrow">{_linked(report.policy, narrow)}</div></div></section>'


def _linked(policy: Policy, picture: str) -> str:
    """The picture with cards that lead to the table of clauses."""
    ids = [escape(norm.id) for norm in policy.graph.norms]
    return _CARD.sub(lambda found: f'href="#clause-{ids[int(found[1])]}"', picture)


def _lit(report: Report) -> str:
    """Style rules that light the norms that applied, and the edges along which one lost."""
    if report.policy is None:
        return ""
    numbers = {norm.id: n for n, norm in enumerate(report.policy.graph.norms)}
    fired = {name for one in report.entries for name in (*one.applied, *one.decided_by)}
    lost = {(one.by, one.norm) for entry in report.entries for one in entry.defeated}
    lit = [f'#graph .norm[data-norm="{numbers[one]}"]' for one in fired if one in numbers]
    lit += [
        f'#graph .edge[data-winner="{numbers[by]}"][data-loser="{numbers[norm]}"]'
        for by, norm in lost
        if by in numbers and norm in numbers
    ]
    return f"{', '.join(sorted(lit))} {{ opacity: 1; }}\n" if lit else ""


def _policies(report: Report) -> Iterator[str]:
    decided = report.policies()
    if not decided:
        return
    yield "<section><h2>Policies</h2><ul>"
    for (name, digest), count in decided.most_common():
        yield f"<li>{escape(name)} <code>{escape(digest)}</code>: {times(count, 'decision')}</li>"
    yield "</ul></section>"
