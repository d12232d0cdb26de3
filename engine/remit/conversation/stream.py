"""Lines of bytes from a file, a compressed file or standard input, in bounded memory.

Compression is known by its first bytes, not by the file's name. Nothing is decoded here. What
cannot be read raises `Unreadable`.
"""

from __future__ import annotations

import gzip
import io
import os
import stat
import sys
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, cast

# Kept small for compressed input: zstandard unpacks a whole piece at once, and a hostile piece
# grows some 30,000 times.
CHUNK = 4096
PLAIN_CHUNK = 1 << 18

_ZSTD = b"\x28\xb5\x2f\xfd"
_GZIP = b"\x1f\x8b"


class Unreadable(Exception):
    """Why a file cannot be read: a code, a sentence, and help or None."""

    def __init__(self, code: str, message: str, help: str | None = None) -> None:
        super().__init__(message)
        self.code, self.message, self.help = code, message, help


class Counted(io.RawIOBase):
    """A file that counts the bytes taken from it, before they are unpacked."""

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__()
        self._file = file
        self._held = b""
        self.count = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def head(self, size: int) -> bytes:
        """The first bytes, without taking them."""
        while len(self._held) < size and (more := self._file.read(size - len(self._held))):
            self._held += more
        return self._held

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes; empty at the end."""
        data = self._held
        self._held = b""
        if not data:
            data = self._file.read(size) or b""
        elif 0 <= size < len(data):
            data, self._held = data[:size], data[size:]
        self.count += len(data)
        return data


def open_bytes(path: Path | None) -> IO[bytes]:
    """Open a file, or standard input for None. Raises `Unreadable`."""
    if path is None:
        return sys.stdin.buffer
    try:
        if path.is_dir():
            help = "name a file in it, say `conversations.jsonl`"
            raise Unreadable("R0001", f"cannot read `{path}`: it is a folder", help)
        return path.open("rb")
    except FileNotFoundError:
        raise Unreadable("R0001", f"there is no file `{path}`", _nearby(path)) from None
    except (OSError, ValueError) as error:  # a ValueError: a NUL in the name
        raise Unreadable("R0001", f"cannot read `{path}`: {_reason(error)}") from None


def _reason(error: Exception) -> str:
    reason = getattr(error, "strerror", None) or str(error)
    return reason[:1].lower() + reason[1:]


def _nearby(path: Path) -> str | None:
    if path.parent.is_dir():
        return None
    return f"there is no folder `{path.parent}` either"


def size_of(file: IO[bytes]) -> int | None:
    """The size of a plain file in bytes; None for a pipe or terminal."""
    try:
        status = os.fstat(file.fileno())
    except (OSError, ValueError, AttributeError):
        return None
    return status.st_size if stat.S_ISREG(status.st_mode) else None


def chunks(file: Counted, name: str) -> Iterator[bytes]:
    """The unpacked bytes, piece by piece. Raises `Unreadable` where they break off."""
    try:
        yield from _unpacked(file, name)
    except EOFError:
        raise _cut(name, "gzip") from None
    except (zlib.error, gzip.BadGzipFile) as error:
        raise Unreadable("R0905", f"`{name}` holds broken gzip data: {_reason(error)}") from None
    except OSError as error:
        raise Unreadable("R0001", f"cannot read `{name}`: {_reason(error)}") from None


def _unpacked(file: Counted, name: str) -> Iterator[bytes]:
    head = file.head(4)
    if head == _ZSTD or _is_skippable(head):
        return _zstd(file, name)
    if head.startswith(_GZIP):
        return _pieces(cast(IO[bytes], gzip.GzipFile(fileobj=file)), PLAIN_CHUNK)
    for ending, kind in ((".zst", "zstd"), (".gz", "gzip")):
        if head and name.endswith(ending):
            raise Unreadable("R0905", f"`{name}` is not {kind} data, whatever its name says")
    return _pieces(file, PLAIN_CHUNK)


def _is_skippable(head: bytes) -> bool:
    return len(head) == 4 and head[1:] == b"\x2a\x4d\x18" and 0x50 <= head[0] <= 0x5F


def _pieces(file: IO[bytes] | Counted, size: int) -> Iterator[bytes]:
    while data := file.read(size):
        yield data


def _cut(name: str, kind: str) -> Unreadable:
    message = f"the {kind} data of `{name}` ends too early"
    return Unreadable("R0905", message, "the file was cut; copy or download it again")


def _zstd(file: Counted, name: str) -> Iterator[bytes]:
    try:
        import zstandard
    except ImportError:
        help = "install the package `zstandard`, or unpack the file first"
        raise Unreadable("R0001", f"`{name}` is compressed with zstd", help) from None
    unpacker = zstandard.ZstdDecompressor()
    frame = None
    try:
        for data in _pieces(file, CHUNK):
            while data:
                frame = frame or unpacker.decompressobj()
                yield frame.decompress(data)
                data = frame.unused_data if frame.eof else b""
                frame = None if frame.eof else frame
    except zstandard.ZstdError as error:
        raise Unreadable("R0905", f"`{name}` holds broken zstd data: {error}") from None
    if frame is not None:
        raise _cut(name, "zstd")


def lines(pieces: Iterable[bytes], limit: int) -> Iterator[bytes | None]:
    """Lines with their line end; None for a line longer than `limit` bytes, which is not kept.

    Where `pieces` raises `Unreadable`, every whole line before it has been given.
    """
    held: list[bytes] = []
    size = 0
    for piece in pieces:
        whole, found, rest = piece.rpartition(b"\n")
        if found:
            first, *more = _split(whole)
            held.append(first)
            yield b"".join(held) if size + len(first) <= limit else None
            yield from (line if len(line) <= limit else None for line in more)
            held, size = [], 0
        size += len(rest)
        if size <= limit:
            held.append(rest)
        else:
            held.clear()
    if size:
        yield b"".join(held) if size <= limit else None


def _split(whole: bytes) -> list[bytes]:
    # Not `splitlines`: a lone carriage return does not end a line of JSONL.
    return [line + b"\n" for line in whole.split(b"\n")]
