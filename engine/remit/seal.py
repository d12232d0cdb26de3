"""Bytes that say what they are, and whether they are whole.

The form: some bytes that name the kind, the version of the form (2 bytes), a digest that they
belong to (32), the SHA-256 of all that stands before and behind it (32), and the content. The
checksum finds damage, not malice: it is no signature.
"""

from __future__ import annotations

import zlib
from hashlib import sha256

STRANGE, OTHER_FORM, DAMAGED = "strange", "other form", "damaged"  # why bytes cannot be used


class Unsealed(Exception):
    """Why sealed bytes cannot be used: `strange`, `other form` (which one), or `damaged`."""

    def __init__(self, why: str, form: int = 0) -> None:
        super().__init__(why)
        self.why, self.form = why, form


def sealed(kind: bytes, form: int, digest: str, content: bytes) -> bytes:
    """The content behind its head; the digest is given in hex."""
    head = kind + form.to_bytes(2, "big") + bytes.fromhex(digest)
    return head + sha256(head + content).digest() + content


def unsealed(data: object, kind: bytes, form: int) -> tuple[str, memoryview]:
    """The digest and the content, if all is as it was made. Raises `Unsealed`."""
    if not isinstance(data, bytes) or not data.startswith(kind):
        raise Unsealed(STRANGE)
    size = len(kind)
    version = int.from_bytes(data[size : size + 2], "big")
    if version != form:
        raise Unsealed(OTHER_FORM, version)
    head, check = data[: size + 34], data[size + 34 : size + 66]
    content = memoryview(data)[size + 66 :]
    whole = sha256(head)
    whole.update(content)
    if whole.digest() != check:
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
