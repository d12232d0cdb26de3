"""Saved and restored: continue equals continue, and no data is trusted."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remit.provenance import Caps, Index
from remit.provenance.measure import message
from remit.provenance.save import from_json, to_json


def _asked(index: Index, end: int) -> Sequence[object]:
    values: list[object] = ["USD", "account", 5.5, "ID-000007", "absent", "person9@host9.example"]
    return [index.origins_of(one) for one in values] + [
        index.quotes(message(at)) for at in range(0, end, max(end // 10, 1))
    ]


@pytest.mark.parametrize(("messages", "memory"), [(0, 1 << 20), (5, 1 << 20), (3000, 1 << 20),
                                                  (3000, 8 << 20)])  # fmt: skip
def test_to_go_on_is_to_go_on(messages: int, memory: int) -> None:
    index = Index(Caps(memory=memory))
    for origin in range(messages):
        index.add(origin, message(origin), origin % 3)
    data = to_json(index)
    made = from_json(json.loads(json.dumps(data)))
    assert to_json(made) == data
    for origin in range(messages, messages + 600):
        index.add(origin, message(origin), origin % 3)
        made.add(origin, message(origin), origin % 3)
    assert _asked(made, messages + 600) == _asked(index, messages + 600)
    assert to_json(made) == to_json(index)


def test_long_texts_go_on_over_blocks() -> None:
    index = Index()
    text = " ".join(f"word{at}é" for at in range(5000))
    index.add(0, text)
    index.add(1, "\ud800 odd")
    made = from_json(json.loads(json.dumps(to_json(index))))
    assert made.origins_of(text).origins == {0}
    assert made.origins_of("\ud800").origins == {1}
    assert made.origins_of(text + " x").truth is False


def test_a_long_word_is_found_after_it_was_saved() -> None:
    word = "".join(f"{at * 7919 % 9973:04d}x" for at in range(5000))
    index = Index()
    for origin in range(3):
        index.add(origin, f"{'some text ' * 30} {word[origin:]} end {'a b c' * origin}")
    made = from_json(to_json(index))
    assert made.origins_of(word).origins == index.origins_of(word).origins == {0}
    assert made.quotes(word[7000:7050]).origins == {0, 1, 2}
    assert to_json(made) == to_json(index)


@cache
def _text() -> str:
    index = Index()
    index.add(0, " ".join(f"word{at}" for at in range(600)))
    for origin in range(1, 12):
        index.add(origin, message(origin), origin % 2)
    index.file()
    for origin in range(12, 15):
        index.add(origin, message(origin), origin % 2)
    index.add(15, object())
    return json.dumps(to_json(index))


def _data() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(_text())
    return read


_KEYS: dict[tuple[str | int, ...], list[str | int]] = {
    (): ["version", "caps", "end", "groups", "slots", "newest"],
    ("caps",): ["memory", "work"],
    ("groups", 0): ["group", "gap", "slots", "sizes", "starts", "origins", "goes_on", "text"],
    ("groups", 0, "sizes"): [0], ("groups", 0, "starts"): [0, -1],
    ("groups", 0, "origins"): [0, -1], ("groups", 0, "goes_on"): [0, -1],
    ("groups", 0, "slots"): [0], ("groups",): [1], ("newest",): ["rows", "text"],
    ("newest", "rows", 0): [0, 1, 2, 3],
}  # fmt: skip
PATHS: list[tuple[str | int, ...]] = [(*path, key) for path, keys in _KEYS.items() for key in keys]
WRONG = [[], {}, "x", -1, 1.5, 10**30, "AAAA", [[5]], "0xffffffffffffffffffffff", [[]], [3], "é"]


@pytest.mark.parametrize("path", PATHS, ids=str)
def test_what_is_wrong_is_refused(path: tuple[Any, ...]) -> None:
    for wrong in WRONG:
        if path == ("groups",) and wrong == []:
            continue  # no groups are an index too
        data = _data()
        inside = data
        for key in path[:-1]:
            inside = inside[key]
        inside[path[-1]] = wrong
        with pytest.raises(ValueError, match="cannot be read"):
            from_json(data)
        del inside[path[-1]]
        if path == ("groups", 1):
            continue  # fewer groups are an index too
        with pytest.raises(ValueError, match="cannot be read"):
            from_json(data)


@pytest.mark.parametrize("data", [None, [], "x", {}, {"version": 2}, {"version": 1, "caps": {}}])
def test_no_index_at_all_is_refused(data: object) -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        from_json(data)


def test_a_bomb_is_refused() -> None:
    import zlib
    from base64 import b64encode

    data = _data()
    data["groups"][0]["text"] = b64encode(zlib.compress(b"\0" * (50 << 20))).decode()
    with pytest.raises(ValueError, match="cannot be read"):
        from_json(data)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_flipped_character_is_refused_or_harmless(data: st.DataObject) -> None:
    text = _text()
    at = data.draw(st.integers(0, len(text) - 1))
    changed = text[:at] + data.draw(st.sampled_from('09aZ"[],{}-')) + text[at + 1 :]
    try:
        read = json.loads(changed)
    except ValueError:
        return
    try:
        made = from_json(read)
    except ValueError:
        return
    made.add(10**6, "more words")
    assert made.origins_of("more words").origins == {10**6}
