"""Plots of a report, as bars that HTML and a style sheet draw. Each says in words what it shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from remit.graph.picture import escape
from remit.report.model import VERDICTS, Entry, Report
from remit.report.words import moment, span_of, times

COLUMNS = 60  # of the plot of verdicts along the conversation
BOUNDS = (1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 5e-2, 0.25, 1.0)
"""Seconds that part the columns of durations."""


def shares(report: Report) -> Iterator[str]:
    """How many decisions had which verdict: one bar, and a legend with numbers."""
    counts = Counter(one.verdict for one in report.entries) + report.left_out
    told = ", ".join(f"{counts[one]} {one}" for one in VERDICTS if counts[one])
    yield f'<figure class="plot"><figcaption>{times(counts.total(), "decision")}</figcaption>'
    yield f'<div class="bar" role="img" aria-label="{told}">'
    for one in VERDICTS:
        if counts[one]:
            yield f'<span class="v-{one}" style="flex-grow:{counts[one]}"></span>'
    yield '</div><ul class="legend">'
    for one in VERDICTS:
        if counts[one]:
            yield f'<li><i class="v-{one}"></i>{one} <b>{counts[one]:,}</b></li>'
    yield "</ul></figure>"


def along(entries: Sequence[Entry]) -> Iterator[str]:
    """The verdicts as time goes on; by place in the record where there is no time."""
    if len(entries) < 2:
        return
    groups, title, ends = _groups(entries)
    most = max(len(one) for one in groups)
    worst = sum(not one.goes_on for one in entries)
    told = f"{title}: at most {most} in a column, {worst} of {len(entries)} held back"
    yield f'<figure class="plot"><figcaption>{title}</figcaption>'
    yield f'<div class="columns" role="img" aria-label="{escape(told)}">'
    for group in groups:
        counts = Counter(one.verdict for one in group)
        hint = ", ".join(f"{counts[one]} {one}" for one in VERDICTS if counts[one]) or "none"
        yield f'<span class="column" title="{hint}" style="height:{100 * len(group) / most:.1f}%">'
        for one in reversed(VERDICTS):
            if counts[one]:
                yield f'<span class="v-{one}" style="flex-grow:{counts[one]}"></span>'
        yield "</span>"
    yield f'</div><div class="ends"><span>{ends[0]}</span><span>{ends[1]}</span></div></figure>'


def durations(entries: Sequence[Entry]) -> Iterator[str]:
    """How long deciding took, in columns between the bounds."""
    taken = sorted(one.seconds for one in entries if one.seconds is not None)
    if not taken:
        return
    edges = [0.0, *BOUNDS, float("inf")]
    counts = [sum(low <= one < high for one in taken) for low, high in pairwise(edges)]
    first = next(n for n, one in enumerate(counts) if one)
    last = max(n for n, one in enumerate(counts) if one)
    middle = taken[len(taken) // 2]
    told = f"time to decide: median {span_of(middle)}, longest {span_of(taken[-1])}"
    yield f'<figure class="plot"><figcaption>{told}</figcaption>'
    yield f'<div class="columns wide" role="img" aria-label="{told}">'
    for n in range(first, last + 1):
        hint = f"{counts[n]} from {span_of(edges[n])} to {span_of(edges[n + 1])}"
        high = 100 * counts[n] / max(counts)
        yield (
            f'<span class="column" title="{hint}" style="height:{high:.1f}%">'
            '<span class="v-time" style="flex-grow:1"></span></span>'
        )
    ends = "</span><span>".join((span_of(edges[first]), span_of(edges[last + 1])))
    yield f'</div><div class="ends"><span>{ends}</span></div></figure>'


def _groups(entries: Sequence[Entry]) -> tuple[list[list[Entry]], str, tuple[str, str]]:
    """The entries in columns, what the plot is called, and what stands at its ends."""
    known = [one.time for one in entries if one.time is not None]
    if len(known) == len(entries) and min(known) < max(known):
        low, high = min(known), max(known)
        columns = min(COLUMNS, len(entries))
        groups: list[list[Entry]] = [[] for _ in range(columns)]
        for one, time in zip(entries, known, strict=True):
            groups[min(int((time - low) / (high - low) * columns), columns - 1)].append(one)
        return groups, "verdicts over time", (moment(low), moment(high))
    size = -(-len(entries) // COLUMNS)
    groups = [list(entries[n : n + size]) for n in range(0, len(entries), size)]
    return groups, "verdicts in their order", ("first", "last")
