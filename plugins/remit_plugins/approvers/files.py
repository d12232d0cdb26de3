"""Asks by files: a request is written to a folder, and an answer beside it is waited for.

For a person with an editor, a script, or a program of the house that knows whom to ask. Whoever can
write to the folder can approve, so its rights are the rights to approve.
"""

from __future__ import annotations

import json
import os
import re
from contextlib import suppress
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any

from remit.hooks import hookimpl
from remit.hooks.events import Reply, Request
from remit.host.gate import reply_of

MOST = 64 * 1024  # bytes of an answer
_ID = re.compile(r"[0-9a-f]{64}")


class FileQueue:
    """Writes `ID.request.json` to `folder`, and waits for `ID.answer.json`.

    The answer is `{"yes": true, "person": "ann"}`; what is no plain yes is a no. Both files are
    removed when it was read, and of several who ask the same the first one has it. It is looked for
    each `every` seconds, for `seconds` in all; then the request stays, and no answer to it counts
    until it is asked again.
    """

    def __init__(
        self, folder: str | os.PathLike[str], *, seconds: float = 300.0, every: float = 0.25
    ) -> None:
        self.folder = Path(folder)
        self.seconds, self.every = seconds, every

    @hookimpl
    def remit_approve(self, request: Request) -> Reply:
        """Write the request, and wait."""
        if not _ID.fullmatch(request.id):
            raise ValueError("a request without a proper id")
        asked = self.folder / f"{request.id}.request.json"
        answer = self.folder / f"{request.id}.answer.json"
        self.folder.mkdir(parents=True, exist_ok=True)
        answer.unlink(missing_ok=True)  # of an earlier request: a yes is for one time
        _write(asked, request.to_json())
        reply = self._waited(answer, request.id)
        if reply is not None:
            asked.unlink(missing_ok=True)
        return reply or Reply(yes=False)

    def _waited(self, answer: Path, id: str) -> Reply | None:
        until, pause = monotonic() + self.seconds, Event()
        while monotonic() < until:
            if answer.exists() and (reply := _read(answer, id)) is not None:
                with suppress(FileNotFoundError):  # then another one who asked has it
                    answer.unlink()
                    return reply
            pause.wait(self.every)
        return None


def _write(path: Path, data: Any) -> None:
    """The whole file or none of it."""
    part = path.with_suffix(".part")
    part.write_text(json.dumps(data, indent=2, default=repr) + "\n", "utf-8")
    part.replace(path)


def _read(path: Path, id: str) -> Reply | None:
    """The answer; None where it is not yet whole."""
    try:
        with path.open("rb") as file:
            return reply_of(json.loads(file.read(MOST)), id)
    except (OSError, ValueError):
        return None
