"""The two ends of a file of a ledger: what it is, and where it goes on. Reads no more than that."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from remit.ledger.errors import LedgerError
from remit.ledger.model import MOST_LINE, OPENED, Line, parsed

FIRST_READ = 1 << 16  # bytes at the end that are looked at first
MOST_HEAD = 1 << 20  # bytes of a first line


class Ends(NamedTuple):
    """The first line, the last one that holds, and what is behind that: none of it is a line."""

    first: Line
    last: Line
    size: int  # bytes up to the end of the last line that holds
    rest: bytes


def ends(path: Path) -> Ends | None:
    """The ends of a file; None where it is not there or empty. Raises `LedgerError`, `OSError`."""
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        return None
    if not size:
        return None
    with path.open("rb") as file:
        head = file.readline(MOST_HEAD)
        first = parsed(head)
        if first is None or first.kind != OPENED or not first.holds:
            if size < MOST_HEAD and b"\n" not in head:
                return Ends(_NONE, _NONE, 0, head)  # the very first line was not finished
            raise LedgerError(f"`{path}` does not begin as a ledger does")
        if type(first.record.get("ledger")) is not str or type(first.record.get("file")) is not int:
            raise LedgerError(f"`{path}` does not say which ledger it is of")
        width = FIRST_READ
        while True:
            start = max(0, size - width)
            file.seek(start)
            found = _last(file.read(size - start), whole=start == 0)
            if found is not None:
                last, end = found
                file.seek(start + end)
                return Ends(first, last, start + end, file.read())
            if start == 0 or width > MOST_LINE:
                raise LedgerError(f"the end of `{path}` is no ledger")
            width *= 4


_NONE = Line(OPENED, -1, "", "", "", {}, False)


def _last(data: bytes, *, whole: bool) -> tuple[Line, int] | None:
    """The last line that holds, and where it ends; None where the data begins too late."""
    end = data.rfind(b"\n") + 1
    while end:
        begin = data.rfind(b"\n", 0, end - 1) + 1
        if begin == 0 and not whole:
            return None
        found = parsed(data[begin:end])
        if found is not None and found.holds:
            return found, end
        end = begin
    return None


# ---- the files of a ledger


def numbered(path: Path, number: int) -> Path:
    """What a full file is called: `audit.000003.jsonl` beside `audit.jsonl`."""
    return path.with_name(f"{path.stem}.{number:06}{path.suffix}")


def newest(path: Path) -> Path | None:
    """The last full file beside a ledger, if there is one."""
    form = re.compile(re.escape(path.stem) + r"\.(\d{6,})" + re.escape(path.suffix))
    found = {one: form.fullmatch(one.name) for one in path.parent.iterdir()}
    numbers = {one: int(match[1]) for one, match in found.items() if match}
    return max(numbers, key=numbers.__getitem__, default=None)
