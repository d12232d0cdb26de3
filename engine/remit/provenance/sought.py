"""What a question looks for: the lines of a value, or the pieces of a text."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from zlib import crc32

from remit.provenance.blocks import CHARACTERS, OVERLAP, WORDS, asked_grams, gram, is_long
from remit.provenance.forms import Asked, asked_number, asked_text
from remit.provenance.normal import is_word, whole_line
from remit.provenance.read import text_of
from remit.provenance.unwrap import Unwrapping

_SIGNS = bytes(one for one in range(128) if not chr(one).isalnum() and one != 10)
KEYS = 12  # of a line, that are looked up; the longest tokens tell most
_LONG_NUMBER = re.compile(rb"[0-9]{30}")
_GRAM = 16  # bytes; wherever a piece of 40 begins, it holds one of those that begin every 24
_DAY = timedelta(days=1)


def packed(data: bytes) -> bytes:
    """What is left of a text in UTF-8 without blanks and ASCII signs, but for the ends of rows."""
    return data.translate(None, _SIGNS)


class Look:
    """A line to look for as a whole. `needles`: each text that has it has one of these.

    `is_one`: it is one token, which stands in one row; `is_host`: a host, which has two spellings;
    `is_form`: it is no text but another form; `is_open`: it begins or ends with a sign, so that it
    may go on where its needles do not.
    """

    __slots__ = ("_keys", "form", "is_form", "is_host", "is_one", "is_open", "line", "needles")

    def __init__(self, form: str, line: bytes) -> None:
        self.form, self.line, self.needles = form, line, needles(line)
        self.is_one, self.is_host = line.count(b" ") == 2, line.startswith(b" h:")
        self.is_form = self.is_one and b":" in line and len(line) > 3
        first, last = line[1:-1].partition(b" ")[0], line[1:-1].rpartition(b" ")[2]
        self.is_open = not (packed(first) and packed(last))
        self._keys: dict[bool, list[int]] = {}

    def keys(self, *, grams: bool) -> list[int]:
        """The keys that tell most: those of its longest tokens, and of its first gram if any."""
        if grams not in self._keys:
            head = self.line.find(b" ", OVERLAP)
            tokens = set(self.line[: head if head > 0 else len(self.line)].split())
            longest = sorted(tokens, key=lambda one: (-len(one), one))[:KEYS]
            first = gram(self.line, 1) if grams else b""
            self._keys[grams] = [crc32(one) for one in ([first] if first else []) + longest]
        return self._keys[grams]


class Pieces:
    """A line of which long enough pieces are looked for; its grams are made when needed."""

    __slots__ = ("_keys", "_picked", "_places", "form", "line", "needles")

    is_one = is_host = False

    def __init__(self, form: str, line: bytes) -> None:
        self.form, self.line, self.needles = form, line, piece_needles(line)
        self._picked: list[tuple[int, bytes]] | None = None
        self._keys: list[int] | None = None
        self._places: dict[bytes, list[int]] | None = None

    @property
    def picked(self) -> list[tuple[int, bytes]]:
        """Enough of its grams, each with its place."""
        if self._picked is None:
            self._picked = asked_grams(self.line)
        return self._picked

    @property
    def keys(self) -> list[int]:
        """The keys of these grams, in the same order."""
        if self._keys is None:
            self._keys = [crc32(piece) for _, piece in self.picked]
        return self._keys

    @property
    def grams(self) -> dict[bytes, list[int]]:
        """These grams, each with all its places."""
        if self._places is None:
            self._places = {}
            for at, piece in self.picked:
                self._places.setdefault(piece, []).append(at)
        return self._places

    def grams_of(self, keys: Collection[int]) -> Iterator[tuple[int, bytes]]:
        """The grams with one of these keys, each once, with its key."""
        seen = set[bytes]()
        for key, (_, piece) in zip(self.keys, self.picked, strict=True):
            if key in keys and piece not in seen:
                seen.add(piece)
                yield key, piece


@dataclass(slots=True)
class Sought:
    """Everything that a question looks for, and whether that is all of the value."""

    looks: list[Look | Pieces] = field(default_factory=list)
    whole: bool = True


def sought_values(inside: Unwrapping, value: object) -> Sought:
    """What to look for where a value is asked for, with what is nested or encoded in it."""
    made = Sought()
    for how, one in _values(inside, value):
        looks, whole = _looks(one)
        made.whole = made.whole and whole
        made.looks += [Look(how + form, look) for form, look in looks]
    made.whole = made.whole and inside.whole
    return made


def sought_pieces(inside: Unwrapping, value: object) -> Sought:
    """What to look for where it is asked what a text quotes."""
    made = Sought()
    for how, one in _values(inside, value):
        data, whole = whole_line(text_of(one) or "")
        made.whole = made.whole and whole
        if is_long(data):
            made.looks.append(Pieces(f"{how}quote", data))
        elif data:
            made.looks.append(Look(f"{how}text", data))
    made.whole = made.whole and inside.whole
    return made


def _values(inside: Unwrapping, value: object) -> list[tuple[str, object]]:
    """The values to look for, each with how it was decoded; none if they are above the cap."""
    asked, size = list[tuple[str, object]](), 0
    plain = type(value) in (str, int, float)  # mostly, and looking inside takes its time
    for leaf in [value] if plain else inside.leaves(value):
        text = text_of(leaf)
        size += len(text or "")
        if size > inside.caps.value:
            inside.whole = False
            return []
        if type(leaf) is str:
            asked += [(f"{how}: " if how else "", one) for how, one in inside.layers(leaf)]
        elif text is not None:
            asked.append(("", leaf))
        elif leaf is not None:
            inside.whole = False
    return asked


def _looks(value: object) -> tuple[list[Asked], bool]:
    """The lines to look for when a plain value is asked for, and whether that is all of it."""
    text = text_of(value)
    if type(value) is str:
        return asked_text(value)
    if text is None:
        return [], True
    return ([("text", f" {text} ".encode())] if type(value) is bool else asked_number(text)), True


# ---- what to look for before a text is read


def needles(look: bytes) -> tuple[bytes, ...]:
    """What stands in the letters and digits of each text that has a line: one of these does."""
    body = look[1:-1]
    kind, colon, rest = body.partition(b":")
    if not colon or not kind or b" " in kind:
        return (packed(body),)
    if kind == b"h" and (b"xn--" in rest or not rest.isascii()):
        return (b"",)  # in another spelling than in the text
    if kind == b"time":
        return tuple(_days(rest))
    return (packed(rest),)


def _days(moment: bytes) -> Iterator[bytes]:
    """The days that a moment has in some time zone."""
    year, month, day = (int(one) for one in moment[:10].split(b"-"))
    yield packed(moment[:10])
    for other in (-_DAY, _DAY):
        try:
            yield (date(year, month, day) + other).strftime("%Y%m%d").rjust(8, "0").encode()
        except OverflowError:
            continue


def piece_needles(data: bytes) -> tuple[bytes, ...]:
    """The same for a line that may share a piece: each piece that is long enough holds one."""
    if b"xn--" in data or _LONG_NUMBER.search(data):
        return (b"",)  # may be another spelling of what is there
    found = data.split()
    solid = b"".join(found)
    places = range(0, len(solid) - _GRAM + 1, CHARACTERS - _GRAM)
    pieces = [solid[at : at + _GRAM] for at in places]
    words = [at for at, one in enumerate(found) if is_word(one)]
    half = WORDS // 2
    ends = zip(words[::half], words[half - 1 :: half], strict=False)
    pieces += [b"".join(found[first : last + 1]) for first, last in ends]
    return tuple(dict.fromkeys(map(packed, pieces)))
