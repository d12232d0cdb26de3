"""Which blocks may hold a key: a filter for each block, one bit of each byte in a row of bytes.

A set of Bloom filters, transposed: row r has bit s set where the block in slot s has filter bit r.
A key stands for a few rows; the blocks that may hold it are the bits that all these rows share. So
a question costs a few bit operations on numbers with a bit for each block, whatever the blocks
hold, and what the rows say wrongly costs one comparison, never a wrong answer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

# Primes, so that the rows of a key have nothing to do with each other; 16 for each key of a full
# block. A key stands for five, so of the keys that are known one block in 700 is looked at in vain.
SIZES = ROWS, SECOND, THIRD, FOURTH, FIFTH = 16_381, 16_369, 16_363, 16_361, 16_349
FEW, SOME, PAGE = 8, 64, 512  # slots up to which keys are known together; then so many at a time
MIX = 0x9E3779B1  # makes another number of a key
KNOWN = 1 << 10  # bytes for the keys of a slot: one for each
_WITHOUT = [bytes(byte & ~(1 << bit) for byte in range(256)) for bit in range(8)]


def pages(slots: int) -> int:
    """How many pages the keys of so many slots are known by; the first ones are small, as most
    sessions are."""
    return (slots > 0) + (slots > FEW) + (slots > SOME) * (1 + (slots - 1) // PAGE)


def page_size(page: int) -> int:
    """For how many slots a page is made."""
    return (FEW, SOME, PAGE)[min(page, 2)]


class Signature:
    """The rows, one after the other. Slots are numbered from 0; the caller says which are in use.

    `width`: bytes of a row; they have room for slots to come. `known`: for each page of slots a bit
    for each key that they ever had, so that of most keys that none has it is told at one glance.
    """

    __slots__ = ("data", "known", "width")

    def __init__(self) -> None:
        self.data = bytearray()
        self.width = 0
        self.known: list[bytearray] = []

    def put(self, slot: int, keys: Collection[int]) -> None:
        """Enter the keys of the block in a slot, which must be clear."""
        if slot >= 8 * self.width:
            self.widen(slot + 1)
        column = bytearray(self.data[slot // 8 :: self.width])  # one that stays in the cache
        bit = 1 << slot % 8
        known = self._known_of(slot)
        last = len(known) - 1
        for key in keys:  # written out, since adding spends its time here
            column[key % ROWS] |= bit
            column[key % SECOND] |= bit
            column[key % THIRD] |= bit
            column[key % FOURTH] |= bit
            column[key % FIFTH] |= bit
            known[key >> 3 & last] |= 1 << (key & 7)
            known[key * MIX >> 9 & last] |= 1 << (key >> 5 & 7)
        self.data[slot // 8 :: self.width] = column

    def _known_of(self, slot: int) -> bytearray:
        """What is known of the page of a slot."""
        page = pages(slot + 1) - 1
        while len(self.known) <= page:
            self.known.append(bytearray(KNOWN * page_size(len(self.known))))
        return self.known[page]

    def widen(self, slots: int) -> None:
        """Make room for so many slots, and some more."""
        old, width = self.width, max((slots + 7) // 8, self.width + self.width // 8)
        data = bytearray(ROWS * width)
        for at in range(old):
            data[at::width] = self.data[at::old]
        self.data, self.width = data, width

    def are_known(self, keys: Iterable[int]) -> set[int]:
        """Those of some keys that a block may have had; it has nothing of all others."""
        found = {key for page in self.known for key in keys
                 if page[key >> 3 & len(page) - 1] >> (key & 7) & 1}  # fmt: skip
        return {key for page in self.known for key in found
                if page[key >> 3 & len(page) - 1] >> (key & 7) & 1
                and page[key * MIX >> 9 & len(page) - 1] >> (key >> 5 & 7) & 1}  # fmt: skip

    def find(self, key: int) -> int:
        """The slots that may hold the key, as bits."""
        if not self.are_known([key]):
            return 0
        data, width, found = self.data, self.width, -1
        for size in SIZES:
            at = key % size * width
            found &= int.from_bytes(data[at : at + width], "little")
            if not found:
                break
        return found

    def clear(self, slot: int) -> None:
        """Clear a slot."""
        column = self.data[slot // 8 :: self.width].translate(_WITHOUT[slot % 8])
        self.data[slot // 8 :: self.width] = column

    def copy(self) -> Signature:
        """One that changes apart from this one."""
        made = Signature()
        made.data, made.width = self.data[:], self.width
        made.known = [page[:] for page in self.known]
        return made
