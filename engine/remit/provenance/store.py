"""The blocks of all groups: adding to them, letting the oldest go, and which may hold a key."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, field

from remit.program.values import UNKNOWN, Truth
from remit.provenance.blocks import LONGEST, Block, blocks_of, keys_of
from remit.provenance.model import MOST_GROUPS
from remit.provenance.signature import KNOWN, ROWS, Signature, page_size, pages

MOST_HELD = 1_000  # keys whose blocks are kept


@dataclass(slots=True)
class Shelf:
    """The blocks of one group: slots of the closed ones from old to new, and the open one.

    `mask` has the bit of each slot; `gap` is the oldest origin that is not here any more, or never
    was.
    """

    open: Block
    slots: deque[int] = field(default_factory=deque)
    mask: int = 0
    gap: int | None = None
    size: int = 0


class Store:
    """Blocks by slot. What goes first when memory is short: the oldest block of the largest group.

    So a flood of tool results does not wash away what the user said, where they are two groups.
    """

    __slots__ = ("blocks", "free", "grams", "held", "memory", "shelves", "signature",
                 "used", "work")  # fmt: skip

    def __init__(self, memory: int, *, grams: bool = True) -> None:
        self.memory = memory
        self.used = False  # whether anything was ever added
        self.grams = grams  # whether pieces of texts can be asked for
        self.blocks: list[Block | None] = []
        self.shelves: dict[int, Shelf] = {}
        self.signature = Signature()
        self.held: dict[int, int] = {}  # by key, the slots whose blocks may hold it
        self.free: list[int] = []  # a heap, so that the lowest slot is taken first
        self.work = 0  # tokens, blocks and rows touched, for tests of cost

    @property
    def size(self) -> int:
        """Bytes that all of it takes, roughly; nothing counts but what was added and dropped.

        A shelf with nothing on it does not count, so that it does not matter when it was made.
        """
        used = [one for one in self.shelves.values() if one.open.origins]
        blocks = sum(one.open.size + 100 * len(one.open.keys or ()) for one in used)
        blocks += sum(one.size for one in self.shelves.values())
        rows = ROWS * (len(self.blocks) + 7) // 7  # a bit in each, and room to come
        known = sum(map(page_size, range(pages(len(self.blocks)))))
        return blocks + rows + KNOWN * known

    def shelf(self, group: int) -> Shelf:
        """The shelf of a group. Raises `ValueError` for a bad number, or one group too many."""
        if type(group) is not int or not 0 <= group < 1 << 32:
            raise ValueError("groups are whole numbers from 0 on")
        found = self.shelves.get(group)
        if found is None:
            if len(self.shelves) == MOST_GROUPS:
                raise ValueError(f"an index has no more than {MOST_GROUPS} groups")
            found = self.shelves[group] = Shelf(Block(group, keys=set()))
        return found

    def miss(self, group: int, origin: int) -> None:
        """Note that something of an origin is not here."""
        shelf = self.shelf(group)
        shelf.gap = origin if shelf.gap is None else min(shelf.gap, origin)

    def lacks(self, groups: Collection[int], before: int, *, whole: bool) -> Truth:
        """Whether what was not found is nowhere in these groups; `whole`: all was looked for."""
        gaps = (self.shelves[group].gap for group in groups)
        is_cut = any(gap is not None and gap < before for gap in gaps)
        return UNKNOWN if is_cut or not whole else False

    def add(self, group: int, origin: int, data: bytes) -> None:
        """Add a line of an origin."""
        shelf = self.shelf(group)
        self.used = True
        self.work += len(data)
        if len(data) < LONGEST // 2:
            keys = keys_of(data, grams=self.grams)
            if not shelf.open.fits(data, keys):
                self._close(shelf, Block(group, keys=set()))
            shelf.open.put(origin, data, keys)
            return
        for block in blocks_of(group, origin, data, grams=self.grams):
            self._close(shelf, block)

    def _close(self, shelf: Shelf, following: Block) -> None:
        """Close the open block, if anything is in it, and go on with another."""
        closing, shelf.open = shelf.open, following
        if not closing.origins:
            return
        slot = self._slot()
        self.place(slot, closing, shelf)
        while self.size > self.memory and self._drop():
            pass

    def place(self, slot: int, block: Block, shelf: Shelf) -> None:
        """Put a closed block into a slot that is clear."""
        self.held.clear()
        keys, block.keys = block.keys or set(), None
        self.work += len(keys)
        self.signature.put(slot, keys)
        self.blocks[slot] = block
        shelf.slots.append(slot)
        shelf.mask |= 1 << slot
        shelf.size += block.size

    def _slot(self) -> int:
        if self.free:
            return heapq.heappop(self.free)
        self.blocks.append(None)
        return len(self.blocks) - 1

    def _drop(self) -> bool:
        """Drop the oldest block of the largest group; false where there is none."""
        shelf = max(self.shelves.values(), key=lambda one: one.size)
        if not shelf.slots:
            return False
        slot = shelf.slots.popleft()
        block = self.blocks[slot]
        assert block is not None, "a shelf lists the slots of its blocks"
        self.held.clear()
        self.blocks[slot] = None
        shelf.mask &= ~(1 << slot)
        shelf.size -= block.size
        self.miss(block.group, block.origins[0])
        self.work += ROWS
        self.signature.clear(slot)
        heapq.heappush(self.free, slot)
        return True

    def may_hold(self, keys: list[int], among: int) -> int:
        """The slots among these, as bits, whose blocks may hold all the keys."""
        for key in keys:
            among &= self.holders(key)
            if not among:
                break
        return among

    def holders(self, key: int) -> int:
        """The slots, as bits, whose blocks may hold a key.

        They are kept until the blocks change, for the same is asked of several groups.
        """
        found = self.held.get(key)
        if found is None:
            self.work += 1
            if len(self.held) == MOST_HELD:
                self.held.clear()
            found = self.held[key] = self.signature.find(key)
        return found

    def copy(self) -> Store:
        """One that grows apart from this one; closed blocks are shared."""
        made = Store(self.memory, grams=self.grams)
        made.used = self.used
        made.blocks, made.signature = self.blocks[:], self.signature.copy()
        made.free = self.free[:]
        made.shelves = {
            group: Shelf(one.open.copy(), one.slots.copy(), one.mask, one.gap, one.size)
            for group, one in self.shelves.items()
        }
        return made
