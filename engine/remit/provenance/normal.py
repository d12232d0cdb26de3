"""The normal form of a text: its tokens, joined by single blanks, as UTF-8.

Two texts with the same tokens are the same text here. Normalised are case, Unicode (NFKC, invisible
characters, digits of all scripts, typographic quotes and dashes), spacing, and `www.` in front of a
host. A token is an e-mail address, a name with dots inside (`example.com`, `bill.txt`), a number
with its separators (`1,000.00`), a run of letters and digits, one character of a script that writes
no blanks (Han, Kana, Thai ...), or any other sign. So `example.com` does not occur in
`sub.example.com`, nor `000` in `1,000`; `report` occurs in `report, please` and `a b` is not `ab`.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate

WINDOW = 1 << 15  # characters that are normalised at a time, up to the next place to cut
SHORT, REMEMBERED = 32, 1 << 10  # characters of a chunk whose tokens are remembered, and how many
PART, AHEAD = 1 << 13, 1 << 9  # characters of a long chunk that are read at a time
LONGEST_RUN = 1 << 20  # characters with no place to cut; what crosses a forced cut is not found

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e0fff]"
)
_SIGNS = str.maketrans(
    dict.fromkeys("‘’‚‛′", "'") | dict.fromkeys("“”„‟″«»", '"') | dict.fromkeys("‐‑‒–—―−", "-")
)
_FOREIGN_DIGIT = re.compile("(?![0-9])\\d")
_ROUNDS = 4  # until nothing changes; two are enough for all but contrived texts
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\U00020000-\U0003ffff]"
)
_WWW = re.compile(r"(?<![\w.@-])www\.(?=[^\W_])")

# Labels have bounds so that a run of letters is not read again from each of its characters.
_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?+"
TOKEN = re.compile(
    rf"\w[\w.%+'-]{{0,63}}+@{_LABEL}(?:\.{_LABEL})++"
    r"|[0-9]{1,3}(?:\.[0-9]{3}){1,12}+,[0-9]{1,2}(?![,.]?[0-9])"
    r"|[0-9]{1,3}(?:,[0-9]{3}){1,12}+(?:\.[0-9]++)?+(?!,?[0-9])"
    rf"|{_LABEL}(?:\.{_LABEL})++"
    r"|[^\W_]++|\S"
)
# Where a text may be cut: never inside a token, a date, a telephone number or an IBAN.
_CUT = re.compile(r'(?<=[^\W\d_])\s(?=[^\W\d_])|["{}\[\]<>;\n]|[\u3001\u3002\u4e00-\u9fff]')
_ANY_CUT = re.compile(r"\s|[!-,/:-@\[-`{-~]")


def normalised(text: str) -> str:
    """The text with case, Unicode and signs normalised; spacing is left to `tokens`."""
    text = text.lower() if text.isascii() else _of_unicode(text)
    return _WWW.sub("", text) if "www." in text else text


def _of_unicode(text: str) -> str:
    for _ in range(_ROUNDS):
        before = text
        text = unicodedata.normalize("NFKC", text).casefold()
        text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).translate(_SIGNS)
        if text == before or text.isascii():
            break
    text = _FOREIGN_DIGIT.sub(lambda found: str(unicodedata.decimal(found[0], "?")), text)
    return _UNSPACED.sub(r" \g<0> ", text)


def tokens(normal: str) -> list[str]:
    """The tokens of a normalised text."""
    found: list[str] = TOKEN.findall(normal)
    return found


def line(found: list[str]) -> bytes:
    """Tokens as one line with a blank at both ends, so that what is found in it is whole tokens."""
    return f" {' '.join(found)} ".encode("utf-8", "surrogatepass") if found else b""


def line_of(chunks: list[str]) -> bytes:
    """The tokens of a normalised text, which is given split at blanks, as one line.

    No token has a blank inside, so each chunk has tokens of its own; most are a token themselves.
    """
    return line([one if one.isalnum() else _spaced(one) for one in chunks])


def _spaced(chunk: str) -> str:
    """The tokens of a chunk with blanks between them."""
    return _spaced_short(chunk) if len(chunk) <= SHORT else _spaced_long(chunk)


@lru_cache(maxsize=REMEMBERED)
def _spaced_short(chunk: str) -> str:
    return " ".join(TOKEN.findall(chunk))


def _spaced_long(chunk: str) -> str:
    """A part at a time: as objects, the tokens of a megabyte of signs take a hundred.

    What ends `AHEAD` characters before the end of a part is a token of the whole: to tell, less is
    read. A token that is longer is read alone.
    """
    pieces, at = [], 0
    while at < len(chunk):
        found = TOKEN.findall(chunk, at, at + PART)
        ends = list(accumulate(map(len, found), initial=at))
        if at + PART < len(chunk):
            del found[bisect_right(ends, at + PART - AHEAD) - 1 :]
            if not found and (alone := TOKEN.match(chunk, at)):
                found = [alone[0]]
        pieces += [" ".join(found)]
        at += sum(map(len, found))
    return " ".join(pieces)


def windows(text: str) -> Iterator[tuple[str, bool]]:
    """The text in pieces, and whether each was cut by force, so that what crosses it is lost."""
    start = 0
    while len(text) - start > WINDOW:
        end, forced = _cut(text, start + WINDOW)
        yield text[start:end], forced
        start = end
    yield text[start:], False


def _cut(text: str, at: int) -> tuple[int, bool]:
    """Where to cut next, and whether by force: in the next window, else wherever it can be."""
    found = _CUT.search(text, at, at + WINDOW)
    if found:
        return found.start(), False
    most = min(at + LONGEST_RUN, len(text))
    found = _ANY_CUT.search(text, at, most)
    return (found.start(), True) if found else (most, most < len(text))


def joined(lines: list[bytes]) -> bytes:
    """Lines that follow each other as one."""
    found = b" ".join(one[1:-1] for one in lines if one)
    return b" %b " % found if found else b""


def whole_line(text: str) -> tuple[bytes, bool]:
    """A text of any length as one line, and whether nothing of it is lost at a forced cut."""
    pieces, whole = [], True
    for window, forced in windows(text):
        pieces.append(line_of(normalised(window).split()))
        whole = whole and not forced
    return joined(pieces), whole


def is_word(token: bytes) -> bool:
    """Whether a token is a word or a number, not a sign."""
    if token[:1].isascii():
        return token[:1].isalnum()
    return token[:4].decode("utf-8", "replace")[:1].isalnum()
