"""What a session holds as bytes and back: who made them, whether they are whole.

The form is that of `remit.seal`, sealed with the digest of the policy; the content is JSON text
packed with zlib. No code is in it.
"""

from __future__ import annotations

import zlib
from typing import Any

from remit.seal import DAMAGED, STRANGE, Unsealed, inflated, sealed, unsealed
from remit.state.plain import from_text, to_text
from remit.state.save import RestoreError

MAGIC = b"REMIT\r\n\0"  # bytes that a transfer as text would change
VERSION = 2
MOST_TEXT = 256 << 20  # bytes of JSON text
_ANEW = "begin one with `session(truncated=True)`"


def pack(content: Any, digest: str) -> bytes:
    """The content as bytes, for the policy with this digest (hex). Equal content, equal bytes.

    Raises `ValueError` for what is no plain data, or too much.
    """
    text = to_text(content).encode()
    if len(text) > MOST_TEXT:
        raise ValueError(f"the session holds more than {MOST_TEXT >> 20} MB, so it is not saved")
    return sealed(MAGIC, VERSION, digest, zlib.compress(text, 6))


def unpack(data: object, digest: str) -> Any:
    """The content that was packed for the policy with this digest. Raises `RestoreError`."""
    packed = _checked(data, digest)
    try:
        return from_text(inflated(packed, MOST_TEXT).decode())
    except (ValueError, TypeError) as error:
        raise RestoreError(f"what is saved is no session: {str(error)[:200]}") from None


def _checked(data: object, digest: str) -> memoryview:
    """The packed text, if all around it is as it was made."""
    try:
        was, packed = unsealed(data, MAGIC, VERSION)
    except Unsealed as error:
        raise RestoreError(_refusal(error)) from None
    if was != digest:
        told = f"saved under {was[:12]}, this is {digest[:12]}"
        raise RestoreError(f"a session of another policy: {told}")
    return packed


def _refusal(error: Unsealed) -> str:
    if error.why == STRANGE:
        return "this is no saved session: give the bytes that `save` gave"
    if error.why == DAMAGED:
        return f"the saved session is damaged or cut short: {_ANEW}"
    return f"saved in form {error.form}, this version reads form {VERSION}: {_ANEW}"
