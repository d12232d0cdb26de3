"""Files and bytes -> `Source`: what can be wrong with a file before its first token.

Nothing raises: a source that cannot be read is `None` with the findings that say why.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from remit_grammar.diagnostic import Diagnostic, Label
from remit_grammar.source import Source

LARGEST = 4 * 1024 * 1024  # bytes of one spec; a spec is written by people

_BOM = b"\xef\xbb\xbf"
_LONE_CR = re.compile(r"\r(?!\n)")


def read_source(path: Path) -> tuple[Source | None, list[Diagnostic]]:
    """The text of a file under its path as name; at most `LARGEST` bytes are read."""
    found = read_bytes(path, LARGEST + 1)
    if isinstance(found, Diagnostic):
        return None, [found]
    data, size = found
    return decode_source(str(path), data, size=size)


def read_bytes(path: Path, most: int) -> tuple[bytes, int] | Diagnostic:
    """The first bytes of a file, at most so many, and its size; or why it cannot be read."""
    try:
        if path.is_dir():
            return _unreadable(path, "it is a folder", "name a file in it")
        with path.open("rb") as stream:
            return stream.read(most), os.fstat(stream.fileno()).st_size
    except FileNotFoundError:
        return _unreadable(path, "there is no such file", None)
    except PermissionError:
        return _unreadable(path, "reading it is not permitted", None)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or str(error)
        return _unreadable(path, reason.lower(), None)


def decode_source(
    name: str, data: bytes, *, size: int | None = None
) -> tuple[Source | None, list[Diagnostic]]:
    """The text of UTF-8 bytes, a byte order mark left out.

    A lone carriage return ends a line, as it does in the editors that write it. `size`: how many
    bytes there are, where `data` holds only the first of them.
    """
    size = max(size or 0, len(data))
    if size > LARGEST:
        return None, [_too_large(name, size)]
    data = data.removeprefix(_BOM)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return None, [_not_utf8(name, data, error.start)]
    source = Source(name, _LONE_CR.sub("\n", text))
    at = text.find("\0")
    if at >= 0:
        span = source.span(at, at + 1)
        help = "save the file as plain text"
        message = f"`{name}` holds a NUL character"
        return None, [Diagnostic("R0003", message, Label(span), help=help)]
    return source, []


def _unreadable(path: Path, reason: str, help: str | None) -> Diagnostic:
    return Diagnostic("R0001", f"cannot read `{path}`: {reason}", help=help)


def _too_large(name: str, size: int) -> Diagnostic:
    limit = LARGEST // 1024 // 1024
    message = f"`{name}` has {size:,} bytes; a spec has at most {LARGEST:,} ({limit} MiB)"
    return Diagnostic("R0004", message, help="split it, and join the parts with `extends`")


def _not_utf8(name: str, data: bytes, at: int) -> Diagnostic:
    """A finding that shows the line; bytes that are not UTF-8 show as replacement characters."""
    text = data.decode("utf-8", "replace")
    source = Source(name, text)
    offset = len(data[:at].decode("utf-8"))
    line, _ = source.position(offset)
    message = f"`{name}` is not UTF-8: byte 0x{data[at]:02x} at offset {at}, line {line}"
    label = Label(source.span(offset, offset + 1))
    return Diagnostic("R0002", message, label, help="save the file in the encoding UTF-8")
