"""Patterns: what is accepted, what is found, and what the built-in detectors take and leave."""

from __future__ import annotations

from typing import Any

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from remit.text import patterns
from remit.text.detectors import is_card_number, is_iban
from remit.text.finders import finder
from remit.text.model import Pattern
from remit.text.patterns import BUILT_IN, VALIDATORS, Matcher, check_regex


def regex(text: str, flags: str = "") -> Pattern:
    """A regular expression."""
    return Pattern(text, is_regex=True, flags=flags)


def literal(text: str) -> Pattern:
    """A text to find whatever its case."""
    return Pattern(text, is_regex=False)


@pytest.mark.parametrize(
    "pattern",
    ["", "a", "(?P<n>a)", "(?<n>a)", "[(?<]x", r"\(?<x>", r"a*?b", r"(?i:a)", r"\pL+", "a{1000}",
     r"(a+)+$", "[(?=]", r"\+\+", "[*+]+", r"a\\1", r"\Q(?<\E", "(?<été>a)"],
)  # fmt: skip
def test_linear_patterns_are_accepted(pattern: str) -> None:
    """Nested repetitions too: they are only slow for other libraries."""
    assert check_regex(pattern, "") is None


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        (r"(a)\1", "backreference"),
        (r"(?P<n>a)(?P=n)", "backreference"),
        (r"(?<n>a)\k<n>", "backreference"),
        ("(?=a)b", "lookahead"),
        ("a(?!b)", "lookahead"),
        ("(?<=a)b", "lookbehind"),
        ("(?<!a)b", "lookbehind"),
        ("(?>a)", "atomic"),
        ("a++b", "possessive"),
        ("a*+", "possessive"),
        ("(?(1)a|b)", "conditional"),
        ("a{1001}", "more than 1,000"),
        ("a{2,5000}", "more than 1,000"),
        ("((a{100}){100}){100}", "too large"),
        ("[a", "`[` is not closed"),
        ("(a", "`(` is not closed"),
        ("a)", "`)` has no `(`"),
        ("*a", "nothing stands before"),
        ("a**", "follow each other"),
        ("[z-a]", "range"),
        (r"a\Z", "write `\\z`"),
        ("a\\", "backslash"),
        ("\ud800", "surrogate"),
        ("a" * 30_000, "longer than"),
    ],
)
def test_other_patterns_are_refused_in_plain_words(pattern: str, said: str) -> None:
    """The reason names the construct and stays free of the library's words."""
    reason = check_regex(pattern, "")
    assert reason is not None
    assert said in reason


def test_flags() -> None:
    """Three are known."""
    assert check_regex("a.b", "ims") is None
    assert "`x`" in (check_regex("a", "ix") or "")
    assert not Matcher([regex("a")]).found("A")
    assert Matcher([regex("a", "i")]).found("A")
    assert Matcher([regex("^b$", "m")]).found("a\nb\nc")
    assert not Matcher([regex("a.b")]).found("a\nb")
    assert Matcher([regex("a.b", "s")]).found("a\nb")


@given(st.text(max_size=30), st.text(st.sampled_from("imsx"), max_size=3))
def test_a_pattern_is_refused_or_can_be_used(pattern: str, flags: str) -> None:
    """What passes the check never fails later."""
    if check_regex(pattern, flags) is None:
        Matcher([regex(pattern, flags)]).spans("some text äöü\n" + pattern)
    else:
        assert check_regex(pattern, flags)


@pytest.mark.parametrize(
    ("pattern", "text", "spans"),
    [
        (literal("Fine"), "fine FINE fInE", [(0, 4), (5, 9), (10, 14)]),
        (literal("a.b"), "axb a.b", [(4, 7)]),
        (literal("ÄRGER"), "viel ärger", [(5, 10)]),
        (literal("straße"), "STRASSE", []),
        (literal("σ"), "Σς", [(0, 1), (1, 2)]),
        (literal(""), "abc", []),
        (regex("a*"), "baac", [(1, 3)]),
        (regex("x?"), "aaa", []),
        (regex("é"), "aé🎉é", [(1, 2), (3, 4)]),
        (regex("🎉+"), "é🎉🎉", [(1, 3)]),
        (regex("b"), "a\0b\ud800b", [(2, 3), (4, 5)]),
        (literal("\ud800"), "a\ud800", [(1, 2)]),
        (literal("a\0b"), "xA\0B", [(1, 4)]),
        (regex(r"(?<w>b+)"), "abba", [(1, 3)]),
    ],
)
def test_spans_count_characters(pattern: Pattern, text: str, spans: list[tuple[int, int]]) -> None:
    """From left to right, without empty ones, whatever the text holds."""
    assert Matcher([pattern]).spans(text) == spans
    assert Matcher([pattern]).found(text) or not spans


def test_spans_of_several_patterns_are_merged_where_they_overlap() -> None:
    """Touching ones stay two: they are two pieces."""
    matcher = Matcher([literal("abc"), regex("cd"), literal("x"), regex("y")])
    assert matcher.spans("abcd xy") == [(0, 4), (5, 6), (6, 7)]
    assert matcher.replace("é abcd xy!", r"\1") == r"é \1 \1\1!"
    assert not Matcher([]).found("anything")
    assert Matcher([]).replace("anything", "x") == "anything"


def test_an_unchecked_pattern_is_an_error_of_the_caller() -> None:
    """It must not look like a text without a match."""
    with pytest.raises(ValueError, match="linear"):
        Matcher([regex("(?=a)")]).found("a")


@pytest.mark.parametrize("text", ["a" * 100_000, "ab" * 50_000 + "!", "a" * 99_999 + "é"])
def test_a_hostile_text_has_an_answer(text: str) -> None:
    """Patterns that take exponential time elsewhere; doubling the text must not matter."""
    for one in (text, text + text):
        assert not Matcher([regex(r"^(a+)+$|^(a|a)*b$")]).found(one + "!")
        assert Matcher([regex(r"(a*)*c|!$")]).found(one + "!")


class Looked:
    """A compiled pattern that counts the bytes it was given to look at."""

    def __init__(self, pattern: str) -> None:
        self.regex = re2.compile(pattern.encode())
        self.bytes = 0

    def search(self, data: bytes, at: int, end: int | None = None) -> Any:
        self.bytes += (len(data) if end is None else min(end, len(data))) - at
        return self.regex.search(data, at, end)


@pytest.mark.parametrize(
    ("pattern", "piece"),
    [("(?s)a.*z|a", "a"), (r"(?s:a.*y\z)|a", "ay"), ("(?s)#.*z|#", "#" + "b" * 70), ("a+|b", "a"),
     ("a|^$", "b")],
)  # fmt: skip
def test_all_matches_take_linear_time(
    pattern: str, piece: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A text that is twice as long lets them look at no more than twice as much."""
    monkeypatch.setattr(patterns, "MOST_WORK", 1 << 10)
    monkeypatch.setattr(patterns, "AHEAD", 64)
    looked = []
    for size in (1 << 12, 1 << 13):
        regex, data = Looked(pattern), (piece * (size // len(piece)) + "!").encode()
        list(patterns._matches(regex, data))
        looked.append(regex.bytes)
    assert looked[1] <= 2.2 * looked[0]


@given(st.text("ab\né1 ", max_size=40), st.integers(4, 9))
def test_matches_that_are_looked_for_in_pieces_are_the_same(text: str, ahead: int) -> None:
    """Where none would be longer than the pieces: anchors and boundaries see the whole text."""
    for pattern in (r"a", r"\ba", r"a$", r"(?m)a$", r"a\b", r"\Ba", r"^a|b\z", "a*", "é?", r"\b"):
        regex, data = re2.compile(pattern.encode()), text.encode()
        found, at = [], 0
        while at <= len(data) and (match := patterns._next(regex, data, at, ahead)):
            found.append(match.span())
            at = match.end() if match.end() > at else at + 1
        assert found == [match.span() for match in regex.finditer(data)]


def test_pieces_beside_characters_of_several_bytes() -> None:
    """Half a character at an end, as `\\C` can take, counts as none."""
    assert Matcher([regex(r"é\C")]).spans("aéé") == [(1, 2)]
    assert Matcher([regex("b")]).spans("🎉b" * 3) == [(1, 2), (3, 4), (5, 6)]
    found = Matcher([regex("(?P<x>b|é)")]).sayings("ébé", 5)
    assert found == [(1, 2, {"x": "b"}), (2, 3, {"x": "é"})]


def test_a_key_that_begins_hides_no_other() -> None:
    """And its end is looked for no further than the next one."""
    begin, end = ("-----" + word + hidden(" PRIVATE ", "KEY-----") for word in ("BEGIN", "END"))
    whole = f"{begin}\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,AB\n\nabc+/=\n{end}"
    text = f"{begin} {whole} {begin}"
    pieces = [text[start:stop] for start, stop in finder("secret", ()).spans(text)]
    assert pieces == [begin, whole, begin]


# ---- built-in detectors


def hidden(*parts: str) -> str:
    """A token in pieces, so that scanners of repositories stay calm."""
    return "".join(parts)


ALNUM = "aB3dE5gH7jK9mN1pQ2rS4tU6vW8xY0zAbCdEfGhIjKlMnOpQrStUvWxYz012345"
HITS = {
    "email": ["a@b.example", "first.last+tag@sub.domain.co.uk", "jürgen@müller.de", "x_@y.org"],
    "url": [
        "http://x.example",
        "https://user:pw@x.example:8080/a?b=c#d",
        "HTTPS://X.EXAMPLE/a",
        "www.example.com/a",
        "ftp://x.example/file",
        "http://127.0.0.1/a",
    ],
    "iban": ["DE89370400440532013000", "GB82 WEST 1234 5698 7654 32", "NO9386011117947"],
    "card_number": ["4111111111111111", "4111 1111 1111 1111", "5555-5555-5555-4444",
                    "378282246310005", "3782 822463 10005"],
    "phone": ["+44 20 7946 0958", "+1 (415) 555-2671", "+49-30-901820", "0030 210 1234567",
              "(415) 555-2671", "415-555-2671", "020 7946 0958", "+14155552671"],
    "ip_address": ["192.168.0.1", "8.8.8.8", "2001:db8:85a3:0:0:8a2e:370:7334", "2001:db8::1",
                   "::1", "fe80::1", "::ffff:10.0.0.1"],
    "secret": [
        hidden("AKIA", "IOSFODNN7EXAMPLE"),
        hidden("aws_secret_access_key = ", ALNUM[:40]),
        hidden("ghp_", ALNUM[:36]),
        hidden("github_pat_", ALNUM[:22], "_", ALNUM[:59]),
        hidden("xoxb-", "123456789012-abcdefABCDEF"),
        hidden("sk_live_", ALNUM[:24]),
        hidden("AIza", ALNUM[:35]),
        hidden("sk-ant-api03-", ALNUM, ALNUM[:31]),
        hidden("sk-proj-", ALNUM),
        hidden("sk-", ALNUM[:48]),
        hidden("npm_", ALNUM[:36]),
        hidden("pypi-AgE", ALNUM),
        hidden("eyJhbGciOiJIUzI1NiJ9", ".eyJzdWIiOiIxMjM0In0", ".c2lnbmF0dXJlLXBhcnQ"),
        hidden("-----BEGIN RSA PRIVATE ", "KEY-----\nabc+/=\n-----END RSA PRIVATE ", "KEY-----"),
        hidden("-----BEGIN PRIVATE ", "KEY-----"),
    ],
}  # fmt: skip
NEAR_MISSES = {
    "email": ["a@b", "@b.example", "a at b.example", "a@.example", "a@b.1", "user@"],
    "url": ["http://", "example.com/a", "x.http", "javascript:alert(1)", "www."],
    "iban": ["DE89370400440532013001", "de89370400440532013000", "DE89", "AB12CDEF"],
    "card_number": ["4111111111111112", "1234567890123456", "0000000000000000", "411111111111",
                    "x4111111111111111"],
    "phone": ["2026-11-23", "12345", "1,234,567", "+1 23", "3.14159"],
    "ip_address": ["256.1.1.1", "1.2.3", "12:30:45", "a:b:c", "1.2.3.4.5"[:5], "std::vector"],
    "secret": ["AKIA123", "ghp_short", "sk-learn", "task-force-one", "xoxb-1", "AIza",
               "eyJhbGciOiJIUzI1NiJ9", "-----BEGIN PUBLIC KEY-----", "npm_install", "a" * 60],
}  # fmt: skip
CASES = [(name, text) for name, texts in HITS.items() for text in texts]
MISSES = [(name, text) for name, texts in NEAR_MISSES.items() for text in texts]


def test_every_detector_has_cases() -> None:
    """A new one cannot come without."""
    assert set(HITS) == set(NEAR_MISSES) == set(BUILT_IN)
    assert set(VALIDATORS) <= set(BUILT_IN)
    for several in BUILT_IN.values():
        assert all(check_regex(one.text, one.flags) is None for one in several)


@pytest.mark.parametrize(("name", "text"), CASES)
def test_detectors_find(name: str, text: str) -> None:
    """The whole piece and nothing around it, in a sentence of any language."""
    for before, after in (("", ""), ("see ", " now"), ("«é ", " é»"), ("(", ")"), ("a\n", ".\n")):
        found = [
            (before + text + after)[start:end]
            for start, end in finder(name, ()).spans(before + text + after)
        ]
        assert any(text in one or one in text for one in found), (before, after, found)
        if before != "(" and name != "secret":
            assert found == [text]


@pytest.mark.parametrize(("name", "text"), MISSES)
def test_detectors_leave(name: str, text: str) -> None:
    """What only looks similar."""
    assert not finder(name, ()).found(f"see {text} now")


def test_check_digits() -> None:
    """Blanks and hyphens do not count; short and uniform numbers do not pass."""
    assert is_card_number("4111-1111 11111111")
    assert not is_card_number("0" * 16)
    assert not is_card_number("")
    assert is_iban("GB82 WEST 1234 5698 7654 32")
    assert not is_iban("GB82 WEST 1234 5698 7654 33")
    assert not is_iban("é" * 20)
