"""The scan for all finders at once against each finder alone: it may never lose anything."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from remit.program.reading import MOST, Reading
from remit.text import scan
from remit.text.detectors import BUILT_IN
from remit.text.finders import Finder, finder, matcher, piece
from remit.text.model import Pattern
from remit.text.patterns import check_regex
from remit.text.scan import Scanner

REGEXES = (
    "a", "", "^", "$", r"\z", r"\A", r"^a$", r"a|b", "ab?c*", r"\bk\b", r"[k-m]x", "a{2,3}b",
    r"(?m)^b$", r"(?s)a.b", r"a.*b", r"[^a]b", r"\d{3}-x", r"\pL+é", "ß", "(?i)ß", "ſ", "İ",
    "(?i)i̇", "[İK]z", "(?i)σs", r"\x{1F389}", r"(?:ab|cd)+e", r"(a|bc)(d|ef)x?", "\ufffd", r"\x00",
    r"\Qa.b\E", "K", "(?i)k", r"remit", r"\x00remit", r"remit\x00", r"remit\x00\z", "((a*)*)*b",
)  # fmt: skip
TEXTS = (
    "", "a", "ab\nb", "abc", "k", "\u212a", "K", "kx", "lx", "aab", "straße", "STRASSE", "ẞ", "ſs",
    "İ", "i̇", "ıI", "Σς", "\ud800", "a\0b", "🎉", "ababe", "a.b", "123-x", "\0remit\0", "éé",
    "\udfff!", "remit", "bcef", "\r\n", "AbC", "K\ud800z", "ŉ", "ǰ",
)  # fmt: skip
letters = st.sampled_from("abkKiIsSßſİıσςΣé\u212a\ud800\ufffd🎉\0\n .-1x")
texts = st.one_of(
    st.sampled_from(TEXTS),
    st.lists(st.one_of(st.sampled_from(TEXTS), letters), max_size=12).map("".join),
)
literals = texts.filter(bool)
written = st.lists(
    st.one_of(
        st.sampled_from(REGEXES),
        st.sampled_from([r"\b", ".", "a*", "|", "(?:", ")", "[", "]", "+"]),
    ),
    max_size=5,
).map("".join)
regexes = st.builds(
    lambda text, flags: Pattern(text, is_regex=True, flags=flags),
    st.one_of(st.sampled_from(REGEXES), written),
    st.sampled_from(["", "i", "ims"]),
).filter(lambda one: check_regex(one.text, one.flags) is None)
patterns = st.lists(
    st.one_of(regexes, literals.map(lambda text: Pattern(text, is_regex=False))),
    min_size=1, max_size=3,
).map(tuple)  # fmt: skip
finders = st.lists(
    st.one_of(
        patterns.map(matcher),
        texts.map(piece),
        st.sampled_from(sorted(BUILT_IN)).map(lambda name: finder(name, ())),
    ),
    min_size=1, max_size=6,
)  # fmt: skip


@pytest.fixture(autouse=True, scope="module")
def _few_are_scanned_for() -> Iterator[None]:
    """So that small cases try the scan too; with few patterns it is left out."""
    few, scan.FEW = scan.FEW, 0
    yield
    scan.FEW = few


@given(finders, st.lists(texts, min_size=1, max_size=3))
@example([matcher((Pattern("a", True),))], ["a"])
def test_a_reading_finds_what_each_finder_finds_alone(
    several: list[Finder], read: list[str]
) -> None:
    """Empty matches, anchors, letters with odd cases, and halves of characters too."""
    reading = Reading(Scanner(lambda: several))
    for text in read * 2:
        for one in several:
            assert reading.found(one, text) == one.found(text)
            assert one.folds or reading.spans(one, text) == one.spans(text)
            assert one.folds or reading.sayings(one, text, 3) == one.sayings(text, 3)


@pytest.mark.parametrize("char", ["ß", "ẞ", "ſ", "K", "İ", "ı", "ŉ", "ǰ", "ΐ", "ﬁ", "Ǆ", "ꭰ", "Ა"])
def test_letters_whose_cases_differ_in_number(char: str) -> None:
    """A text is found in each of its own cases, as the finder alone says."""
    several = [piece(f"a{char}"), matcher((Pattern(f"a{char}", is_regex=False),)),
               matcher((Pattern(f"a{char}", is_regex=True),)),
               matcher((Pattern(f"(?i)a[{char}]", is_regex=True),))]  # fmt: skip
    reading = Reading(Scanner(lambda: several))
    for made in {char, char.upper(), char.lower(), char.title(), char.casefold()}:
        for text in (f"a{made}", f"A{made}"):
            assert [reading.found(one, text) for one in several] == [
                one.found(text) for one in several
            ]


def regexes_of(*sources: str) -> list[Finder]:
    """A finder for each regular expression."""
    return [matcher((Pattern(one, is_regex=True),)) for one in sources]


def candidates(scanner: Scanner, several: list[Finder], text: str) -> list[Finder]:
    """The finders that a scan leaves."""
    hits = scanner.hits(text)
    left = [one for one in several if scanner.places(one, hits) != []]
    assert hits.finders == set(left)
    return left


def test_few_patterns_are_asked_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "FEW", 2)
    for several, left in ((regexes_of("abc", "xyz"), 2), (regexes_of("abc", "xyz", "k"), 1)):
        scanner = Scanner(lambda several=several: several)  # type: ignore[misc]
        assert len(candidates(scanner, several, "nothing")) == left
        assert Reading(scanner).found(several[1], "xyz")
        assert not Reading(scanner).found(several[1], "abc")


def test_the_scan_excludes() -> None:
    """What lacks a piece of a pattern is not asked; one that is not the scanner's always is."""
    several = regexes_of(*(rf"key{i}\s*=\s*\w+" for i in range(100)))
    scanner = Scanner(lambda: several)
    assert candidates(scanner, several, "nothing here") == []
    assert candidates(scanner, several, "key7 or KEY42") == [several[4], several[7], several[42]]
    strange = regexes_of("key")[0]
    assert scanner.places(strange, scanner.hits("nothing")) is None
    assert Reading(scanner).found(strange, "a key")


def test_only_the_patterns_that_were_hit_are_asked() -> None:
    """Of a detector with many."""
    many = matcher(tuple(Pattern(f"word{i} +x", is_regex=True) for i in range(50)))
    scanner = Scanner(lambda: [many, piece("word7")])
    text = "word30  x and word7 x"
    assert scanner.places(many, scanner.hits(text)) == [3, 7, 30]
    assert Reading(scanner).spans(many, text) == [(0, 9), (14, 21)]
    assert sum(one is not None for one in many._matcher._regexes) == 3


def test_a_scan_that_fails_leaves_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    """RE2 says "nothing" of a scan that ran out of memory; that is told by what is always there."""
    several = regexes_of("abc", "xyz")
    scanner = Scanner(lambda: several)
    assert candidates(scanner, several, "none") == []
    monkeypatch.setattr(scan, "_ALWAYS", b"")
    assert candidates(scanner, several, "none") == several


def test_pieces_that_take_too_much_memory_are_split() -> None:
    """More pieces than one scan has memory for; nothing is lost."""
    several = [
        matcher((Pattern(f"{i} " + "straße und gasse " * 12 + str(i), is_regex=False),))
        for i in range(600)
    ]
    scanner = Scanner(lambda: several)
    for number in (0, 299, 300, 577, 599):
        text = several[number].patterns[0].text.replace("gasse", "GASSE")
        assert candidates(scanner, several, f"x {text}!") == [several[number]]
    assert len(scanner._sieves) > 1


def test_a_pattern_that_fits_no_scan_is_asked_alone() -> None:
    """It is always left, so nobody takes a missing hit for a no."""
    long = Pattern("(?i)[abcd]" + "ſK" * 4000, is_regex=True)
    most = matcher((long, Pattern("needle", is_regex=False)))
    for several in ([most, piece("other")], [most]):
        scanner = Scanner(lambda several=several: several)  # type: ignore[misc]
        assert candidates(scanner, several, "nothing") == [most]
        reading = Reading(scanner)
        assert reading.found(most, "a needle")
        assert reading.found(most, "c" + "sk" * 4000)
        assert not reading.found(most, "c" + "sk" * 3999)


def test_threads_share_a_scanner() -> None:
    """At the first use too."""
    several = [matcher((Pattern(f"word{i}z", is_regex=False),)) for i in range(50)]
    scanner = Scanner(lambda: several)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda i: scanner.hits(f"a word{i % 50}z b"), range(400)))
    assert all(one.finders == {several[i % 50]} for i, one in enumerate(found))


def test_a_reading_forgets_what_is_too_much() -> None:
    """Its memory has a bound, and its answers stay."""
    reading = Reading(Scanner(lambda: [piece("needle")]))
    for i in range(3 * MOST):
        assert reading.found(piece("needle"), f"needle {i}")
        assert reading.made("words", f"a {i}") == ["a", str(i)]
    held = [len(reading._hits), len(reading._found), *map(len, reading._made.values())]
    assert all(0 < one <= MOST for one in held)


def test_a_closer_look_tells_of_several(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a scan always leaves is not searched for one by one."""
    several = regexes_of(*(rf"[0-9]{{{many}}}\b" for many in range(2, 22)))
    reading = Reading(Scanner(lambda: several))
    assert [reading.found(one, "it is 1234") for one in several] == [True] * 3 + [False] * 17
    monkeypatch.setattr(Finder, "found", None)
    assert not any(reading.found(one, "it is 7") for one in several)


class Failing:
    """RE2's set where it runs out of memory."""

    def Match(self, data: bytes) -> None:
        """Nothing is found, and nothing is said of that."""


def test_a_closer_look_that_fails_says_no_to_nothing() -> None:
    several = regexes_of(*(rf"a[a-z]{{{many}}}1" for many in range(9, 17)))
    scanner = Scanner(lambda: several)
    assert not scanner.idle
    (closer,) = set(scanner.closer.values())
    assert len(closer.lacking("a short text")) == 8
    closer._set = Failing()
    assert closer.lacking("a short text") == frozenset()
    reading = Reading(scanner)
    assert [reading.found(one, "abcdefghijk1") for one in several] == [False, True] + [False] * 6


def test_a_closer_look_that_has_to_begin_anew() -> None:
    """A text for which the automaton needs more states than it may keep."""
    several = regexes_of(*(rf"a[a-z]{{{many}}}1" for many in range(9, 17)))
    scanner = Scanner(lambda: several)
    text = "".join("ab"[at * at % 7919 % 2] for at in range(5_000))
    reading = Reading(scanner)
    for asked in (text, f"{text}1", f"{text}1{text}"):
        assert [reading.found(one, asked) for one in several] == [
            one.found(asked) for one in several
        ]


def test_a_closer_look_says_no_only_where_nothing_is_left() -> None:
    """Finders of one look, of two, and with a pattern that the scan left by its pieces."""
    loose = [Pattern(f"{one}+{one}+[0-9]", is_regex=True) for one in "abcdefghijkl"]
    needle = Pattern("needle", is_regex=False)
    finders = [
        matcher((loose[0],)), matcher(tuple(loose[:3])), matcher(tuple(loose)),
        matcher((loose[5], needle)), matcher((needle,)), piece("x"),
    ]  # fmt: skip
    scanner = Scanner(lambda: finders)
    texts = ["", "aa1", "bb2", "ff3", "ll4", "needle", "a needle ff5", "nothing", "AA1", "x ll1"]
    for text in texts:
        reading = Reading(scanner)
        for _ in range(2):
            assert [reading.found(one, text) for one in finders] == [
                one.found(text) for one in finders
            ], text
    looks = [scanner.look(one, scanner.hits("needle")) is not None for one in finders]
    assert looks == [True, True, False, False, False, False]
