"""The provenance index: from which earlier texts of a conversation a value came.

Texts are added under origins, which the caller numbers in ascending order: a message's text, one
quoted part, one result, the arguments of one call. The index only grows, so a reader who remembers
the next origin's number (`before`) asks it as it was then, without a copy. It knows no policy.

A value *occurs* in an origin where its normal form stands there, as whole tokens (`normal.py`), or
where one of its other forms does (`forms.py`); one that is nested or encoded, where something in it
does (`unwrap.py`). Short values (`1`, `yes`, `the`) are values like others: they occur as whole
tokens only, but that is nearly everywhere. What follows from that is for the caller to judge.
A value *quotes* an origin where they share 8 words in a row, or 40 characters that are no blanks;
a text shorter than both has to occur as a whole.
"""

from __future__ import annotations

from remit.provenance.asking import Asking
from remit.provenance.blocks import is_long
from remit.provenance.forms import Asked, asked_number, asked_text, forms_in, plain_number
from remit.provenance.model import Caps, Found
from remit.provenance.normal import joined, line, normalised, tokens, whole_line, windows
from remit.provenance.store import Store
from remit.provenance.unwrap import Unwrapping

END = 1 << 62  # above every origin


class Index:
    """Texts by origin; see the module. One thread at a time."""

    __slots__ = ("caps", "end", "store")

    def __init__(self, caps: Caps | None = None) -> None:
        self.caps = caps or Caps()
        self.store = Store(self.caps.memory)
        self.end = 0

    @property
    def is_cut(self) -> bool:
        """Whether something that was added is not here: too large, or gone to make room."""
        return any(one.gap is not None for one in self.store.shelves.values())

    @property
    def size(self) -> int:
        """Bytes that the index takes, roughly; what the cap `memory` is compared with."""
        return self.store.size

    @property
    def work(self) -> int:
        """Operations so far, for tests of cost: bytes added, keys entered, places looked at."""
        return self.store.work

    def add(self, origin: int, value: object, group: int = 0) -> None:
        """Add a value of an origin: a text, or anything made of lists, records and plain values.

        An origin may be added to several times, but not after a later one: `ValueError`. A group
        is a class of origins that questions are about, such as one for each role: answers are
        complete for each group, room is made in the largest. Linear in the size of the value.
        """
        if type(origin) is not int or not max(self.end - 1, 0) <= origin < END:
            raise ValueError("origins are whole numbers from 0 on, in ascending order")
        self.store.shelf(group)
        self.end = origin + 1
        inside = Unwrapping(self.caps)
        lines = self._lines(inside, value)
        if data := b" \n".join(one.rstrip(b" ") for one in lines):
            self.store.add(group, origin, data + b" ")
        if not inside.whole:
            self.store.miss(group, origin)

    def _lines(self, inside: Unwrapping, value: object) -> list[bytes]:
        """The lines of a value; none where it is larger than the cap."""
        lines, size = list[bytes](), 0
        for leaf in inside.leaves(value):
            text = _text_of(leaf)
            size += len(text or "")
            if size > self.caps.value:
                inside.whole = False
                return []
            if text is None:
                inside.whole = inside.whole and type(leaf) is not int
                continue
            if type(leaf) in (int, float):
                lines.append(line([f"n:{text}"]) if tokens(text) != [text] else b"")
            for how, one in inside.layers(text) if type(leaf) is str else [("", text)]:
                if how != "json" or "\\" in text:  # else its text says it all
                    lines += _added(inside, _text_of(one) or "")
        return [one for one in lines if one]

    def origins_of(self, value: object, before: int = END) -> Found:
        """The origins in which the value occurs, or anything nested or encoded in it."""
        asking, inside = Asking(self.store, self.caps, before), Unwrapping(self.caps)
        for how, one in self._asked(inside, value):
            looks, whole = _looks(one)
            asking.unknown |= not whole
            for form, look in looks:
                asking.value(how + form, look)
        asking.unknown |= not inside.whole
        return asking.found()

    def quotes(self, value: object, before: int = END) -> Found:
        """The origins of which the value, or a text nested or encoded in it, quotes a piece."""
        asking, inside = Asking(self.store, self.caps, before), Unwrapping(self.caps)
        for how, one in self._asked(inside, value):
            text = _text_of(one)
            data, whole = whole_line(text or "")
            asking.unknown |= not whole
            if is_long(data):
                asking.pieces(f"{how}quote", data)
            elif data:
                asking.value(f"{how}text", data)
        asking.unknown |= not inside.whole
        return asking.found()

    def _asked(self, inside: Unwrapping, value: object) -> list[tuple[str, object]]:
        """The values to ask for, each with how it was decoded."""
        asked, size = list[tuple[str, object]](), 0
        for leaf in inside.leaves(value):
            text = _text_of(leaf)
            size += len(text or "")
            if size > self.caps.value:
                inside.whole = False
                return []
            if type(leaf) is str:
                asked += [(f"{how}: " if how else "", one) for how, one in inside.layers(leaf)]
            elif text is not None:
                asked.append(("", leaf))
            elif leaf is not None:
                inside.whole = False
        return asked

    def copy(self) -> Index:
        """One that grows apart from this one, for a conversation that forks; texts are shared."""
        made = Index(self.caps)
        made.store, made.end = self.store.copy(), self.end
        return made


def _text_of(leaf: object) -> str | None:
    """A plain value as text; None for absence, and for a number that is none."""
    if type(leaf) is str:
        return leaf
    if type(leaf) is bool:
        return "true" if leaf else "false"
    if type(leaf) in (int, float):
        return plain_number(leaf)  # type: ignore[arg-type]
    return None


def _looks(value: object) -> tuple[list[Asked], bool]:
    """What to look for when a plain value is asked for, and whether that is all of it."""
    text = _text_of(value)
    if type(value) is str:
        return asked_text(value)
    if text is None:
        return [], True
    return ([("text", f" {text} ".encode())] if type(value) is bool else asked_number(text)), True


def _added(inside: Unwrapping, text: str) -> list[bytes]:
    """A text as a line, and its other forms as another."""
    pieces, forms = list[bytes](), set[str]()
    for window, forced in windows(text):
        normal = normalised(window)
        found = tokens(normal)
        forms |= forms_in(normal, found)
        pieces.append(line(found))
        inside.whole = inside.whole and not forced
    return [joined(pieces), line(sorted(forms))]
