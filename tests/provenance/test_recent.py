"""What is new is found as what is filed is, and asking changes nothing that is found later."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remit.provenance import Index
from remit.provenance.index import MOST_WAITING
from remit.provenance.model import Caps, Found
from remit.provenance.normal import TOKEN, line_of
from remit.provenance.recent import MOST_SIZE, MOST_TEXTS
from remit.provenance.save import from_json, to_json

PIECES = [
    "a", "b", "1", "10", "1,000.00", "1.250", "12,50", "-5", "$5", "10kg", "0.05", "1 000 000",
    "1'000", "x@y.org", "bob@bücher.de", "xn--bcher-kva.de", "bücher.de", "www.example.com",
    "https://example.com/pay/", "é", "-", ",", "(", "的", "张三", "👍", "2024-05-05", "2024/05/05",
    "2024-05-05T10:00:00Z", "2024-05-05 12:00+02:00", "2024-05-04T23:30-02:00", "+49 151 1234567",
    "0049 151 1234567", "(212) 555-0100", "2125550100", "DE89370400440532013000",
    "DE89 3704 0044 0532 0130 00", "report", "Report,", "so we go on like this and then we stop",
    "like this", "word" * 9, "\n", "  ", "\u2028", "\ud800", "user_id", "=====", "-" * 45, "a.b.c",
    "ﬁnal", "1,234abc", f"x.{'a' * 80}.org",
]  # fmt: skip
NUMBERS = st.sampled_from([1, -5, 1000, 12.5, 1.25, 0.05, -1000.0, 1e-30, 10**21, 2125550100, True])
PLAIN = st.builds(
    str.join, st.sampled_from([" ", "", "\n"]), st.lists(st.sampled_from(PIECES), max_size=12)
)
ENCODED = st.one_of(
    PLAIN.map(lambda text: b64encode(text.encode("utf-8", "surrogatepass")).decode()),
    st.builds(lambda *inside: json.dumps(inside), PLAIN, NUMBERS, st.sampled_from(PIECES)),
)
TEXTS = PLAIN | PLAIN | ENCODED
VALUES = TEXTS | NUMBERS | st.fixed_dictionaries({"to": TEXTS, "items": st.lists(NUMBERS | PLAIN)})


def _told(found: Found) -> list[tuple[int, int, str]]:
    assert not found.partial
    return [(hit.origin, hit.group, hit.form) for hit in found.hits]


@settings(max_examples=250, deadline=None)
@given(st.lists(VALUES, min_size=1, max_size=8), st.data())
def test_what_is_new_is_found_as_what_is_filed(values: list[Any], data: st.DataObject) -> None:
    """Also after it was saved and restored; in all groups, and where the first hit is enough."""
    new, filed = Index(), Index()
    for origin, value in enumerate(values):
        new.add(origin, value, origin % 3)
        filed.add(origin, value, origin % 3)
        filed.file()
    restored = from_json(json.loads(json.dumps(to_json(new))))
    for _ in range(4):
        asked = data.draw(st.sampled_from([*values, *PIECES]) | VALUES)
        if type(asked) is str and data.draw(st.booleans()):
            low, high = sorted(data.draw(st.tuples(*[st.integers(0, len(asked))] * 2)))
            asked = asked[low:high]
        for how, ask in (("came from", Index.origins_of), ("quotes", Index.quotes)):
            told = _told(ask(filed, asked))
            assert _told(ask(new, asked)) == _told(ask(restored, asked)) == told
            for group in filed.groups:
                there = any(hit[1] == group for hit in told)
                assert new.among(how, asked, [group]) is there
                assert filed.among(how, asked, [group]) is there
    assert to_json(new) == to_json(restored)
    forked = restored.copy()
    restored.file()
    assert to_json(forked) == to_json(new)


def test_asking_changes_nothing_that_is_saved() -> None:
    asked, spared = Index(), Index()
    for origin in range(100):
        for index in (asked, spared):
            index.add(
                origin, f"the user {origin} of a@x.org has 1,000.00 and says \n so", origin % 2
            )
        asked.origins_of(1000)
        asked.quotes("the user and a@x.org has 1,000.00 and says so and so")
    assert to_json(asked) == to_json(spared)


def test_when_texts_are_filed_does_not_matter() -> None:
    """Where texts had to go to make room, and other groups began while those were waiting."""
    caps = Caps(memory=250_000)
    looked_at, left_alone = Index(caps), Index(caps)
    for origin in range(180):
        words = " ".join(f"w{origin}x{number}" for number in range(120))
        for index in (looked_at, left_alone):
            index.add(origin, words, max(origin - 120, 0) % 60)
        assert looked_at.size > 0
    assert looked_at.waiting == []
    assert sum(one.size for one in left_alone.waiting) <= MOST_WAITING
    assert to_json(looked_at) == to_json(left_alone)
    assert looked_at.is_cut


def test_what_waits_to_be_filed_is_found() -> None:
    for ask in (
        lambda index: index.origins_of("needle").origins,
        lambda index: index.copy().origins_of("needle").origins,
        lambda index: {0} if index.among("came from", "needle", [0]) is True else set(),
    ):
        index = Index()
        index.add(0, "a needle")
        index.file()
        assert index.waiting
        assert ask(index) == {0}


@pytest.mark.parametrize("size", [1, 2000, MOST_SIZE + 1])
def test_few_texts_are_new(size: int) -> None:
    index = Index()
    for origin in range(3 * MOST_TEXTS):
        index.add(origin, "y " * (size // 2) + "x")
        assert len(index.tail.texts) <= MOST_TEXTS
        assert index.tail.size <= MOST_SIZE
        assert index.store.used == (origin >= MOST_TEXTS or size * (origin + 1) > MOST_SIZE)


def test_an_index_without_pieces_finds_values() -> None:
    index = Index(pieces=False)
    for origin in range(200):
        index.add(origin, f"number {origin} of the long list of those who pay it")
    for origin in (0, 100, 199):
        asked = f"number {origin} of the long list of those who"
        assert index.origins_of(asked).origins == {origin}


SIGNS = st.lists(
    st.sampled_from(["a", "1", "-", "_", "@", ".", ",", "123", "a@b.c", "x.y", "é", "👍", "'", "%",
                     "q" * 70, "9" * 30, "a.b.c.d."]), min_size=1, max_size=9,
)  # fmt: skip


@settings(max_examples=30, deadline=None)
@given(SIGNS, st.integers(1, 4000), SIGNS)
def test_a_long_chunk_is_read_in_parts_as_at_once(
    unit: list[str], times: int, rest: list[str]
) -> None:
    chunk = "".join(unit) * times + "".join(rest)
    assert line_of([chunk]).decode().split() == TOKEN.findall(chunk)
