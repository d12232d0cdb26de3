"""A checkpoint: how far a ledger had come, to be kept where its writer cannot reach.

Signed with Ed25519 where a key is given, through the package `cryptography`.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from binascii import Error as BadBase64
from dataclasses import dataclass
from pathlib import Path
from time import time_ns
from typing import TYPE_CHECKING, Any

from remit.ledger.clock import utc
from remit.ledger.ends import ends
from remit.ledger.errors import LedgerError
from remit.ledger.model import encoded

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FORMAT = 1
_NAMES = {"checkpoint": int, "ledger": str, "seq": int, "hash": str, "time": str}
INSTALL = "signatures need the package `cryptography`: pip install 'remit[signing]'"


class CheckpointError(Exception):
    """Why a checkpoint, or a key for one, cannot be used."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The last record of a ledger at some time. `name` is that of its file."""

    name: str
    ledger: str
    seq: int
    hash: str
    time: str


def checkpoint(path: Path, key: bytes | None = None) -> dict[str, Any]:
    """A checkpoint of the ledger as it ends now, as data; signed if there is a private key (PEM).

    Raises `CheckpointError`, and `OSError` where the ledger cannot be read.
    """
    try:
        found = ends(path)
    except LedgerError as error:
        raise CheckpointError(str(error)) from None
    if found is None or found.size == 0:
        raise CheckpointError(f"`{path}` is no ledger, or is empty")
    data = {
        "checkpoint": FORMAT, "ledger": found.first.record["ledger"], "seq": found.last.seq,
        "hash": found.last.hash, "time": utc(time_ns()),
    }  # fmt: skip
    return data if key is None else {**data, "signature": _signed(data, key)}


def read_checkpoint(path: Path, key: bytes | None = None) -> Checkpoint:
    """The checkpoint in a file, its signature checked if there is a public key (PEM).

    Raises `CheckpointError` and `OSError`.
    """
    try:
        data = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        raise CheckpointError(f"`{path}` is no checkpoint") from None
    if type(data) is not dict or any(type(data.get(name)) is not kind
                                     for name, kind in _NAMES.items()):  # fmt: skip
        raise CheckpointError(f"`{path}` is no checkpoint")
    if data["checkpoint"] != FORMAT:
        raise CheckpointError(f"`{path}` is a checkpoint of another version")
    if key is not None:
        _check(path, data, key)
    return Checkpoint(str(path), data["ledger"], data["seq"], data["hash"], data["time"])


# ---- signatures


def _signed(data: dict[str, Any], key: bytes) -> str:
    try:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key
    except ImportError:
        raise CheckpointError(INSTALL) from None
    try:
        private = load_pem_private_key(key, None)
    except (ValueError, TypeError):  # a TypeError: it wants a password
        private = None
    if not isinstance(private, Ed25519PrivateKey):
        raise CheckpointError("the key is no private Ed25519 key in PEM without a password")
    return b64encode(private.sign(encoded(data))).decode()


def _check(path: Path, data: dict[str, Any], key: bytes) -> None:
    try:
        from cryptography.exceptions import InvalidSignature
    except ImportError:
        raise CheckpointError(INSTALL) from None
    public = _public(key)
    signature = data.pop("signature", None)
    if signature is None:
        raise CheckpointError(f"`{path}` is not signed")
    try:
        public.verify(b64decode(str(signature), validate=True), encoded(data))
    except (InvalidSignature, BadBase64, ValueError):
        raise CheckpointError(f"the signature of `{path}` is not of this key") from None


def _public(key: bytes) -> Ed25519PublicKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        public = load_pem_public_key(key)
    except ValueError:
        public = None
    if not isinstance(public, Ed25519PublicKey):
        raise CheckpointError("the key is no public Ed25519 key in PEM")
    return public
