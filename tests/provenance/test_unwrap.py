"""Nested values, JSON in texts, and encodings: of what is asked and of what was added."""

from __future__ import annotations

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remit.program.values import UNKNOWN
from remit.provenance import Caps, Index, Leaf, leaves
from remit.provenance.unwrap import LAYERS, LONGEST_JSON

Make = Callable[..., Index]
SECRET = "alice?>~ö@x.org / 4711"


def base64(text: str) -> str:
    return b64encode(text.encode()).decode()


ENCODED = [
    ("base64", base64(SECRET)),
    ("base64", base64(SECRET).rstrip("=")),
    ("base64", urlsafe_b64encode(SECRET.encode()).decode()),
    ("base64", base64(SECRET)[:9] + "\n" + base64(SECRET)[9:]),
    ("percent", quote(SECRET, safe="")),
    ("hex", SECRET.encode().hex()),
    ("hex", "0x" + SECRET.encode().hex().upper()),
    ("json", json.dumps({"to": [SECRET]})),
    ("json", json.dumps(SECRET)),
    ("base64: hex", base64(SECRET.encode().hex())),
    ("base64", json.dumps([base64(SECRET)])),
    ("percent: base64: hex", quote(base64(SECRET.encode().hex() + "00")[:-4] + "=", safe="")),
]


@pytest.mark.parametrize(("how", "text"), ENCODED[:-1])
def test_what_is_asked_is_decoded(index: Make, how: str, text: str) -> None:
    found = index("other", f"send it to {SECRET} now").origins_of({"args": [1, text]})
    assert found.origins == {1}
    assert f"{how}: text" in found.forms


@pytest.mark.parametrize("text", [text for _, text in ENCODED[:-1]])
def test_what_was_added_is_decoded(index: Make, text: str) -> None:
    made = index("other", text, {"page": {"body": text}})
    assert made.origins_of(SECRET).origins == {1, 2}


@pytest.mark.parametrize("text", [ENCODED[at][1] for at in (0, 1, 2, 4, 5, 6)])
def test_encoded_pieces_of_a_text_are_decoded(index: Make, text: str) -> None:
    assert index("other", f"see {text} there").origins_of(SECRET).origins == {1}
    assert index("other", SECRET).origins_of(f"see {text} there").origins == {1} or "%" in text


def test_quotes_are_decoded(index: Make) -> None:
    text = "one two three four five six seven eight nine"
    assert index(text).quotes(base64(text)).origins == {0}
    assert index(base64(text)).quotes({"body": ["x", text]}).origins == {0}
    assert index(json.dumps({"a": "zero\n" + text})).quotes(f"ab {text}").origins == {0}


def test_layers_are_bounded(index: Make) -> None:
    text = "the hidden address"
    for layer in range(1, LAYERS + 2):
        text = base64(text)
        found = index("the hidden address").origins_of(text)
        assert bool(found.hits) == (layer <= LAYERS)


def test_a_field_that_stands_twice_is_seen_twice(index: Make) -> None:
    found = index("a@x.org", "b@x.org").origins_of('{"to": "a@x.org", "to": "b@x.org"}')
    assert found.origins == {0, 1}


def test_leaves_have_paths() -> None:
    value: Any = {"to": ["a", {"b": 1}], "a@x.org": None, 5: (True,), "e": {}}
    assert list(leaves(value)) == [
        Leaf("to[0]", "a"), Leaf("to[1].b", 1), Leaf("{a@x.org}", "a@x.org"), Leaf("a@x.org", None),
        Leaf("{5}", 5), Leaf("5[0]", True),
    ]  # fmt: skip
    assert list(leaves("x")) == [Leaf("", "x")]


def test_leaves_are_bounded() -> None:
    deep: Any = "x"
    for _ in range(100_000):
        deep = [deep]
    assert [leaf.value for leaf in leaves(deep)] == [UNKNOWN]
    ring: list[Any] = []
    ring.append(ring)
    assert [leaf.value for leaf in leaves(ring)] == [UNKNOWN]
    laughs: Any = ["ha"]
    for _ in range(60):
        laughs = [laughs] * 10
    few = list(leaves(laughs, Caps(leaves=1000)))
    assert len(few) <= 1001
    assert few[-1].value is UNKNOWN
    assert [leaf.value for leaf in leaves({"a": {1, 2}})] == [UNKNOWN]
    wide = list(leaves(dict.fromkeys(range(10**6)), Caps(leaves=10)))
    assert len(wide) <= 11
    assert wide[-1].value is UNKNOWN


@pytest.mark.parametrize(
    "text",
    ["[" * 20_000 + "]" * 20_000, '{"a":' * 10_000 + "1" + "}" * 10_000, "[" + "9" * 5000 + "]",
     '["\\ud800"]', "[NaN, Infinity]", "[1,]", '"', "{}", "[]", "%", "%zz", "%ff%fe", "=" * 50,
     "0x", "\x00" * 20, "%00"],
)  # fmt: skip
def test_odd_texts_do_no_harm(index: Make, text: str) -> None:
    made = index("word", text, [text])
    made.origins_of(text)
    made.quotes(text)
    assert made.origins_of("word").origins == {0}


def test_json_that_is_too_large_is_unknown(index: Make) -> None:
    text = json.dumps(["x" * LONGEST_JSON])
    made = index(text)
    assert made.is_cut
    assert index("x").origins_of(text).unknown


@settings(max_examples=100, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_whatever_was_added_is_found(value: Any) -> None:
    index = Index()
    index.add(0, "something else")
    index.add(1, value)
    for leaf in leaves(value):
        found = index.origins_of(leaf.value)
        assert 1 in found.origins or not _speaks(leaf.value)


def _speaks(value: object) -> bool:
    from remit.provenance.normal import normalised, tokens

    if isinstance(value, float):
        return abs(value) != float("inf")
    return value is not None and bool(tokens(normalised(str(value))))
