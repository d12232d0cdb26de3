"""Files that are written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path


def put(path: Path, data: bytes, *, mode: int = 0o666) -> None:
    """Write beside the file, then put the new one in its place in one step. Raises `OSError`.

    A file that is there keeps its permissions; a new one gets `mode`, less what the process may not
    give.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    handle = os.open(beside, flags, mode)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        if path.exists():
            os.chmod(beside, path.stat().st_mode & 0o7777)
        os.replace(beside, path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
