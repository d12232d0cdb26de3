"""An index as plain data and back. The data is not trusted: what it says wrongly is a `ValueError`.

Saved are the normalised texts, compressed, with their origins; the signature is made anew, so no
data can make the index miss what its texts hold. It holds what was said: keep it as safe as that.
"""

from __future__ import annotations

import zlib
from array import array
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import asdict, fields
from itertools import pairwise
from typing import Any

from remit.provenance.blocks import LONGEST, MOST_KEYS, OVERLAP, Block, keys_between, keys_of
from remit.provenance.index import END, Index
from remit.provenance.model import MOST_GROUPS, Caps
from remit.provenance.recent import MOST_SIZE, MOST_TEXTS, Recent

VERSION = 2
_LONGEST = LONGEST + 2  # bytes of a block with its last line end
_THICKEST = 4 * MOST_KEYS  # keys of a block; a few more than it should have do no harm


def to_json(index: Index) -> dict[str, Any]:
    """The index as plain data, a few times smaller than its texts."""
    texts = index.read()
    groups = [_shelf_to_json(index, group) for group in index.store.shelves]
    newest = {
        "rows": [[one.group, one.origin, one.size, len(one.data or b"")] for one in texts],
        "text": _packed(b"".join(one.data or b"" for one in texts)),
    }
    return {"version": VERSION, "caps": asdict(index.caps), "end": index.end, "groups": groups,
            "newest": newest,
            "slots": len(index.store.blocks)}  # fmt: skip


def _shelf_to_json(index: Index, group: int) -> dict[str, Any]:
    shelf = index.store.shelves[group]
    closed = [block for slot in shelf.slots if (block := index.store.blocks[slot]) is not None]
    blocks = [*closed, shelf.open]
    text = _packed(b"".join(block.text for block in blocks))
    return {
        "group": group, "gap": shelf.gap, "slots": list(shelf.slots),
        "sizes": [len(block.text) for block in blocks],
        "starts": [list(block.starts) for block in blocks],
        "origins": [list(block.origins) for block in blocks],
        "goes_on": [block.more is not None for block in blocks],
        "text": text,
    }  # fmt: skip


def _packed(text: bytes) -> str:
    return b64encode(zlib.compress(text)).decode()


def from_json(data: object, *, pieces: bool = True) -> Index:
    """The index that the data describes. Raises `ValueError` where it describes none."""
    try:
        return _index(data, pieces=pieces)
    except _Unreadable as error:
        raise ValueError(f"the index cannot be read: {error}") from error
    except _ERRORS as error:
        raise ValueError(f"the index cannot be read: {str(error)[:200]}") from error


_ERRORS = (LookupError, TypeError, AttributeError, ValueError, OverflowError, zlib.error)


class _Unreadable(Exception):
    """What is wrong with the data."""


def _index(data: Any, *, pieces: bool) -> Index:
    _must(type(data) is dict, "it is no record")
    _must(data["version"] == VERSION, f"its version is not {VERSION}")
    caps = data["caps"]
    _must(type(caps) is dict and caps.keys() == {one.name for one in fields(Caps)}, "its caps")
    index = Index(Caps(**caps), pieces=pieces)
    index.end = _number(data["end"], END)
    store, slots = index.store, _number(data["slots"], index.caps.memory // 256)
    store.blocks = [None] * slots
    store.signature.widen(slots)
    _must(type(data["groups"]) is list and len(data["groups"]) <= MOST_GROUPS, "its groups")
    left = index.caps.memory + 2 * MOST_GROUPS * LONGEST
    for row in data["groups"]:
        left -= _shelf_from_json(index, row, left)
    _newest(index, data["newest"], left)
    store.free = [at for at, block in enumerate(store.blocks) if block is None]
    return index


def _newest(index: Index, data: Any, left: int) -> None:
    """Read the texts that are not filed yet."""
    rows = data["rows"]
    _must(type(rows) is list and len(rows) <= MOST_TEXTS, "its newest texts")
    total = sum(_number(row[3], left + 1) for row in rows)
    _must(total <= left, "it is larger than its cap")
    text, at = _text(data["text"], total), 0
    _ascending([row[1] for row in rows], "Q", index.end)
    for group, origin, size, length in rows:
        _must(type(group) is int and group in index.store.shelves, "a group of its newest texts")
        part = text[at : at + length]
        index.tail.put(Recent(group, origin, _number(size, MOST_SIZE + 1), [], part))
        at += length
    _must(not index.tail.is_full, "its newest texts")


def _shelf_from_json(index: Index, row: Any, left: int) -> int:
    """Read one group; how many bytes its texts have."""
    group, store = row["group"], index.store
    _must(type(group) is not int or group not in store.shelves, "a group stands twice")
    shelf = store.shelf(group)
    shelf.gap = None if row["gap"] is None else _number(row["gap"], index.end)
    blocks = list(_blocks(index, row, left))
    _enter_keys(blocks, grams=store.grams)
    _must(type(row["slots"]) is list and len(row["slots"]) == len(blocks) - 1, "its slots")
    for slot, block in zip(row["slots"], blocks, strict=False):
        _number(slot, len(store.blocks))
        _must(store.blocks[slot] is None and len(block.origins) > 0, "its slots")
        store.place(slot, block, shelf)
    shelf.open = blocks[-1]
    store.used = store.used or len(blocks) > 1 or bool(shelf.open.origins)
    return sum(len(block.text) for block in blocks)


def _blocks(index: Index, row: Any, left: int) -> Iterator[Block]:
    """The blocks of a group from old to new."""
    sizes = row["sizes"]
    _must(type(sizes) is list and len(sizes) > 0, "its sizes")
    total = sum(_number(size, _LONGEST + 1) for size in sizes)
    _must(total <= left, "it is larger than its cap")
    text = _text(row["text"], total)
    at, last, older = 0, None, 0
    rows = zip(sizes, row["starts"], row["origins"], row["goes_on"], strict=True)
    for size, starts, origins, goes_on in rows:
        block = Block(row["group"], text[at : at + size], _ascending(starts, "H", size),
                      _ascending(origins, "Q", index.end), set())  # fmt: skip
        _must(len(starts) == len(origins) and starts[:1] in ([], [0]), "its origins")
        _must(not origins or origins[0] >= older, "its origins do not ascend")
        _must(type(goes_on) is bool and (not goes_on or len(starts) == 1), "its blocks")
        if last is not None:
            _must(block.text[:OVERLAP] == last.text[-OVERLAP:], "a text does not go on")
            last.more = block
        last, older = block if goes_on else None, max([older, *origins[-1:]])
        at += size
        yield block
    _must(last is None, "a text does not go on")


def _enter_keys(blocks: list[Block], *, grams: bool) -> None:
    """Find the keys of blocks anew, of a text that goes on over several as of one."""
    at = 0
    while at < len(blocks):
        end = at
        while blocks[end].more is not None:
            end += 1
        last, first = blocks[end], 0
        if end > at:
            _enter_long(blocks[at : end + 1], grams=grams)
            first = 1
        for entry in range(first, len(last.starts)):
            keys = keys_of(last.text[last.starts[entry] : last.bound(entry) - 1], grams=grams)
            last.keys = keys | (last.keys or set())
        at = end + 1
    for block in blocks:
        _must(len(block.keys or ()) <= _THICKEST, "a block has too many tokens")


def _enter_long(blocks: list[Block], *, grams: bool) -> None:
    parts = [block.text for block in blocks]
    parts[-1] = parts[-1][: blocks[-1].bound(0) - 1]
    data, low = parts[0] + b"".join(part[OVERLAP:] for part in parts[1:]), 0
    for block, part in zip(blocks, parts, strict=True):
        block.keys = keys_between(data, low, low + len(part), grams=grams)
        block.after = len(data) - low - len(part)
        low += len(part) - OVERLAP


def _text(packed: Any, size: int) -> bytes:
    _must(type(packed) is str and len(packed) <= 2 * size + 1000, "its text")
    unpacking = zlib.decompressobj()
    text = unpacking.decompress(b64decode(packed, validate=True), size + 1)
    _must(len(text) == size and unpacking.eof, "its text has another size")
    return text


def _ascending(values: Any, kind: str, below: int) -> array[int]:
    _must(type(values) is list and len(values) <= _LONGEST, "its origins")
    for one in values:
        _number(one, below)
    _must(all(low <= high for low, high in pairwise(values)), "its order")
    return array(kind, values)


def _number(value: Any, below: int) -> int:
    _must(type(value) is int and 0 <= value < max(below, 1), "a number in it")
    assert type(value) is int, "checked above"
    return value


def _must(truth: bool, what: str) -> None:
    if not truth:
        raise _Unreadable(what)
