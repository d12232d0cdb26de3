"""Blocks: some kilobytes of normalised texts each, with the keys under which they can be found.

The keys of a text are checksums of its tokens, and of its grams: from the start of each token, and
from every twelfth byte of a long one, 27 bytes on, or six tokens where that is shorter. A piece of
8 tokens or 40 bytes that two texts share holds such a gram: of any 13 bytes in a row one begins a
gram, and 13 + 27 = 40; and the second of 8 tokens begins six. Of a text that is asked about all
bytes of long tokens begin one, so it is found wherever the two texts begin. Checksums only say
where to look; `Block.at` and `shared` compare.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate, chain, repeat
from zlib import crc32

from remit.provenance.normal import is_word

MOST_KEYS = 1024  # of a block, so that its signature stays thin
LONGEST = 8192  # bytes of a block
OVERLAP = 400  # bytes that a block of a long text shares with the next; what is compared in one
LONG_TOKEN = 12  # bytes; a longer token has grams inside
GRAM, GRAM_TOKENS = 27, 6
WORDS, CHARACTERS = 8, 40  # of a piece that is long enough to be a quote; blanks do not count


@dataclass(slots=True)
class Block:
    """Texts of one group: where each begins, and its origin, ascending.

    `keys` is there as long as the block is open. `more` goes on with a text that is too long for
    one block: it begins with the last `OVERLAP` bytes of this one. `after`: the bytes of that text
    that are not here.
    """

    group: int
    text: bytes = b""
    starts: array[int] = field(default_factory=lambda: array("H"))
    origins: array[int] = field(default_factory=lambda: array("Q"))
    keys: set[int] | None = None
    more: Block | None = None
    after: int = 0

    @property
    def size(self) -> int:
        """Bytes that the block takes, roughly."""
        return len(self.text) + 10 * len(self.starts) + 400

    def fits(self, data: bytes, keys: set[int]) -> bool:
        """Whether an open block can take these bytes with these keys."""
        has = self.keys
        if has is None or len(self.text) + len(data) >= LONGEST:
            return False
        return len(has) + len(keys) <= MOST_KEYS or len(has | keys) <= MOST_KEYS

    def put(self, origin: int, data: bytes, keys: set[int]) -> None:
        """Append a text to an open block."""
        assert self.keys is not None, "a closed block does not change"
        self.starts.append(len(self.text))
        self.origins.append(origin)
        self.text += data + b"\n"
        self.keys |= keys

    def copy(self) -> Block:
        """An open block that grows apart from this one."""
        return Block(self.group, self.text, self.starts[:], self.origins[:], set(self.keys or ()))

    def end(self, before: int) -> int:
        """How many of its texts are older than an origin."""
        return bisect_left(self.origins, before)

    def entry(self, at: int) -> int:
        """Which of its texts a place is in."""
        return bisect_right(self.starts, at) - 1

    def bound(self, entry: int) -> int:
        """Where the text after this one begins, or the end."""
        return self.starts[entry + 1] if entry + 1 < len(self.starts) else len(self.text)

    def last(self, before: int, size: int) -> int:
        """Where texts that are older than an origin end, or a line of this size begins at last."""
        older = self.end(before)
        stop = self.bound(older - 1) if older else 0
        return min(stop, len(self.text) + self.after - size)

    def at(self, look: bytes, place: int) -> bool:
        """Whether a line stands there, also where it goes on in the next blocks."""
        block: Block | None = self
        while block is not None:
            have = block.text[place : place + len(look)]
            if not look.startswith(have):
                return False
            look = look[len(have) :]
            if not look:
                return True
            block, place = block.more, OVERLAP
        return False


def blocks_of(group: int, origin: int, data: bytes, *, grams: bool) -> Iterator[Block]:
    """A text that is too long for one block, in several; the last one is open."""
    low, last = 0, None
    while True:
        keys, high = _chunk(data, low, grams=grams)
        block = Block(group, keys=set())
        block.put(origin, data[low:high], keys)
        if high < len(data):
            block.text, block.after = block.text[:-1], len(data) - high  # it does not end here
        if last is not None:
            last.more = block
            yield last
        if high == len(data):
            yield block
            return
        low, last = high - OVERLAP, block


def _chunk(data: bytes, low: int, *, grams: bool) -> tuple[set[int], int]:
    """The keys of a block that begins there, and its end."""
    high = min(low + LONGEST - 1, len(data))
    keys = keys_between(data, low, high, grams=grams)
    while len(keys) > MOST_KEYS and high - low > 2 * OVERLAP:  # else it would not get on
        high = low + max((high - low) * MOST_KEYS * 9 // len(keys) // 10, 2 * OVERLAP)
        keys = keys_between(data, low, high, grams=grams)
    return keys, high


def keys_of(data: bytes, *, grams: bool = True) -> set[int]:
    """All keys of a line."""
    return keys_between(data, 0, len(data), grams=grams)


def keys_between(data: bytes, low: int, high: int, *, grams: bool = True) -> set[int]:
    """The keys of a part of a line, with those of its grams or without.

    A token whose end lies behind the part counts in full; the rest of one that began before it
    counts as one, which does no harm.
    """
    found = data[low:high].split(b" ")
    if found[-1]:
        end = data.find(b" ", high)
        found[-1] = data[high - len(found[-1]) : end if end >= 0 else len(data)]
    keys = set(map(crc32, filter(None, found)))
    if grams:
        keys.update(map(crc32, _grams(data, low, high)))
    return keys


def _grams(data: bytes, low: int, high: int) -> Iterator[bytes]:
    """The grams that begin in a part of a line.

    Nearly all the time of adding goes by here, so as little as can be is done for each token.
    """
    found = data[low : high + GRAM].split(b" ")
    starts = [at + size for at, size in enumerate(accumulate(map(len, found), initial=low))]
    many = bisect_left(starts, high)
    full = min(many, bisect_right(starts, len(data) - GRAM))
    later = chain(starts[GRAM_TOKENS:], repeat(len(data) + 2 * GRAM))
    yield from [
        data[at : end - 1] if end <= at + GRAM else data[at : at + GRAM]
        for token, at, end in zip(found[:full], starts, later, strict=False)
        if token
    ]
    for place in starts[full:many]:
        yield gram(data, place)
    for token, at in zip(found[:many], starts, strict=False):
        if len(token) > LONG_TOKEN:
            for place in range(at + LONG_TOKEN, min(at + len(token), high), LONG_TOKEN):
                yield gram(data, place)


def gram(data: bytes, at: int) -> bytes:
    """The gram that begins there; empty where too little follows."""
    piece = data[at : at + GRAM]
    if piece.count(b" ") >= GRAM_TOKENS:
        return b" ".join(piece.split(b" ", GRAM_TOKENS)[:GRAM_TOKENS])
    return piece if len(piece) == GRAM else b""


def asked_grams(data: bytes) -> list[tuple[int, bytes]]:
    """Grams of a line that is asked about, each with its place; enough, though not all.

    Of two texts that share a piece one gram in it has to be asked for. A gram is 27 bytes or six
    tokens at most, and a piece 40 bytes or 8 tokens, so it is enough to have one begin in any 13
    bytes and at one token in any three. In a long token all bytes begin one.
    """
    sizes = list(map(len, data.split(b" ")))
    starts = [at + size for at, size in enumerate(accumulate(sizes, initial=0))]
    final = len(sizes) - 1  # behind the last blank there is nothing
    longs = deque(at for at, size in enumerate(sizes) if size > LONG_TOKEN)
    places, at = list[int](), 1
    enough, last = LONG_TOKEN + 1, WORDS - GRAM_TOKENS + 1  # the next one begins no later than this
    while at < final:
        pick = max(min(bisect_right(starts, enough) - 1, last, final - 1), at)
        if longs and longs[0] <= pick:
            pick = longs.popleft()
            places += range(starts[pick], starts[pick] + sizes[pick])
            enough = starts[pick] + sizes[pick] + 1
        else:
            places.append(starts[pick])
            enough = starts[pick] + LONG_TOKEN + 1
        last, at = pick + WORDS - GRAM_TOKENS + 1, pick + 1
    return [(place, piece) for place in places if (piece := gram(data, place))]


# ---- pieces that two texts share


def is_long(data: bytes) -> bool:
    """Whether a piece of a line is long enough to be a quote: whole words, or characters."""
    text = data.decode("utf-8", "ignore")
    if len(text) - text.count(" ") >= CHARACTERS:
        return True
    return sum(map(is_word, data.split(b" ")[1:-1])) >= WORDS


def shared(left: bytes, at: int, right: bytes, place: int) -> tuple[bytes, int]:
    """What two texts share around two places at which they agree, up to a bound; and how much of it
    comes from there on."""
    low = _same(left[max(at - OVERLAP, 0) : at][::-1], right[max(place - OVERLAP, 0) : place][::-1])
    high = _same(left[at : at + OVERLAP], right[place : place + OVERLAP])
    return left[at - low : at + high], high


def _same(left: bytes, right: bytes) -> int:
    """How many bytes two texts have in common from their beginning."""
    low, high = 0, min(len(left), len(right))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if left[:middle] == right[:middle] else (low, middle - 1)
    return low
