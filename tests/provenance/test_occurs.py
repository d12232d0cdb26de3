"""The index against a definition that searches everything."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remit.provenance import Caps, Index
from remit.provenance.blocks import CHARACTERS, WORDS
from remit.provenance.normal import normalised, tokens

Make = Callable[..., Index]
WORD = st.sampled_from(["a", "b", "ab", "1", "10", "x@y.org", "é", "-", ",", "long" * 5, "的"])
TEXT = st.lists(WORD, max_size=30).map(" ".join)
ANY = st.text(max_size=60)


def occurs(look: list[str], inside: list[str]) -> bool:
    """Whether the tokens stand there in a row."""
    width = len(look)
    places = range(len(inside) - width + 1)
    return width > 0 and any(inside[at : at + width] == look for at in places)


def pieces(left: str, right: str) -> bool:
    """Whether two lines share a piece that is long enough: all pairs of places are tried."""
    for at in range(len(left)):
        for place in range(len(right)):
            if at and place and left[at - 1] == right[place - 1]:
                continue  # part of a piece that was seen
            size = 0
            while left[at + size : at + size + 1] == right[place + size : place + size + 1] != "":
                size += 1
            if long_enough(left[at : at + size]):
                return True
    return False


def long_enough(piece: str) -> bool:
    """8 whole words or 40 characters that are no blanks."""
    words = [one for one in piece.split(" ")[1:-1] if one[:1].isalnum()]
    return len(piece.replace(" ", "")) >= CHARACTERS or len(words) >= WORDS


def line(text: str) -> str:
    """A text in normal form."""
    return f" {' '.join(tokens(normalised(text)))} "


def _file_perhaps(index: Index, data: st.DataObject) -> None:
    if data.draw(st.sampled_from([False, False, True])):
        index.file()


@settings(max_examples=150, deadline=None)
@given(st.lists(TEXT | ANY, max_size=8), st.data())
def test_texts_occur_where_their_tokens_do(texts: list[str], data: st.DataObject) -> None:
    index = Index()
    for origin, text in enumerate(texts):
        index.add(origin, text, origin % 3)
        _file_perhaps(index, data)
    cut = [one[len(one) // 3 : -2] for one in texts]
    asked = data.draw(st.sampled_from(["a", *texts, *cut]) | TEXT)
    look = tokens(normalised(asked))
    expected = {n for n, one in enumerate(texts) if occurs(look, tokens(normalised(one)))}
    found = index.origins_of(asked)
    assert {hit.origin for hit in found.hits if hit.form == "text"} >= expected
    if look and all(one.isalpha() for one in look) and "." not in asked:
        assert found.origins == expected
    assert not found.gaps
    assert not found.partial


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 40_000), st.integers(1, 3000), st.integers(0, 9))
def test_long_texts_are_found_across_blocks(start: int, width: int, step: int) -> None:
    words = [f"w{at * (step * 2 + 1) % 2500}" for at in range(5000)]
    text = " ".join(words)
    start = start % (len(words) - width)
    index = Index()
    index.add(0, "before")
    index.add(1, text)
    index.add(2, "after")
    asked = " ".join(words[start : start + width])
    assert index.origins_of(asked).origins == {1}
    assert index.origins_of(f"{asked} w9999").origins == set()
    if width >= WORDS:
        assert index.quotes(f"zz {asked} zz").origins == {1}


@settings(max_examples=150, deadline=None)
@given(st.lists(TEXT, min_size=1, max_size=4), TEXT, st.data())
def test_quotes_are_the_shared_pieces(texts: list[str], own: str, data: st.DataObject) -> None:
    index = Index()
    for origin, text in enumerate(texts):
        index.add(origin, text, origin % 2)
        _file_perhaps(index, data)
    source = data.draw(st.sampled_from(texts))
    low, high = sorted(data.draw(st.tuples(*[st.integers(0, len(source))] * 2)))
    asked = own + source[low:high] + data.draw(WORD)
    if not long_enough(line(asked)):
        return
    found = index.quotes(asked)
    assert found.origins == {n for n, one in enumerate(texts) if pieces(line(asked), line(one))}
    assert found.sure


CHARS = st.text("ab -", max_size=120)


@settings(max_examples=150, deadline=None)
@given(st.lists(CHARS, min_size=1, max_size=3), CHARS, CHARS, st.data())
def test_quotes_begin_and_end_anywhere(
    texts: list[str], left: str, right: str, data: st.DataObject
) -> None:
    index = Index()
    for origin, text in enumerate(texts):
        index.add(origin, text)
        _file_perhaps(index, data)
    source = data.draw(st.sampled_from(texts))
    low, high = sorted(data.draw(st.tuples(*[st.integers(0, len(source))] * 2)))
    asked = left + source[low:high] + right
    if long_enough(line(asked)):
        found = index.quotes(asked)
        assert found.origins == {n for n, one in enumerate(texts) if pieces(line(asked), line(one))}


@pytest.mark.parametrize("cut", [0, 1, 5, 11, 12, 13, 400, 3999, 4000, 4095, 4096, 9000])
def test_a_piece_of_one_long_word_is_a_quote(index: Make, cut: int) -> None:
    word = "".join(f"{at * 7919 % 9973:04d}x" for at in range(2500))
    made = index("other", word)
    assert made.quotes(f"see {word[cut : cut + 40]}.").origins == {1}
    assert made.quotes(f"see Z{word[cut : cut + 40]}Z.").origins == {1}
    assert made.quotes(f"see {word[cut : cut + 30]} and more words").origins == set()


def test_eight_words_are_a_quote_and_seven_are_not(index: Make) -> None:
    made = index("I do not see it as a bad one")
    assert made.quotes("He: I do not see it as a bad thing").origins == {0}
    assert made.quotes("He: you do not see it as a bad thing").origins == set()


def test_a_short_text_is_quoted_as_a_whole(index: Make) -> None:
    made = index("my code is 4711, ok?", "code 4711")
    assert made.quotes("Code is 4711").origins == {0}
    assert made.quotes("code  is 4712").origins == set()


@pytest.mark.parametrize("unit", ["word and more ", "的", "-", "a b "])
def test_a_long_text_that_repeats_itself_is_found(index: Make, unit: str) -> None:
    text = unit * 20_000
    made = index("x", text)
    assert made.origins_of(text).origins == {1}
    assert made.origins_of(text[: len(text) // 2]).origins == {1}
    assert made.origins_of(text + "x").truth is not True
    assert made.quotes(text[:200]).origins == {1}


def test_phrases_do_not_cross_texts(index: Make) -> None:
    made = index("one two", "three four", {"a": "five six", "b": "seven"})
    assert not made.origins_of("two three").hits
    assert not made.origins_of("six seven").hits
    assert made.origins_of("five six").origins == {2}


def test_checksums_that_collide_are_told_apart(index: Make) -> None:
    """Two words with the same CRC-32: one is asked for, the other one is there."""
    from zlib import crc32

    left, right = "plumless", "buckeroo"
    assert crc32(left.encode()) == crc32(right.encode())
    filler = [" ".join(f"f{at}x{one}" for one in range(300)) for at in range(5)]
    made = index(f"the {right}", *filler)
    assert not made.origins_of(left).hits
    assert made.origins_of(right).origins == {0}
    assert not made.quotes(f"the {left}").hits


def test_a_reader_sees_only_what_was_there(index: Make) -> None:
    made = index("red", "blue red", "red again")
    for before in range(4):
        assert made.origins_of("red", before=before).origins == set(range(before))
    text = "one two three four five six seven eight nine"
    made = index("x", text, text)
    assert made.quotes(text, before=2).origins == {1}
    assert made.quotes(text, before=1).origins == set()


def test_answers_are_bounded_for_each_group() -> None:
    index = Index(Caps(answers=3))
    for origin in range(500):
        index.add(origin, f"yes {'word' * (origin % 40)}", 1)
    index.add(500, "yes", 2)
    found = index.origins_of("yes")
    assert found.groups == {1, 2}
    assert found.partial == {1}
    assert not found.sure
    assert len(found.hits) == 4
    assert found.among([2]) is True
    assert found.among([3]) is False


def test_origins_ascend() -> None:
    index = Index()
    index.add(3, "a")
    index.add(3, "b")
    for wrong in (2, -1, 1 << 62, True, "4", 4.0):
        with pytest.raises(ValueError, match="ascending"):
            index.add(wrong, "c")  # type: ignore[arg-type]
    assert index.origins_of("b").origins == {3}


def test_a_fork_grows_apart(index: Make) -> None:
    made = index(*[f"common text number {at} with words" for at in range(300)])
    fork = made.copy()
    made.add(300, "left only")
    fork.add(300, "right only")
    for at in range(301, 700):
        made.add(at, f"filler {at} of the left side")
    assert made.origins_of("left only").origins == {300}
    assert not fork.origins_of("left only").hits
    assert fork.origins_of("right only").origins == {300}
    assert not made.origins_of("right only").hits
    assert fork.origins_of("number 7").origins == made.origins_of("number 7").origins == {7}
