"""What a compilation saw of the file system, so that it can be told whether it would see the same.

Asked of every file that a policy without errors depends on: its bytes, whether it is there, and
which packs are installed. What is only looked at to help with a mistake is not noted.
"""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path
from typing import Any

from remit.checked.packs import pack_folders
from remit_grammar.diagnostic import Diagnostic
from remit_grammar.read import LARGEST, decode_source, read_bytes
from remit_grammar.source import Source


class Seen:
    """Reads files, and keeps what was found: SHA-256 of bytes, presence, packs where asked for."""

    def __init__(self) -> None:
        self.files: dict[str, str] = {}
        self.there: dict[str, bool] = {}
        self._packs: list[str] | None = None

    def source(self, path: Path) -> tuple[Source | None, list[Diagnostic]]:
        """The text of a spec, as `read_source` gives it."""
        found = read_bytes(path, LARGEST + 1)
        if isinstance(found, Diagnostic):
            return None, [found]
        data, size = found
        self.note(path, data)
        return decode_source(str(path), data, size=size)

    def note(self, path: Path, data: bytes) -> None:
        """Keep that a file holds these bytes."""
        self.files[os.path.abspath(path)] = sha256(data).hexdigest()

    def is_file(self, path: Path) -> bool:
        """Whether there is such a file; a path that no system takes names none."""
        try:
            there = path.is_file()
        except (OSError, ValueError):
            return False
        self.there[os.path.abspath(path)] = there
        return there

    @property
    def packs(self) -> list[Path]:
        """The folders of the packs that are installed."""
        if self._packs is None:
            self._packs = pack_folders()
        return [Path(one) for one in self._packs]

    def to_json(self) -> dict[str, Any]:
        """What was seen, for `remit.store.cache`."""
        return {"files": self.files, "there": self.there, "packs": self._packs}
