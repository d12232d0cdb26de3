"""The graph in every form: the same text each time, every norm in it, and nothing breaks out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

import remit
from remit import Policy
from remit.graph.export import to_dot, to_html, to_json, to_mermaid, to_svg
from remit.graph.layout import CARD, lay_out
from remit.graph.picture import wrapped
from remit_grammar.source import Source

Golden = Callable[[Path, str], None]
Export = Callable[[Policy], str]
DATA = Path(__file__).parent / "data"
FORMS: dict[str, Export] = {
    "json": to_json, "dot": to_dot, "mmd": to_mermaid, "svg": to_svg, "html": to_html,
}  # fmt: skip
RLO = "\u202e"  # turns what follows it round, on a screen
EVIL = """"]; x -> y; a"b<script>alert(1)</script>&amp;{}|#quot;\\N</style>--"""
HOSTILE = f"""
spec `{EVIL}`
author developer
owner "{EVIL.replace(chr(92), chr(92) * 2).replace('"', chr(92) + '"')}"

act everything = call

clause `{EVIL}`
  "x</title><img src=x onerror=alert(1)> ]]> --> {{{{}}}} \\" end"
  forbid everything where text contains "</code></pre><script>"
  otherwise ask "<b>\\"boss\\"</b>"

clause `{EVIL}.two` at user "\u202egnirts\u202c"
  permit everything
"""


@pytest.fixture(scope="module")
def small() -> Policy:
    """A policy with two files, three levels, four reasons; its files under short names."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(DATA)
        return remit.load(Path("small.spec"), search=["."])


@pytest.fixture(scope="module")
def hostile() -> Policy:
    """A policy whose texts try to end every string, tag and comment."""
    return remit.load(Source("<evil>.spec", HOSTILE))


@pytest.fixture(scope="module")
def large() -> Policy:
    """A hundred norms on five levels, most of them without an edge."""
    levels = ["root", "system", "developer", "user", "guideline"]
    clauses = [
        f"clause group_{i % 7}.rule_{i} at {levels[i % 5]}\n"
        f'  forbid call tool_{i} where text contains "x"\n'
        + ("  except some: permit where text contains \"y\"\n" if i % 4 == 0 else "")
        for i in range(80)
    ]  # fmt: skip
    protects = "clause free at system\n  protect call tool_3, tool_13, tool_23, tool_33\n"
    return remit.load("spec large\nauthor root\n" + protects + "\n".join(clauses))


class _Page(HTMLParser):
    """Tags, attributes and text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


def _page(text: str) -> _Page:
    page = _Page()
    page.feed(text)
    page.close()
    return page


@pytest.mark.parametrize("form", ["json", "dot", "mmd"])
def test_golden(golden: Golden, small: Policy, form: str) -> None:
    """What other tools read."""
    golden(Path(f"data/small.{form}"), FORMS[form](small).replace(small.digest, "DIGEST"))


@pytest.mark.parametrize("form", FORMS)
def test_the_order_of_files_changes_nothing(form: str, small: Policy) -> None:
    """Nor does compiling again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(DATA)
        again = remit.load(Path("small.spec"), Path("root.spec"), search=["."])
    assert FORMS[form](again) == FORMS[form](small)


def test_json_holds_the_whole_graph(small: Policy) -> None:
    """Every norm and edge, with sources that exist."""
    data = json.loads(to_json(small))
    assert data["policy"] == {"id": small.name, "digest": small.digest}
    assert data["chain"] == list(small.graph.chain)
    assert [one["id"] for one in data["nodes"]] == [norm.id for norm in small.graph.norms]
    assert len(data["edges"]) == len(small.graph.edges)
    assert {one["reason"] for one in data["edges"]} == {"authority", "exception", "goal", "caution"}
    for one in data["nodes"]:
        name, _, line = one["source"].rpartition(":")
        text = (DATA / name).read_text("utf-8").splitlines()[int(line) - 1]
        assert one["name"] in text or one["name"].rpartition(".")[2] in text
    assert all(one["why"] for one in data["edges"])


@pytest.mark.parametrize("fixture", ["small", "hostile", "large"])
def test_pictures_hold_every_norm(fixture: str, request: pytest.FixtureRequest) -> None:
    """Also those without an edge; each edge is drawn once a picture."""
    policy: Policy = request.getfixturevalue(fixture)
    root = ElementTree.fromstring(to_svg(policy))
    drawn = sorted(int(one.attrib["data-norm"]) for one in root.iter() if "data-norm" in one.attrib)
    assert drawn == list(range(len(policy.graph.norms)))
    pairs = {
        (int(one.attrib["data-winner"]), int(one.attrib["data-loser"]))
        for one in root.iter() if "data-winner" in one.attrib
    }  # fmt: skip
    assert pairs == set(policy.graph.edges)
    page = _page(to_html(policy))
    for number, norm in enumerate(policy.graph.norms):
        assert ("id", f"norm-{number}") in page.attributes
        assert norm.id in page.text


@pytest.mark.parametrize("fixture", ["small", "hostile"])
@pytest.mark.parametrize("form", ["svg", "html"])
def test_nothing_is_loaded(form: str, fixture: str, request: pytest.FixtureRequest) -> None:
    """No address but the name of the SVG name space; links stay inside the page."""
    text = FORMS[form](request.getfixturevalue(fixture))
    assert not re.search(r"https?://", text.replace("http://www.w3.org/2000/svg", ""))
    assert not re.search(r"@import|url\(", text)
    page = _page(text)
    loading = ("src", "href", "xlink:href", "action", "data", "srcset", "poster")
    loaded = [value for name, value in page.attributes if name in loading]
    assert [value for value in loaded if not value.startswith("#norm-")] == []
    assert not {"img", "link", "iframe", "object", "embed", "base", "form"} & set(page.tags)


def test_hostile_texts_stay_texts(hostile: Policy) -> None:
    """No tag, attribute or event of theirs comes to life."""
    page = _page(to_html(hostile))
    assert page.tags.count("script") == 1
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    assert "b" not in page.tags
    assert "\u202e" not in to_html(hostile) + to_svg(hostile) + to_dot(hostile) + to_mermaid(
        hostile
    )
    assert EVIL in page.text
    root = ElementTree.fromstring(to_svg(hostile))
    assert {one.tag.rpartition("}")[2] for one in root.iter()} == {
        "svg", "title", "style", "g", "path", "rect", "text", "tspan",
    }  # fmt: skip


def test_hostile_names_stay_in_their_quotes_in_dot(hostile: Policy) -> None:
    """With every quoted string taken away, what is left is made of our words only."""
    bare = re.sub(r'"(?:[^"\\]|\\.)*"', '""', to_dot(hostile))
    assert '"' not in bare.replace('""', "")
    words = set(re.findall(r"[A-Za-z]+", bare))
    assert words <= {
        "digraph", "rankdir", "TB", "node", "edge", "fontname", "subgraph", "cluster", "label", "n",
        "shape", "octagon", "ellipse", "tooltip", "color", "fontcolor",
    }  # fmt: skip
    assert not re.search(r"(?<!\\)(?:\\\\)*\\[NGETHL]", to_dot(hostile))


def test_hostile_names_stay_in_their_quotes_in_mermaid(hostile: Policy) -> None:
    """Only letters, digits and numbered entities stand in a label."""
    for line in to_mermaid(hostile).splitlines():
        label = re.search(r'"(.*)"', line)
        if label:
            assert re.fullmatch(r"(?:[A-Za-z0-9 _.,]|#\d+;|<br/>)*", label[1]), line


def test_cards_and_edges_keep_apart(large: Policy) -> None:
    """No two cards overlap, and no edge crosses a card, however the page is cut."""
    for width, columns in ((960, 4), (366, 2)):
        out = lay_out(large.graph, width, columns)
        boxes = list(out.cards.values())
        assert len({(round(x), round(y)) for x, y in boxes}) == len(large.graph.norms)
        assert out.card > 100
        for x, y in boxes:
            assert 0 <= x <= width - out.card
            near = [
                b
                for b in boxes
                if b != (x, y) and abs(b[0] - x) < out.card and abs(b[1] - y) < CARD
            ]
            assert not near
        assert len(out.wires) == len(large.graph.edges) > 20
        for wire in out.wires:
            assert all(b[1] >= a[1] for a, b in zip(wire.points, wire.points[1:], strict=False))
            assert not [1 for a, b in zip(wire.points, wire.points[1:], strict=False)
                        for box in boxes if _crosses(a, b, box, out.card)]  # fmt: skip


def _crosses(
    a: tuple[float, float], b: tuple[float, float], box: tuple[float, float], wide: float
) -> bool:
    """Whether a level or upright line goes through a card."""
    left, right, top, bottom = min(a[0], b[0]), max(a[0], b[0]), a[1], b[1]
    across = left < box[0] + wide - 0.1 and right > box[0] + 0.1
    return across and top < box[1] + CARD - 0.1 and bottom > box[1] + 0.1


def test_bands_are_in_the_order_of_the_chain(small: Policy) -> None:
    """The strongest on top, also where a level has no norm; every card inside its band."""
    out = lay_out(small.graph, 960, 4)
    assert [band.rank for band in out.bands] == list(range(len(small.graph.chain)))
    tops = [band.top for band in out.bands]
    assert tops == sorted(tops)
    for number, (_, y) in out.cards.items():
        band = out.bands[small.graph.norms[number].strength]
        assert band.top < y < y + CARD < band.bottom


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("short", ["short"]),
        ("refunds.limit", ["refunds.", "limit"]),
        ("refunds_limit", ["refunds_", "limit"]),
        ("averylongwordindeed", ["averylongw", "ordindeed"]),
        ("refunds.limit_above_everything", ["refunds.", "limit_abo…"]),
    ],
)
def test_names_are_wrapped(name: str, lines: list[str]) -> None:
    """On at most two lines of ten letters."""
    assert wrapped(name, 10) == lines


def test_an_empty_policy_has_a_picture() -> None:
    """A policy may only bring words."""
    policy = remit.load("spec words\nauthor root\n")
    for export in FORMS.values():
        assert export(policy)
    ElementTree.fromstring(to_svg(policy))
