"""Stored policies in files, told from specs by their name or their first bytes."""

from __future__ import annotations

from typing import NoReturn

from remit.store.layout import MAGIC
from remit.store.read import refuse

ENDING = ".remit"
LARGEST = 256 << 20  # bytes


def is_store(path: str) -> bool:
    """Whether a file is to be read as a stored policy."""
    if path.endswith(ENDING):
        return True
    try:
        with open(path, "rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except (OSError, ValueError):  # what is wrong is told by who reads it as a spec
        return False


def read_store(path: str) -> bytes:
    """The bytes of a file. Raises `SpecError` where it cannot be read or is too large."""
    try:
        with open(path, "rb") as file:
            data = file.read(LARGEST + 1)
    except (OSError, ValueError):
        _unreadable(path)
    if len(data) > LARGEST:
        refuse(f"it has more than {LARGEST >> 20} MB")
    return data


def _unreadable(path: str) -> NoReturn:
    """Say what is wrong with a file, as it is said of specs."""
    from pathlib import Path

    from remit_grammar.diagnostic import SpecError
    from remit_grammar.read import read_source

    raise SpecError(read_source(Path(path))[1])
