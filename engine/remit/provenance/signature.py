"""Which blocks may hold a key: a filter for each block, kept as one number for each filter bit.

A set of Bloom filters, transposed: row r has bit s set where the block in slot s has filter bit r.
A key stands for a few rows; the blocks that may hold it are the bits that all these rows share. So
a question costs a few bit operations on numbers with a bit for each block, whatever the blocks
hold, and what the rows say wrongly costs one comparison, never a wrong answer.
"""

from __future__ import annotations

from collections.abc import Iterable

ROWS = 10_243  # a prime, so that the rows of a key differ; 20 for each key of a full block
HASHES = 7  # rows of a key; one block in 5,000 is looked at in vain


class Signature:
    """The rows. Slots are numbered from 0; the caller says which are in use."""

    __slots__ = ("rows",)

    def __init__(self) -> None:
        self.rows: list[int] = []

    def put(self, slot: int, keys: Iterable[int]) -> None:
        """Enter the keys of the block in a slot, which must be clear."""
        if not self.rows:
            self.rows = [0] * ROWS
        rows, bit = self.rows, 1 << slot
        for key in keys:
            at, step = key % ROWS, key // ROWS % (ROWS - 1) + 1
            for _ in range(HASHES):
                rows[at] |= bit
                at += step
                if at >= ROWS:
                    at -= ROWS

    def find(self, key: int, among: int) -> int:
        """The slots among the given that may hold the key, as bits."""
        rows = self.rows
        if not rows:
            return 0
        at, step = key % ROWS, key // ROWS % (ROWS - 1) + 1
        for _ in range(HASHES):
            among &= rows[at]
            if not among:
                return 0
            at += step
            if at >= ROWS:
                at -= ROWS
        return among

    def keep(self, slots: int) -> None:
        """Clear all slots but these."""
        self.rows = [row & slots for row in self.rows]

    def copy(self) -> Signature:
        """One that changes apart from this one; the numbers are shared."""
        made = Signature()
        made.rows = self.rows[:]
        return made
