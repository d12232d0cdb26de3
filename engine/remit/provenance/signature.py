"""Which blocks may hold a key: a filter for each block, one bit of each byte in a row of bytes.

A set of Bloom filters, transposed: row r has bit s set where the block in slot s has filter bit r.
A key stands for a few rows; the blocks that may hold it are the bits that all these rows share. So
a question costs a few bit operations on numbers with a bit for each block, whatever the blocks
hold, and what the rows say wrongly costs one comparison, never a wrong answer.
"""

from __future__ import annotations

from collections.abc import Iterable

# Primes, so that the rows of a key have nothing to do with each other; 24 for each key of a full
# block. A key stands for five, so one block in 4,000 is looked at in vain.
SIZES = ROWS, SECOND, THIRD, FOURTH, FIFTH = 12_289, 12_281, 12_277, 12_269, 12_263
_WITHOUT = [bytes(byte & ~(1 << bit) for byte in range(256)) for bit in range(8)]


class Signature:
    """The rows, one after the other. Slots are numbered from 0; the caller says which are in use.

    `width`: bytes of a row; they have room for slots to come.
    """

    __slots__ = ("data", "width")

    def __init__(self) -> None:
        self.data = bytearray()
        self.width = 0

    def put(self, slot: int, keys: Iterable[int]) -> None:
        """Enter the keys of the block in a slot, which must be clear."""
        if slot >= 8 * self.width:
            self.widen(slot + 1)
        column = bytearray(self.data[slot // 8 :: self.width])  # one that stays in the cache
        bit = 1 << slot % 8
        for key in keys:  # written out, since adding spends its time here
            column[key % ROWS] |= bit
            column[key % SECOND] |= bit
            column[key % THIRD] |= bit
            column[key % FOURTH] |= bit
            column[key % FIFTH] |= bit
        self.data[slot // 8 :: self.width] = column

    def widen(self, slots: int) -> None:
        """Make room for so many slots, and some more."""
        old, width = self.width, max((slots + 7) // 8, self.width + self.width // 8)
        data = bytearray(ROWS * width)
        for at in range(old):
            data[at::width] = self.data[at::old]
        self.data, self.width = data, width

    def find(self, key: int, among: int) -> int:
        """The slots among the given that may hold the key, as bits."""
        data, width = self.data, self.width
        for size in SIZES:
            at = key % size * width
            among &= int.from_bytes(data[at : at + width], "little")
            if not among:
                return 0
        return among

    def clear(self, slot: int) -> None:
        """Clear a slot."""
        column = self.data[slot // 8 :: self.width].translate(_WITHOUT[slot % 8])
        self.data[slot // 8 :: self.width] = column

    def copy(self) -> Signature:
        """One that changes apart from this one."""
        made = Signature()
        made.data, made.width = self.data[:], self.width
        return made
