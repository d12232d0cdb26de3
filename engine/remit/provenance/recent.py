"""The newest texts, kept as they came and read only when a question may be about them.

To read a text (`read.py`) takes a hundred times longer than to look through it for a few
characters, and most texts are never asked for while they are new. So each keeps its letters and
digits without anything between, in which stands whatever it holds, and a question whose own are
not there need not read it. Asking changes nothing here but what is remembered of that reading.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from remit.provenance.forms import forms_in
from remit.provenance.model import Caps
from remit.provenance.normal import line, line_of, normalised
from remit.provenance.read import Plain, lines_of, numbers_in, texts_in
from remit.provenance.sought import Look, Pieces, packed
from remit.provenance.unwrap import Unwrapping, may_hold

MOST_TEXTS, MOST_SIZE = 32, 1 << 15  # texts and characters; with more, all of them are filed
BETWEEN = b"\n\xff\n"  # two texts; the byte stands in no text in UTF-8


@dataclass(slots=True)
class Recent:
    """A text that is not filed yet: the plain values in it, and as lines once it was read.

    `packed` is None until somebody asks, then its rows with nothing between their letters and
    digits. `rows` are those rows as they can be read one by one, with None between two texts; no
    token and no form goes on over the end of one. `words` and `forms` are what was read of them.
    `odd`: a host in it may have another spelling. `whole`: nothing in it had to be left out.
    """

    group: int
    origin: int
    size: int  # in characters
    values: list[Plain]
    data: bytes | None = None
    packed: bytes | None = None
    flat: bytes = b""  # as `packed`, the rows of a text without ends
    rows: list[str | None] = field(default_factory=list)
    words: dict[int, bytes] = field(default_factory=dict)
    forms: dict[int, bytes] = field(default_factory=dict)
    odd: bool = False
    whole: bool = True

    def look(self, caps: Caps) -> bytes:
        """Its letters and digits."""
        if self.packed is None:
            if self.data is None:
                self.packed = self._pack(caps)
            else:
                self.packed = packed(self.data.replace(b"\n", BETWEEN))
            self.flat = self.packed.replace(b"\n", b"")
        return self.packed

    def _pack(self, caps: Caps) -> bytes:
        text = self.values[0]
        if len(self.values) == 1 and type(text) is str and text.isascii() and not may_hold(text):
            normal = normalised(text)  # as below: mostly there is one text, and nothing in it
            self.rows = [*normal.split("\n"), None]
            return packed(normal.encode())
        inside, found = Unwrapping(caps), list[bytes]()
        for number in numbers_in(self.values):
            self.forms[len(self.rows)] = line([f"n:{number}"])
            self.rows += ["", None]
            found.append(number.encode())
        for text in texts_in(inside, self.values):
            rows = normalised(text).split("\n")
            self.rows += [*rows, None]
            ascii = text.isascii()
            self.odd = self.odd or not ascii
            solid = "\n".join(rows if ascii else map("".join, map(str.split, rows)))
            found.append(solid.encode("utf-8", "surrogatepass"))
        self.whole = self.whole and inside.whole
        return packed(BETWEEN.join(found))

    def has(self, look: Look, caps: Caps) -> bool:
        """Whether a line stands in it; asked only where one of its needles does."""
        if self.packed is None or self.data is not None or (self.odd and look.is_host):
            return look.line in self.read(caps)
        read = self._forms_in if look.is_form else self._words_in
        if any(look.line in read(at) for at in self._rows_with(look.needles)):
            return True
        goes_on = not look.is_one and (look.is_open or self._goes_on(look.needles))
        return goes_on and look.line in self._line()

    def words_for(self, pieces: Pieces, caps: Caps) -> bytes:
        """The lines that may share a piece; other forms are as long only where all is needed."""
        if self.packed is None or self.data is not None or b"" in pieces.needles:
            return self.read(caps)
        return self._line()

    def _rows_with(self, needles: tuple[bytes, ...]) -> Iterator[int]:
        """The rows with one of these needles."""
        letters = self.packed or b""
        for needle in needles:
            row = at = 0
            while (found := letters.find(needle, at)) >= 0:
                row += letters.count(b"\n", at, found)
                yield row
                at = letters.find(b"\n", found) + 1
                if at == 0:
                    break
                row += 1

    def _goes_on(self, needles: tuple[bytes, ...]) -> bool:
        """Whether one of these needles goes on from one row to the next."""
        letters = self.packed or b""
        return any(_places(self.flat, one) > _places(letters, one) for one in needles)

    def _words_in(self, at: int) -> bytes:
        """The tokens of a row."""
        if at not in self.words:
            self.words[at] = line_of((self.rows[at] or "").split())
        return self.words[at]

    def _forms_in(self, at: int) -> bytes:
        """The other forms of a row."""
        if at not in self.forms:
            row = self.rows[at] or ""
            self.forms[at] = line(sorted(forms_in(row, row.split())))
        return self.forms[at]

    def _line(self) -> bytes:
        """The tokens of all rows, with what is no token between two texts."""
        if -1 not in self.words:
            rows = [self._words_in(at)[1:-1] if row is not None else BETWEEN[:1]
                    for at, row in enumerate(self.rows)]  # fmt: skip
            self.words[-1] = b" %b " % b" ".join(filter(None, rows))
        return self.words[-1]

    def read(self, caps: Caps) -> bytes:
        """Its lines, as they will be filed."""
        if self.data is None:
            inside = Unwrapping(caps)
            self.data = lines_of(inside, self.values)
            self.whole = self.whole and inside.whole
        return self.data


@dataclass(slots=True)
class Tail:
    """The texts that are not filed yet, the oldest first; `seen` of them were looked through.

    `packed` and `flat` are those of all texts, so that most questions look there once.
    """

    texts: list[Recent] = field(default_factory=list)
    size: int = 0
    seen: int = 0
    packed: bytes = b""
    flat: bytes = b""

    @property
    def is_full(self) -> bool:
        """Whether it is time to file them."""
        return len(self.texts) > MOST_TEXTS or self.size > MOST_SIZE

    def put(self, text: Recent) -> None:
        """Add a text, newer than all others."""
        self.texts.append(text)
        self.size += text.size

    def look(self, caps: Caps) -> list[Recent]:
        """Look through the texts that nobody looked through yet; those are given."""
        new = self.texts[self.seen :]
        if new:
            self.packed = BETWEEN.join([self.packed, *(one.look(caps) for one in new)])
            self.flat = b"\xff".join([self.flat, *(one.flat for one in new)])
            self.seen = len(self.texts)
        return new

    def may_hold(self, look: Look | Pieces) -> bool:
        """Whether one of the texts may have what is looked for."""
        if look.is_host:
            return True
        whole = self.packed if look.is_one else self.flat
        return any(one in whole for one in look.needles)

    def with_any(self, look: Look | Pieces, groups: Collection[int], before: int) -> list[Recent]:
        """The texts of some groups that have one of the needles of what is looked for."""
        whole = self.packed if look.is_one else self.flat
        needles = [one for one in look.needles if one in whole]
        if not needles and not look.is_host:
            return []
        found = []
        for one in self.texts:
            if one.group in groups and one.origin < before:
                letters = one.packed if look.is_one else one.flat
                assert letters is not None, "asked only once it was looked through"
                if (one.odd and look.is_host) or any(needle in letters for needle in needles):
                    found.append(one)
        return found

    def copy(self) -> Tail:
        """One that grows apart from this one; the texts are shared, for they do not change."""
        return Tail(self.texts[:], self.size, self.seen, self.packed, self.flat)


def _places(text: bytes, needle: bytes) -> int:
    """How often a needle stands in a text, also where it overlaps itself."""
    count, at = 0, text.find(needle)
    while at >= 0:
        count, at = count + 1, text.find(needle, at + 1)
    return count
