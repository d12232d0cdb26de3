"""The priority graph as an SVG image, drawn from a layout. Interaction is the page's business."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.resources import files
from itertools import pairwise
from typing import TYPE_CHECKING

from remit.checked.model import Norm
from remit.graph import words
from remit.graph.layout import CARD, HEAD, Layout, Point, Wire, lay_out
from remit.graph.reasons import REASONS
from remit_grammar.diagnostic import visible

if TYPE_CHECKING:
    from remit.policy import Policy

TOLD_BY = {
    "authority": "greater strength", "exception": "overrides, or a default yields",
    "spoken": "said, not standing", "later": "said later", "goal": "higher goal",
    "caution": "holds back",
}  # fmt: skip
LETTER = 7.3  # average width of a letter of a name, in pixels
SMALL = 5.9  # the same of what stands below it
ROUND = 5  # radius of the corners of edges


def draw(policy: Policy, *, own_style: bool = False, width: int = 960, columns: int = 4) -> str:
    """The SVG text; with `own_style` it stands alone, without it a page brings the style."""
    layout = lay_out(policy.graph, width, columns)
    legend, top = _legend(policy, width)
    count = len(policy.graph.norms)
    title = f"Priority graph of {policy.name}: {count} {'norm' if count == 1 else 'norms'}"
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="graph" role="group"'
        f' viewBox="0 0 {width} {_n(layout.height + top)}" aria-label="{escape(title)}">'
    )
    parts = [
        head,
        f"<title>{escape(title)}</title>",
        f"<style>{style('picture.css')}</style>" if own_style else "",
        *legend,
        f'<g transform="translate(0 {_n(top)})">',
        *_bands(layout),
        *(_wire(policy, wire) for wire in layout.wires),
        *_levels(policy, layout),
        *(_card(policy, n, layout, link=not own_style) for n in sorted(layout.cards)),
        *_reasons(layout),
        "</g></svg>",
    ]
    return "\n".join(part for part in parts if part) + "\n"


def style(name: str) -> str:
    """The text of a style sheet or script that lies beside this module."""
    return files("remit.graph").joinpath(name).read_text("utf-8")


def escape(text: str) -> str:
    """Text that means itself in XML and HTML, in content and in quoted attributes."""
    shown = "\n".join(visible(line) for line in text.split("\n"))
    for plain, safe in (
        ("&", "&amp;"),
        ("<", "&lt;"),
        (">", "&gt;"),
        ('"', "&quot;"),
        ("'", "&#39;"),
    ):
        shown = shown.replace(plain, safe)
    return shown


def cut(text: str, most: int) -> str:
    """The text, shortened with an ellipsis where it is longer than `most` characters."""
    return text if len(text) <= most else text[: max(most - 1, 0)] + "…"


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")


# ---- bands and legend


def _legend(policy: Policy, width: int) -> tuple[list[str], float]:
    """The reasons that occur, each with its colour, and the height that they take."""
    present = {edge.reason for edge in policy.graph.edges.values()}
    out, x, y = [], 4.0, 16.0
    for reason in (one for one in REASONS if one in present):
        text = f"{reason}: {TOLD_BY[reason]}"
        wide = 44 + len(text) * SMALL
        if x + wide > width and x > 4:
            x, y = 4.0, y + 18
        out.append(
            f'<g class="legend r-{reason}"><path class="wire" d="M{_n(x)} {_n(y - 4)}h22"/>'
            f'<path class="head" d="M{_n(x + 22)} {_n(y - 8)}l7 4l-7 4z"/>'
            f'<text x="{_n(x + 34)}" y="{_n(y)}">{text}</text></g>'
        )
        x += wide
    return out, (y + 12 if out else 4)


def _bands(layout: Layout) -> Iterator[str]:
    for band in layout.bands:
        high = band.bottom - band.top
        place = f'y="{_n(band.top)}" width="{_n(layout.width)}" height="{_n(high)}"'
        yield f'<rect class="band" {place} rx="8"/>'


def _levels(policy: Policy, layout: Layout) -> Iterator[str]:
    """What stands in bands beside the cards; drawn over the edges."""
    for band in layout.bands:
        level = policy.graph.level(band.rank)
        count = sum(norm.strength == band.rank for norm in policy.graph.norms)
        told = {0: "no norm", 1: "1 norm"}.get(count, f"{count} norms")
        yield (
            f'<text class="level" x="12" y="{_n(band.top + HEAD - 8)}">{escape(cut(level, 30))}'
            f'<tspan class="count" dx="8">{told}</tspan></text>'
        )
        for spec, y in band.captions:
            yield f'<text class="spec" x="12" y="{_n(y)}">{escape(cut(spec, 40))}</text>'


# ---- norms


def _card(policy: Policy, number: int, layout: Layout, *, link: bool) -> str:
    norm = policy.graph.norms[number]
    x, y = layout.cards[number]
    wide = layout.card
    letters = int((wide - 22) / LETTER)
    lines = wrapped(norm.name, letters)
    about = ", ".join([norm.modality, *filter(None, [words.remedy(norm)])])
    text = "".join(
        f'<text class="name" x="{_n(x + 14)}" y="{_n(y + 21 + 15 * i)}">{escape(line)}</text>'
        for i, line in enumerate(lines)
    )
    small = cut(about, int((wide - 22) / SMALL))
    body = (
        f"<title>{escape(_hint(policy, norm))}</title>"
        f'<rect class="card" x="{_n(x)}" y="{_n(y)}" width="{_n(wide)}" height="{CARD}" rx="6"/>'
        f'<rect class="bar" x="{_n(x + 5)}" y="{_n(y + 8)}" width="3" height="{CARD - 16}"/>'
        f'{text}<text class="about" x="{_n(x + 14)}" y="{_n(y + CARD - 9)}">{escape(small)}</text>'
    )
    kind = f'class="norm m-{norm.modality}" data-norm="{number}"'
    return f'<a {kind} href="#norm-{number}">{body}</a>' if link else f"<g {kind}>{body}</g>"


def _hint(policy: Policy, norm: Norm) -> str:
    level = policy.graph.level
    about = f"{norm.id} (author {level(norm.author)}, strength {level(norm.strength)})"
    return "\n".join([about, words.does(norm), *filter(None, [norm.doc])])


def wrapped(name: str, letters: int) -> list[str]:
    """A name on at most two lines, broken behind a dot or underscore where there is one."""
    if len(name) <= letters:
        return [name]
    at = max(name.rfind(mark, 0, letters) for mark in "._ ") + 1
    at = at if at > letters // 3 else letters
    return [name[:at], cut(name[at:], letters)]


# ---- edges


def _wire(policy: Policy, wire: Wire) -> str:
    edge = wire.edge
    winner, loser = (policy.graph.norms[n].name for n in (edge.winner, edge.loser))
    why = words.why_said(policy.graph, edge)
    x, y = wire.points[-1]
    return (
        f'<g class="edge r-{edge.reason}" data-winner="{edge.winner}" data-loser="{edge.loser}">'
        f"<title>{escape(f'{winner} beats {loser} by {edge.reason}: {why}')}</title>"
        f'<path class="wire" d="{_path(wire.points)}"/>'
        f'<path class="head" d="M{_n(x - 4)} {_n(y - 7)}h8l-4 7z"/></g>'
    )


def _path(points: Sequence[Point]) -> str:
    """A line with rounded corners."""
    (x, y), *rest = points
    out = [f"M{_n(x)} {_n(y)}"]
    for corner, after in pairwise(rest):
        before, leave = _towards(corner, (x, y)), _towards(corner, after)
        out.append(f"L{_pair(before)}Q{_pair(corner)} {_pair(leave)}")
        x, y = corner
    return "".join([*out, f"L{_n(rest[-1][0])} {_n(rest[-1][1] - 6)}"])


def _towards(start: Point, end: Point) -> Point:
    """The point a corner's radius from `start` on the way to `end`; at most half the way."""
    across, down = end[0] - start[0], end[1] - start[1]
    long = abs(across) + abs(down)  # every line is level or upright
    share = min(ROUND, long / 2) / long if long else 0
    return start[0] + across * share, start[1] + down * share


def _pair(point: Point) -> str:
    return f"{_n(point[0])} {_n(point[1])}"


def _reasons(layout: Layout) -> Iterator[str]:
    """The reason beside each arrow head; edges that end together share one."""
    seen: set[tuple[int, str]] = set()
    for wire in layout.wires:
        key = wire.edge.loser, wire.edge.reason
        if key not in seen:
            seen.add(key)
            x, y = wire.points[-1]
            yield (
                f'<text class="why r-{key[1]}" data-loser="{key[0]}" x="{_n(x + 6)}"'
                f' y="{_n(y - 5)}">{key[1]}</text>'
            )
