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

from collections.abc import Collection

from remit.program.values import Truth
from remit.provenance.asking import Asking
from remit.provenance.model import Caps, Found
from remit.provenance.read import Plain, plain_values
from remit.provenance.recent import Recent, Tail
from remit.provenance.sought import Sought, sought_pieces, sought_values
from remit.provenance.store import Store
from remit.provenance.unwrap import Unwrapping

END = 1 << 62  # above every origin
MOST_WAITING = 1 << 17  # characters that wait to be filed

_CAPS = Caps()  # of every index that is given none


class Index:
    """Texts by origin; see the module. One thread at a time.

    `pieces`: whether `quotes` will be asked; without, adding is cheaper. `waiting` are texts to be
    filed before the store is next looked at: what is filed, and in which order, does not depend on
    when, and many a conversation is over before anybody asks.
    """

    __slots__ = ("_store", "asked", "caps", "end", "tail", "waiting")

    def __init__(self, caps: Caps | None = None, *, pieces: bool = True) -> None:
        self.caps = caps or _CAPS
        self._store = Store(self.caps.memory, grams=pieces)
        self.tail = Tail()
        self.waiting: list[Recent] = []
        self.end = 0
        self.asked: dict[tuple[object, ...], Sought] = {}  # since the last text was added

    @property
    def store(self) -> Store:
        """The blocks of all that is not new, which are filed when somebody looks at them."""
        if self.waiting:
            self._settle()
        return self._store

    @property
    def is_cut(self) -> bool:
        """Whether something that was added is not here: too large, or gone to make room."""
        self._look()
        return any(one.gap is not None for one in self.store.shelves.values())

    @property
    def groups(self) -> Collection[int]:
        """The groups that something was added to."""
        return self._store.shelves.keys()

    @property
    def size(self) -> int:
        """Bytes that the index takes, roughly; what the cap `memory` is compared with."""
        return self.store.size + 4 * self.tail.size

    @property
    def work(self) -> int:
        """Operations so far, for tests of cost: bytes added, keys entered, places looked at."""
        return self.store.work

    def add(self, origin: int, value: object, group: int = 0) -> None:
        """Add a value of an origin: a text, or anything made of lists, records and plain values.

        An origin may be added to several times, but not after a later one: `ValueError`. A group
        is a class of origins that questions are about, such as one for each role: answers are
        complete for each group, room is made in the largest. Linear in the size of the value,
        however seldom: what is added is read at most once, when it is asked for or when it is old.
        """
        if type(origin) is not int or not max(self.end - 1, 0) <= origin < END:
            raise ValueError("origins are whole numbers from 0 on, in ascending order")
        self._store.shelf(group)
        self.end = origin + 1
        self.asked.clear()
        if type(value) is str and len(value) <= self.caps.value:
            values: list[Plain] = [value]  # mostly, and looking inside takes its time
            size = len(value)
        else:
            inside = Unwrapping(self.caps)
            values, size = plain_values(inside, value)
            if not inside.whole:
                self._store.miss(group, origin)
        if values:
            self.tail.put(Recent(group, origin, size, values))
            if self.tail.is_full:
                self.file()

    def file(self) -> None:
        """Have the newest texts filed; what is found does not change."""
        self.waiting += self.tail.texts
        self.tail = Tail()
        if sum(one.size for one in self.waiting) > MOST_WAITING:
            self._settle()

    def _settle(self) -> None:
        """File what waits for it."""
        filing, self.waiting = self.waiting, []
        for one in filing:
            if data := one.read(self.caps):
                self._store.add(one.group, one.origin, data)
            if one.values:
                one.data = None  # it may be large, and is in the blocks now
            if not one.whole:
                self._store.miss(one.group, one.origin)

    def read(self) -> list[Recent]:
        """The texts that are not filed yet, all of them read."""
        self._look()
        for one in self.tail.texts:
            one.read(self.caps)
        return self.tail.texts

    def _look(self) -> None:
        """Look through the newest texts; what is too deep in one to be read becomes a gap."""
        for one in self.tail.look(self.caps):
            if not one.whole:
                self.store.miss(one.group, one.origin)

    def origins_of(self, value: object, before: int = END) -> Found:
        """The origins in which the value occurs, or anything nested or encoded in it."""
        return self._find(self._sought("came from", value), before).found()

    def quotes(self, value: object, before: int = END) -> Found:
        """The origins of which the value, or a text nested or encoded in it, quotes a piece."""
        return self._find(self._sought("quotes", value), before).found()

    def among(self, how: str, value: object, groups: Collection[int], before: int = END) -> Truth:
        """Whether a value `came from`, or `quotes`, an origin of one of the groups.

        The first that is found is enough, so this is less work than to find them all.
        """
        if not groups:
            return False
        self._look()
        sought = self._sought(how, value)
        if not self.store.used and not any(map(self.tail.may_hold, sought.looks)):
            return self.store.lacks(groups, before, whole=sought.whole)
        return self._find(sought, before, groups).found().among(groups)

    def _find(self, sought: Sought, before: int, groups: Collection[int] | None = None) -> Asking:
        asking = Asking(self.store, self.caps, before, groups)
        self._look()
        asking.tail(sought, self.tail)
        asking.filed(sought)
        return asking

    def _sought(self, how: str, value: object) -> Sought:
        """What to look for; a plain value is often asked of one class of origins after another."""
        key = (how, type(value), value) if type(value) in (str, int, float) else None
        found = self.asked.get(key) if key is not None else None
        if found is None:
            make = sought_pieces if how == "quotes" else sought_values
            found = make(Unwrapping(self.caps), value)
            if key is not None:
                self.asked[key] = found
        return found

    def copy(self) -> Index:
        """One that grows apart from this one, for a conversation that forks; texts are shared."""
        made = Index(self.caps, pieces=self.store.grams)
        made._store, made.end, made.tail = self.store.copy(), self.end, self.tail.copy()
        return made
