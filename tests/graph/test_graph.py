"""How norms fit together: a spec in `good/` has no finding, one in `bad/` has those beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

import remit
from remit.checked.norm import Act, Tool
from remit.graph.opposition import can_meet
from remit_grammar.codes import CODES
from remit_grammar.diagnostic import Diagnostic, render_all
from remit_grammar.source import Source

Golden = Callable[[Path, str], None]
HERE = Path(__file__).parent
GOOD, BAD = sorted(HERE.glob("good/*.spec")), sorted(HERE.glob("bad/*.spec"))
OF_THE_GRAPH = {"R0503", "R0602", "R0701", "R0702", "R0703", "R0704", "R0705", "R0706"}


def _found(path: Path) -> list[Diagnostic]:
    """Every finding; the files stand under short names, so that the text is the same everywhere."""
    return remit.check(Source(path.name, path.read_text("utf-8")), search=[HERE / "data"])[1]


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_good(path: Path) -> None:
    """Nothing is found, not even a warning."""
    assert render_all(_found(path)) == ""


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_bad(path: Path, golden: Golden) -> None:
    """The code in the file's name is found, and the text is the golden one."""
    found = _found(path)
    assert path.stem.partition("_")[0] in {one.code for one in found}
    text = render_all(found).replace(str(HERE / "data"), "data")
    golden(path.with_suffix(".stderr"), text)


def test_every_code_of_the_graph_has_a_case() -> None:
    """A code that no case shows may read badly, or never be found."""
    assert {path.stem.partition("_")[0] for path in BAD} == OF_THE_GRAPH
    assert set(CODES) >= OF_THE_GRAPH


def test_a_circle_shows_every_clause_on_it() -> None:
    """Three clauses, three reasons."""
    (circle,) = _found(HERE / "bad" / "R0701_override_goal_caution.spec")
    labels = [circle.primary, *circle.secondary]
    assert [one.text for one in labels if one] == [
        "beats `refunds.open` (exception)",
        "beats `refunds.none` (goal)",
        "beats `refunds.friends` (caution)",
    ]


def test_the_numbers_do_not_depend_on_the_order_of_files_and_clauses() -> None:
    """Law 3, for the graph itself."""
    head = "spec a\nauthor root\ntool f(x: number)\n"
    clauses = [
        "clause one\n  forbid call f where x > 1\n",
        "clause two at user\n  permit call f where x > 1\n",
        "clause three\n  protect call f\n",
        "clause four at user\n  forbid call f\n  except g: permit where x = 3\n",
    ]
    graphs = [
        remit.load(head + "".join(order)).graph
        for order in (clauses, clauses[::-1], clauses[2:] + clauses[:2])
    ]
    assert len({tuple(norm.id for norm in graph.norms) for graph in graphs}) == 1
    assert len({frozenset(graph.edges.items()) for graph in graphs}) == 1
    order = [norm.id for norm in graphs[0].norms]
    assert all(winner < loser for winner, loser in graphs[0].edges), order


def test_many_on_one_act_ask_once_whether_it_meets_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand that forbid and a thousand that permit make a million edges."""
    asked = []

    def counted(first: Act, second: Act, tools: Mapping[str, Tool]) -> bool:
        asked.append((first, second))
        return can_meet(first, second, tools)

    monkeypatch.setattr("remit.graph.from_checked.can_meet", counted)
    clauses = [f"clause f{at}\n  forbid paying\nclause p{at}\n  permit paying\n" for at in range(9)]
    graph = remit.load("spec s\nauthor user\nact paying = call pay\n" + "".join(clauses)).graph
    assert len(graph.edges) == 81
    assert len(asked) == 1
