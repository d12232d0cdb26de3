"""One question to the index: looks for lines and for pieces of them, within a bound of work."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from remit.provenance.blocks import OVERLAP, Block, is_long, shared
from remit.provenance.model import Caps, Found, Hit
from remit.provenance.recent import Recent, Tail
from remit.provenance.sought import Look, Pieces, Sought
from remit.provenance.store import Store

SHOWN = 200  # bytes of a piece that a hit keeps


class Asking:
    """Gathers the hits of one question. `before`: origins from there on are not looked at.

    Where only some groups are asked about, the first hit among them ends the search.
    """

    __slots__ = (
        "before", "caps", "done", "first", "groups", "hits", "partial", "slots", "store",
        "unknown", "work",
    )  # fmt: skip

    def __init__(
        self, store: Store, caps: Caps, before: int, groups: Collection[int] | None = None
    ) -> None:
        self.store, self.caps, self.before = store, caps, before
        self.work = caps.work
        self.first, self.done = groups is not None, False
        self.groups = store.shelves.keys() if groups is None else groups
        self.hits: dict[int, dict[int, Hit]] = {group: {} for group in self.groups}
        self.partial: set[int] = set()
        self.unknown = False
        self.slots = 0
        for group in self.groups:
            self.slots |= store.shelves[group].mask

    def found(self) -> Found:
        """What was found."""
        shelves = self.store.shelves.items()
        gaps = {group for group, one in shelves if one.gap is not None and one.gap < self.before}
        hits = sorted(
            (hit for one in self.hits.values() for hit in one.values()),
            key=lambda hit: (hit.origin, hit.group),
        )
        return Found(tuple(hits), frozenset(gaps), frozenset(self.partial), self.unknown)

    # ---- in the newest texts

    def tail(self, sought: Sought, tail: Tail) -> None:
        """Look in the newest texts."""
        self.unknown = self.unknown or not sought.whole
        for look in sought.looks:
            for one in self._worth_reading(look, tail):
                found = self._in_text(look, one)
                if found:
                    self._hit(one.group, one.origin, look.form, found)

    def _in_text(self, look: Look | Pieces, text: Recent) -> bytes | None:
        """What is looked for and stands in a text."""
        if type(look) is Pieces:
            return self._shared(look, text.words_for(look, self.caps))
        assert type(look) is Look, "there is nothing else to look for"
        return look.line if text.has(look, self.caps) else None

    def _worth_reading(self, look: Look | Pieces, tail: Tail) -> Iterator[Recent]:
        """The texts that may have what is looked for."""
        for one in tail.with_any(look, self.groups, self.before):
            if not self._may_go_on(1 + len(look.line) // 1000):
                return
            yield one

    def _shared(self, pieces: Pieces, text: bytes) -> bytes | None:
        """A piece that is long enough and stands in a text."""
        past = dict[int, int]()
        for piece, places in pieces.grams.items():
            at = text.find(piece)
            while at >= 0:
                common = self._long(pieces.line, places, text, at, past)
                if common or self.work < 0:
                    return common
                at = text.find(piece, at + 1)
        return None

    def _long(
        self, line: bytes, places: list[int], text: bytes, at: int, past: dict[int, int]
    ) -> bytes | None:
        """A piece that is long enough around a gram that stands there.

        `past`: for each way to lay the one over the other, up to where what they share is too
        little; so of texts that repeat themselves no two places are compared again and again.
        """
        if not self._may_go_on(1 + len(places) // 16):
            return None
        for place in places:
            if past.get(at - place, 0) <= at:
                common, high = shared(line, place, text, at)
                if is_long(common):
                    return common
                past[at - place] = at + high
                if not self._may_go_on(1):
                    return None
        return None

    # ---- in what is filed

    def filed(self, sought: Sought) -> None:
        """Look in the blocks."""
        if not self.store.used:
            return
        for look in sought.looks:
            if type(look) is Pieces:
                self._pieces(look)
            elif type(look) is Look and self._may_go_on(1):
                for block in self._blocks(look.keys(grams=self.store.grams)):
                    self._in_block(block, look.form, look.line)

    def _in_block(self, block: Block, form: str, look: bytes) -> None:
        """Every text of the block that has the line, from the first on."""
        at, start = 0, look[:OVERLAP]
        stop = block.last(self.before, len(look) - len(start))
        while (at := block.text.find(start, at, max(stop, 0))) >= 0:
            if not self._may_go_on(1 + len(look) // 1000):
                return
            if not block.at(look, at):
                at += 1
                continue
            entry = block.entry(at)
            self._hit(block.group, block.origins[entry], form, look)
            at = block.bound(entry)

    def _pieces(self, pieces: Pieces) -> None:
        """Look for pieces of a line that are long enough."""
        for block in self._open_blocks():
            has = block.keys or set()
            if not has.isdisjoint(pieces.keys):
                for _, piece in pieces.grams_of(has):
                    self._pieces_in(block, pieces, piece)
        known = self.store.signature.are_known(pieces.keys)
        for key, piece in pieces.grams_of(known) if known else ():
            if self.work < 0 or self.done:
                return
            for block in self._closed_blocks(self.store.holders(key)):
                if piece in block.text and self._is_new(block):
                    self._pieces_in(block, pieces, piece)

    def _pieces_in(self, block: Block, pieces: Pieces, piece: bytes) -> None:
        """Every text of the block that shares a long enough piece with the line around a gram."""
        stop, places = block.last(self.before, 0), pieces.grams[piece]
        at, low, past = block.text.find(piece, 0, stop), -1, dict[int, int]()
        while at >= 0 and self.work >= 0:
            entry = block.entry(at)
            if block.starts[entry] != low:
                low, past = block.starts[entry], {}
            high = block.bound(entry)
            common = self._long(pieces.line, places, block.text[low:high], at - low, past)
            if common:
                self._hit(block.group, block.origins[entry], pieces.form, common)
                at = high - 1
            at = -1 if self.done else block.text.find(piece, at + 1, stop)

    def _blocks(self, keys: list[int]) -> Iterator[Block]:
        """The blocks that may hold the keys, of groups that have not enough answers yet."""
        for block in self._open_blocks():
            if (block.keys or set()).issuperset(keys):
                yield block
        yield from self._closed_blocks(self.store.may_hold(keys, self.slots))

    def _open_blocks(self) -> Iterator[Block]:
        for group in self.groups:
            block = self.store.shelves[group].open
            if block.origins and group not in self.partial:
                if not self._may_go_on(1):
                    return
                yield block

    def _closed_blocks(self, among: int) -> Iterator[Block]:
        while among := among & self.slots:  # which have become fewer where a group is through
            slot = among.bit_length() - 1
            among ^= 1 << slot
            closed = self.store.blocks[slot]
            if closed is None or not self._may_go_on(1):
                return
            yield closed

    def _may_go_on(self, work: int) -> bool:
        self.work -= work
        self.store.work += work
        if self.work < 0:
            self.unknown = True
        return self.work >= 0 and not self.done

    def _is_new(self, block: Block) -> bool:
        """Whether some text of the block has not been found yet."""
        hits = self.hits[block.group]
        return not all(origin in hits for origin in block.origins)

    def _hit(self, group: int, origin: int, form: str, piece: bytes) -> None:
        hits = self.hits[group]
        if origin in hits:
            return
        if len(hits) == self.caps.answers:
            self.partial.add(group)
            self.slots &= ~self.store.shelves[group].mask
            return
        shown = piece[:SHOWN].decode("utf-8", "replace").strip()
        hits[origin] = Hit(origin, group, form, shown)
        self.done = self.first
