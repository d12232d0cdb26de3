"""What a session holds as bytes and back: who made them, whether they are whole.

The form: eight bytes that say what it is, the version (2 bytes), the digest of the policy (32), the
SHA-256 of all that stands before and behind it (32), and JSON text packed with zlib. No code is in
it. The checksum finds damage, not malice: it is no signature.
"""

from __future__ import annotations

import zlib
from hashlib import sha256
from typing import Any

from remit.state.plain import from_text, to_text
from remit.state.save import RestoreError

MAGIC = b"REMIT\r\n\0"  # bytes that a transfer as text would change
VERSION = 1
MOST_TEXT = 256 << 20  # bytes of JSON text
_HEAD = len(MAGIC) + 2 + 32
_ANEW = "begin one with `session(truncated=True)`"


def pack(content: Any, digest: str) -> bytes:
    """The content as bytes, for the policy with this digest (hex). Equal content, equal bytes.

    Raises `ValueError` for what is no plain data, or too much.
    """
    text = to_text(content).encode()
    if len(text) > MOST_TEXT:
        raise ValueError(f"the session holds more than {MOST_TEXT >> 20} MB, so it is not saved")
    return sealed(text, digest)


def sealed(text: bytes, digest: str) -> bytes:
    """Packed text behind its head."""
    head = MAGIC + VERSION.to_bytes(2, "big") + bytes.fromhex(digest)
    packed = zlib.compress(text, 6)
    return head + sha256(head + packed).digest() + packed


def unpack(data: object, digest: str) -> Any:
    """The content that was packed for the policy with this digest. Raises `RestoreError`."""
    packed = _checked(data, digest)
    try:
        return from_text(_inflated(packed).decode())
    except (ValueError, TypeError, zlib.error) as error:
        raise RestoreError(f"what is saved is no session: {str(error)[:200]}") from None


def _checked(data: object, digest: str) -> bytes:
    """The packed text, if all around it is as it was made."""
    if not isinstance(data, bytes) or not data.startswith(MAGIC):
        raise RestoreError("this is no saved session: give the bytes that `save` gave")
    version = int.from_bytes(data[len(MAGIC) : len(MAGIC) + 2], "big")
    if version != VERSION:
        raise RestoreError(f"saved in form {version}, this version reads form {VERSION}: {_ANEW}")
    head, check, packed = data[:_HEAD], data[_HEAD : _HEAD + 32], data[_HEAD + 32 :]
    if sha256(head + packed).digest() != check:
        raise RestoreError(f"the saved session is damaged or cut short: {_ANEW}")
    was = head[-32:].hex()
    if was != digest:
        told = f"saved under {was[:12]}, this is {digest[:12]}"
        raise RestoreError(f"a session of another policy: {told}")
    return packed


def _inflated(packed: bytes) -> bytes:
    """The text, never more of it than is allowed."""
    inflate = zlib.decompressobj()
    text = inflate.decompress(packed, MOST_TEXT + 1)
    if len(text) > MOST_TEXT:
        raise ValueError(f"more than {MOST_TEXT >> 20} MB")
    if not inflate.eof or inflate.unused_data:
        raise ValueError("it is not packed as one piece")
    return text
