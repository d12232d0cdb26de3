"""One question to the index: looks for lines and for pieces of them, within a bound of work."""

from __future__ import annotations

from collections.abc import Iterator
from zlib import crc32

from remit.provenance.blocks import OVERLAP, Block, asked_grams, gram, is_long, shared
from remit.provenance.model import Caps, Found, Hit
from remit.provenance.store import Store

KEYS = 12  # of a line, that are looked up; the longest tokens tell most
SHOWN = 200  # bytes of a piece that a hit keeps


class Asking:
    """Gathers the hits of one question. `before`: origins from there on are not looked at."""

    __slots__ = ("answers", "before", "hits", "partial", "slots", "store", "unknown", "work")

    def __init__(self, store: Store, caps: Caps, before: int) -> None:
        self.store, self.before = store, before
        self.work, self.answers = caps.work, caps.answers
        self.hits: dict[int, dict[int, Hit]] = {group: {} for group in store.shelves}
        self.partial: set[int] = set()
        self.unknown = False
        self.slots = 0
        for shelf in store.shelves.values():
            self.slots |= shelf.mask

    def found(self) -> Found:
        """What was found."""
        shelves = self.store.shelves.items()
        gaps = {group for group, one in shelves if one.gap is not None and one.gap < self.before}
        hits = sorted(
            (hit for one in self.hits.values() for hit in one.values()),
            key=lambda hit: (hit.origin, hit.group),
        )
        return Found(tuple(hits), frozenset(gaps), frozenset(self.partial), self.unknown)

    def value(self, form: str, look: bytes) -> None:
        """Look for a line as a whole."""
        if not self._may_go_on(1):
            return
        for block in self._blocks(_keys_of(look)):
            self._in_block(block, form, look)

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
            self._hit(block, entry, form, look)
            at = block.bound(entry)

    def pieces(self, form: str, data: bytes) -> None:
        """Look for pieces of a line that are long enough."""
        for piece, places in asked_grams(data).items():
            for block in self._blocks([crc32(piece)]):
                if self._is_new(block):
                    self._pieces_in(block, form, data, piece, places)
            if self.work < 0:
                return

    def _pieces_in(
        self, block: Block, form: str, data: bytes, piece: bytes, places: list[int]
    ) -> None:
        """Every text of the block that shares a long enough piece with the line around a gram."""
        stop = block.last(self.before, 0)
        at = block.text.find(piece, 0, stop)
        while at >= 0 and self._may_go_on(len(places)):
            entry = block.entry(at)
            low, high = block.starts[entry], block.bound(entry)
            text = block.text[low:high]
            for place in places:
                common = shared(data, place, text, at - low)
                if is_long(common):
                    self._hit(block, entry, form, common)
                    at = high - 1
                    break
            at = block.text.find(piece, at + 1, stop)

    def _blocks(self, keys: list[int]) -> Iterator[Block]:
        """The blocks that may hold the keys, of groups that have not enough answers yet."""
        for shelf in self.store.shelves.values():
            block = shelf.open
            has = block.keys or ()
            if block.group not in self.partial and all(key in has for key in keys):
                if not self._may_go_on(1):
                    return
                yield block
        among = self.store.may_hold(keys, self.slots)
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
        return self.work >= 0

    def _is_new(self, block: Block) -> bool:
        """Whether some text of the block has not been found yet."""
        hits = self.hits[block.group]
        return not all(origin in hits for origin in block.origins)

    def _hit(self, block: Block, entry: int, form: str, piece: bytes) -> None:
        origin, hits = block.origins[entry], self.hits[block.group]
        if origin in hits:
            return
        if len(hits) == self.answers:
            self.partial.add(block.group)
            self.slots &= ~self.store.shelves[block.group].mask
            return
        shown = piece[:SHOWN].decode("utf-8", "replace").strip()
        hits[origin] = Hit(origin, block.group, form, shown)


def _keys_of(look: bytes) -> list[int]:
    """Keys of a line that tell most: its first gram and its longest tokens."""
    head = look.find(b" ", OVERLAP)
    tokens = {one for one in look[: head if head > 0 else len(look)].split(b" ") if one}
    longest = sorted(tokens, key=lambda one: (-len(one), one))[:KEYS]
    first = gram(look, 1)
    return [crc32(one) for one in ([first] if first else []) + longest]
