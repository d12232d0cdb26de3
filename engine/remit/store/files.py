"""Stored policies in files, told from specs by their name or their first bytes."""

from __future__ import annotations

from pathlib import Path

from remit.store.layout import MAGIC
from remit.store.read import refuse
from remit_grammar.diagnostic import SpecError
from remit_grammar.read import read_bytes

ENDING = ".remit"
LARGEST = 256 << 20  # bytes


def is_store(path: Path) -> bool:
    """Whether a file is to be read as a stored policy."""
    if path.suffix == ENDING:
        return True
    try:
        with path.open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except (OSError, ValueError):  # what is wrong is told by who reads it as a spec
        return False


def read_store(path: Path) -> bytes:
    """The bytes of a file. Raises `SpecError` where it cannot be read or is too large."""
    found = read_bytes(path, LARGEST + 1)
    if not isinstance(found, tuple):
        raise SpecError([found])
    data, _ = found
    if len(data) > LARGEST:
        refuse(f"it has more than {LARGEST >> 20} MB")
    return data
