"""Gates between two processes: each conversation in a file, one process at a time.

Whoever can write to the folder can change what was before, so nobody else may read or write it.
What cannot be read there is a past that was not seen: unknown, never empty.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from errno import EACCES, EAGAIN, EDEADLK
from hashlib import sha256
from time import monotonic, sleep
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from remit.host.gate import Gate
    from remit.host.guard import Guard

HELD = (EAGAIN, EACCES, EDEADLK)  # what systems say of a lock that somebody has
LONGEST = 20.0  # seconds to wait for another process: shorter than agents wait for a hook
SWITCH = "REMIT_STATE"  # names another folder


def folder(environ: Mapping[str, str] = os.environ) -> str:
    """The folder of what is kept, as the platform has it."""
    if said := environ.get(SWITCH, ""):
        return said
    if sys.platform == "win32":
        base = environ.get("LOCALAPPDATA", "")
    else:
        base = environ.get("XDG_STATE_HOME", "")
    return os.path.join(base or os.path.join(os.path.expanduser("~"), ".local", "state"), "remit")


class Kept:
    """The place of one conversation. Use it as a context: others wait until it is left."""

    def __init__(self, place: str, conversation: str) -> None:
        self.conversation = conversation
        name = sha256(conversation.encode("utf-8", "surrogatepass")).hexdigest()[:40]
        self.path = os.path.join(place, f"{name}.gate")

    @contextmanager
    def held(self) -> Iterator[None]:
        """Have the conversation to oneself. The lock ends with the process."""
        os.makedirs(os.path.dirname(self.path), mode=0o700, exist_ok=True)
        with open(os.open(f"{self.path}.lock", os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
            _lock(file)
            yield

    def gate(self, guard: Guard, *, begins: bool) -> Gate:
        """The gate as it was left; a new one where the conversation begins."""
        if begins:
            return guard.gate(self.conversation)
        try:
            with open(self.path, "rb") as file:
                return guard.restore(file.read())
        except (OSError, ValueError):  # not there, damaged, or of another policy
            return guard.gate(self.conversation, truncated=True)

    def keep(self, gate: Gate) -> None:
        """Leave the gate for the next process: the whole of it, or what was there before."""
        part = f"{self.path}.part"
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(gate.save())
        os.replace(part, self.path)

    def forget(self) -> None:
        """The conversation is over."""
        with suppress(FileNotFoundError):
            os.remove(self.path)


def _lock(file: IO[bytes]) -> None:
    """Wait for the lock, but not for ever: the agent would go on without an answer."""
    end = monotonic() + LONGEST
    while not _locked(file):
        if monotonic() > end:
            raise TimeoutError("another process has held this conversation for too long")
        sleep(0.01)


def _locked(file: IO[bytes]) -> bool:
    """Take the lock, if nobody has it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in HELD:
            raise
        return False
    return True
