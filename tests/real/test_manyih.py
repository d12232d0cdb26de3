"""Instructions with many levels of privilege: the winners come out of the specs made of them.

A larger privilege is the stronger one: with that chain every item of the data comes out right, with
the chain turned round none does. Neither a "stronger conflicting instruction exists" rule would do:
what is struck out strikes out nothing.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.real.manyih import FORMS, SPOKEN, STANDING, Item, item_from, main, outcome, read_items

import remit
from remit.verify import verify_records

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "dev" / "manyih.jsonl"
needs_data = pytest.mark.skipif(not DATA.is_file(), reason="the real items are not here")


def row(id: int, privilege: float, style: str, *clashes: int, key: str = "k") -> dict[str, Any]:
    """An instruction as the data writes it."""
    return {"id": id, "privilege": privilege, "style_key": key, "style_id": style,
            "conflicts_with": list(clashes), "description": f"Write {style}."}  # fmt: skip


def made(*rows: dict[str, Any], expected: dict[str, list[str]] | None = None) -> Item:
    """An item of these instructions."""
    item, problems = item_from({"id": 7, "instructions": list(rows), "expected": expected or {}})
    assert item is not None, problems
    return item


# a (30) strikes out b (20), so b does not strike out c (10); d goes with all
CHAINED = (row(1, 30, "a", 2), row(2, 20, "b", 1, 3), row(3, 10, "c", 2), row(4, 5, "d"))


@needs_data
@pytest.mark.parametrize("form", FORMS)
def test_every_item_has_its_winners(form: str) -> None:
    items = [item for item, _ in read_items(DATA)]
    missed = [made.explain() for item in items if item for made in [outcome(item, form)]
              if not made.is_right]  # fmt: skip
    assert not missed, missed[:3]
    assert len(items) == 143
    assert None not in items


@needs_data
def test_a_larger_privilege_is_stronger() -> None:
    items = [item for item, _ in list(read_items(DATA))[:20]]
    right = [outcome(item, smaller_is_stronger=True).is_right for item in items if item]
    assert right == [False] * 20


@needs_data
def test_the_records_verify() -> None:
    item = next(item for item, _ in read_items(DATA) if item)
    policy = remit.load(item.spec())
    decision = policy.session().decide(remit.Message("assistant", "Done."))
    assert verify_records([decision.to_json()], policy) == []


@pytest.mark.parametrize("form", FORMS)
def test_what_is_struck_out_strikes_out_nothing(form: str) -> None:
    found = outcome(made(*CHAINED), form)
    assert {style for styles in found.won.values() for style in styles} == {"a", "c", "d"}
    assert found.lost == {"2": "b (20) lost to a (30): authority"}


def test_the_order_of_speaking_decides_nothing_across_levels() -> None:
    item = made(*CHAINED, row(5, 1, "e", 3, 4))
    orders = [outcome(item, SPOKEN, seed=seed).won["k"] for seed in range(10)]
    assert [sorted(won) for won in orders] == [["a", "c", "d"]] * 10


def test_at_one_level_the_later_counts_and_standing_ones_do_not_compile() -> None:
    item = made(row(1, 5, "a", 2), row(2, 5, "b"))
    said = {tuple(outcome(item, SPOKEN, seed=seed).won["k"]) for seed in range(8)}
    assert said == {("a",), ("b",)}
    with pytest.raises(remit.SpecError, match="R0705"):
        outcome(item)


@pytest.mark.parametrize("form", FORMS)
def test_conflicts_across_keys_count(form: str) -> None:
    item = made(row(1, 9, "a", 2, key="x"), row(2, 8, "b", key="y"), row(3, 7, "c", 2, key="y"),
                expected={"x": ["a"], "y": ["c"]})  # fmt: skip
    assert outcome(item, form).is_right


@pytest.mark.parametrize("form", FORMS)
def test_odd_names_and_texts_are_only_names_and_texts(form: str) -> None:
    rows = [row(1, 2.5, "a`b", 2), row(2, -1, "a b", 1), row(3, 0, "a::b@1"), row(11, 7, "set", 1)]
    rows[0]["description"] = 'Say "\\d+" /x/\n- forbid call'
    rows[1]["description"] = "é\tInstruction 1: # { }"
    item = made(*rows, expected={"k": ["set", "a b", "a::b@1"]})
    assert outcome(item, form).explain() == [f"item 7 ({form})"]
    assert outcome(item, form).is_right


def test_many_instructions_that_have_nothing_to_do_with_each_other() -> None:
    pairs = [(2 * n, 2 * n + 1) for n in range(30)]
    rows = [row(one, 99 - one, f"s{one}", *{*pair} - {one}) for pair in pairs for one in pair]
    found = outcome(made(*rows))
    assert sorted(found.won["k"]) == sorted(f"s{first}" for first, _ in pairs)


def test_a_miss_is_explained() -> None:
    found = outcome(made(*CHAINED, expected={"k": ["a", "b", "d"]}))
    assert found.explain() == [
        "item 7 (standing)",
        "  k: expected a, b, d, got a, c, d",
        "    b (20) lost to a (30): authority",
    ]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"instructions": []}, "an item has a list of `instructions`"),
        ({"instructions": [3]}, "instruction 1 is no object"),
        ({"expected": ["a"]}, "`expected` maps each key to a list of styles"),
        ({"expected": None}, "`expected` maps each key to a list of styles"),
        ({"instructions": [row(1, 1, "a"), row(1, 2, "b")]}, "the id 1 is used 2 times"),
        ({"instructions": [row(1, 1, "a", 9)]},
         "instruction 1 conflicts with 9, which is not there"),
        ({"instructions": [row(1, 1, "a", 1)]}, "instruction 1 conflicts with itself"),
        ({"instructions": [row(1, 1, "a") | {"privilege": "high"}]},
         'instruction 1: `privilege` is "high", where a number belongs'),
        ({"instructions": [{"id": 1, "privilege": 1, "style_key": "k", "style_id": "a",
                            "description": "x"}]},
         "instruction 1: `conflicts_with` is missing, where a list of ids belongs"),
    ],
)  # fmt: skip
def test_malformed_items_are_told(change: dict[str, Any], told: str) -> None:
    item, problems = item_from({"id": 1, "instructions": [row(1, 1, "a")], "expected": {}} | change)
    assert item is None
    assert problems == [told]


def test_all_findings_at_once() -> None:
    rows = [row(1, 1, ""), row(2, True, "b"), "x"]
    _, problems = item_from({"id": 1, "instructions": rows, "expected": 3})
    assert len(problems) == 4


@pytest.mark.parametrize(
    ("lines", "code", "last"),
    [
        ([{"id": 1, "instructions": CHAINED, "expected": {"k": ["d", "c", "a"]}}], 0, "1 of 1"),
        ([{"id": 1, "instructions": CHAINED, "expected": {"k": ["a"]}}], 1, "0 of 1"),
        (["{"], 1, "0 of 1"),
        ([], 1, "0 of 0"),
    ],
)
def test_the_command(
    lines: list[Any], code: int, last: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "items.jsonl"
    path.write_text("".join(f"{x if isinstance(x, str) else json.dumps(x)}\n" for x in lines))
    assert main([str(path)]) == code
    assert capsys.readouterr().out.splitlines()[-1] == last


def test_the_command_shows_a_spec_that_compiles(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "items.jsonl"
    path.write_text(json.dumps({"id": 1, "instructions": CHAINED, "expected": {}}))
    assert main([str(path), "--show", "1"]) == 0
    text = capsys.readouterr().out
    assert text == outcome_spec()
    assert remit.load(text).name == "manyih"


def outcome_spec() -> str:
    """The spec of the chained item, with the line end that printing adds."""
    return made(*CHAINED).spec(STANDING) + "\n"


def test_a_file_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "none.jsonl")]) == 2
    assert "No such file" in capsys.readouterr().err
