"""Bytes that say what they are, and whether they are whole.

The form: some bytes that name the kind, the version of the form (2 bytes), a digest that they
belong to (32), a checksum of all that stands before and behind it (CRC-32, 4 bytes), and the
content. The checksum finds damage, not malice: it is no signature, and a longer one would be none
either. This one takes no time and needs no library that is slow to load.
"""

from __future__ import annotations

import zlib

STRANGE, OTHER_FORM, DAMAGED = "strange", "other form", "damaged"  # why bytes cannot be used


class Unsealed(Exception):
    """Why sealed bytes cannot be used: `strange`, `other form` (which one), or `damaged`."""

    def __init__(self, why: str, form: int = 0) -> None:
        super().__init__(why)
        self.why, self.form = why, form


def sealed(kind: bytes, form: int, digest: str, content: bytes) -> bytes:
    """The content behind its head; the digest is given in hex."""
    head = kind + form.to_bytes(2, "big") + bytes.fromhex(digest)
    return head + _checksum(head, content) + content


def _checksum(head: bytes, content: bytes | memoryview) -> bytes:
    return zlib.crc32(content, zlib.crc32(head)).to_bytes(4, "big")


def unsealed(data: object, kind: bytes, form: int) -> tuple[str, memoryview]:
    """The digest and the content, if all is as it was made. Raises `Unsealed`."""
    if not isinstance(data, bytes) or not data.startswith(kind):
        raise Unsealed(STRANGE)
    size = len(kind)
    version = int.from_bytes(data[size : size + 2], "big")
    if version != form:
        raise Unsealed(OTHER_FORM, version)
    head, check = data[: size + 34], data[size + 34 : size + 38]
    content = memoryview(data)[size + 38 :]
    if _checksum(head, content) != check:
        raise Unsealed(DAMAGED)
    return head[-32:].hex(), content


def inflated(packed: bytes | memoryview, most: int) -> bytes:
    """What was packed with zlib, never more of it than `most` bytes. Raises `ValueError`."""
    inflate = zlib.decompressobj()
    try:
        text = inflate.decompress(packed, most + 1)
    except zlib.error as error:
        raise ValueError(str(error)) from None
    if len(text) > most:
        raise ValueError(f"more than {most >> 20} MB")
    if not inflate.eof or inflate.unused_data:
        raise ValueError("it is not packed as one piece")
    return text
