"""Whether a ledger is whole: every line as it was written, each behind the one it was behind.

Goes through the files once, in bounded memory, and tells all that is wrong. What the chain alone
cannot show (lines cut off at the end, or all of it written anew) a checkpoint shows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from remit.ledger.checkpoint import Checkpoint
from remit.ledger.model import CLOSED, GAP, OPENED, START, Line
from remit.ledger.read import Reading, Tell, in_order, read
from remit_grammar.diagnostic import Diagnostic

MOST_KEPT = 1_000  # findings that are kept; more are counted


@dataclass(slots=True)
class Verified:
    """What was found. `first` and `last` are lines that hold; `more` findings were not kept."""

    findings: list[Diagnostic] = field(default_factory=list)
    more: int = 0
    records: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    first: Line | None = None
    last: Line | None = None
    ledger: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether nothing was changed, removed, added or moved, as far as that can be known."""
        return not self.more and not any(one.is_error for one in self.findings)

    @property
    def is_closed(self) -> bool:
        """Whether its writer said that it ends there."""
        return self.last is not None and self.last.kind == CLOSED

    def add(self, found: Diagnostic) -> None:
        """Keep a finding, or count it."""
        if len(self.findings) < MOST_KEPT:
            self.findings.append(found)
        else:
            self.more += 1

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "whole": self.is_whole, "closed": self.is_closed, "ledger": self.ledger,
            "records": self.records, "kinds": dict(self.kinds), "first": _end(self.first),
            "last": _end(self.last), "diagnostics": [one.to_json() for one in self.findings],
            "more": self.more,
        }  # fmt: skip


def _end(line: Line | None) -> dict[str, Any] | None:
    return None if line is None else {"seq": line.seq, "hash": line.hash, "time": line.time}


def verify(
    paths: Iterable[str | Path], checkpoints: Iterable[Checkpoint] = (),
    tell: Tell = lambda done: None,
) -> Verified:  # fmt: skip
    """Everything about the files of one ledger. Never raises on bad input."""
    chain = _Chain(checkpoints)
    done = 0
    for path in in_order(list(paths)):
        read_here = 0
        for reading in read(path, lambda count, before=done: tell(before + count)):  # type: ignore[misc]
            chain.take(reading)
            read_here += len(reading.data)
        done += read_here
    chain.end()
    return chain.found


class _Chain:
    """Goes along the lines and knows what the next one must be."""

    def __init__(self, checkpoints: Iterable[Checkpoint]) -> None:
        self.found = Verified()
        self._seq: int | None = None  # of the line that comes next
        self._hash = START
        self._bad = 0  # lines just before that are none
        self._checks: dict[int, list[Checkpoint]] = {}
        for one in checkpoints:
            self._checks.setdefault(one.seq, []).append(one)

    def take(self, reading: Reading) -> None:
        """Look at the next line."""
        for finding in self._about(reading):
            self.found.add(finding)
        line = reading.line
        if line is None:
            self._bad += 1
            return
        self._bad = 0
        self.found.records += 1
        self.found.kinds[line.kind] += 1
        for one in self._check(reading, line):
            self.found.add(one)
        if self._seq is None or line.seq >= self._seq:  # not one that was moved from before
            self._seq, self._hash = line.seq + 1, line.hash
            self.found.first = self.found.first or line
            self.found.last = line

    def _about(self, reading: Reading) -> Iterator[Diagnostic]:
        line = reading.line
        if reading.problem is not None:
            yield reading.problem
        elif line is None:
            yield _no_line(reading)
        else:
            if not line.holds:
                yield _changed(reading, line)
            yield from self._follows(reading, line)
            yield from self._said(reading, line)

    # ---- the chain

    def _follows(self, reading: Reading, line: Line) -> Iterator[Diagnostic]:
        """What is wrong with where the line stands."""
        if self._seq is None:
            if line.seq == 0 and line.prev != START:
                yield _odd(reading, line, "the first record has one before it", b'"prev"')
        elif line.seq < self._seq:
            yield _odd(
                reading, line, f"record {line.seq:,} stands behind record {self._seq - 1:,}",
                b'"seq"', "it was moved here, or stands twice",
            )  # fmt: skip
        elif line.seq > self._seq + self._bad:
            yield _odd(
                reading, line, f"{_records(self._seq, line.seq - 1)} missing here", b'"seq"',
                "removed, moved, or in a file that was not given",
            )  # fmt: skip
        elif line.prev != self._hash and not self._bad:
            yield _odd(
                reading, line, f"record {line.seq:,} does not follow the one before it",
                b'"prev"', "another record stood there when this one was written",
            )  # fmt: skip

    def _said(self, reading: Reading, line: Line) -> Iterator[Diagnostic]:
        """What the ledger itself tells of its trouble, and which ledger it is."""
        if line.kind == GAP:
            yield _gap(reading, line)
        if line.kind != OPENED:
            if self._seq is None:
                yield _odd(reading, line, "the beginning of the file is missing", b'"kind"')
            return
        yield from _opened(reading, line)
        ledger = str(line.record.get("ledger", ""))[:64]
        if self.found.ledger and ledger != self.found.ledger:
            yield _odd(reading, line, "another ledger begins here", b'"ledger"')
        if not self.found.ledger:
            self.found.ledger = ledger
            yield from self._strangers(ledger)

    # ---- checkpoints

    def _strangers(self, ledger: str) -> Iterator[Diagnostic]:
        """Put aside the checkpoints of other ledgers."""
        for seq, known in list(self._checks.items()):
            for one in known:
                if one.ledger != ledger:
                    yield Diagnostic("R1304", f"`{one.name}` is a checkpoint of another ledger")
            self._checks[seq] = [one for one in known if one.ledger == ledger]

    def _check(self, reading: Reading, line: Line) -> Iterator[Diagnostic]:
        for one in self._checks.pop(line.seq, ()):
            if one.hash != line.hash:
                message = f"record {line.seq:,} is not the one that `{one.name}` knows"
                label = reading.label(b'"hash"', f"there it was {one.hash[:12]}…")
                help = "all up to here may have been written anew since"
                yield Diagnostic("R1304", message, label, help=help)

    def end(self) -> None:
        """What checkpoints tell of records that are not there."""
        last = self.found.last
        for one in (one for some in self._checks.values() for one in some):
            if last is not None and self.found.first is not None and one.seq < self.found.first.seq:
                continue  # of a file that was not given
            end = f"record {last.seq:,}" if last is not None else "nothing"
            message = f"the end is missing: `{one.name}` knows record {one.seq:,}"
            self.found.add(Diagnostic("R1304", message, notes=(f"the last one here is {end}",)))


def _records(first: int, last: int) -> str:
    return f"record {first:,} is" if first == last else f"records {first:,} to {last:,} are"


def _no_line(reading: Reading) -> Diagnostic:
    if not reading.is_whole:
        return Diagnostic(
            "R1301", "the last line is not finished", reading.label(b"", ""),
            help="its writer was stopped while it wrote, or the file was cut; "
            "opening the ledger for writing mends it",
        )  # fmt: skip
    return Diagnostic("R1301", "this line is no record of a ledger", reading.label(b"", ""))


def _changed(reading: Reading, line: Line) -> Diagnostic:
    message = f"record {line.seq:,} was changed after it was written"
    label = reading.label(f'"hash":"{line.hash}"'.encode(), "not the hash of this line")
    return Diagnostic("R1302", message, label, notes=(_what(line),))


def _odd(reading: Reading, line: Line, message: str, at: bytes, remark: str = "") -> Diagnostic:
    return Diagnostic("R1303", message, reading.label(at, remark), notes=(_what(line),))


def _what(line: Line) -> str:
    """What a line is, for somebody who looks for it."""
    about = {name: line.record.get(name) for name in ("conversation", "index", "verdict")}
    told = [f"{name} {str(value)[:60]}" for name, value in about.items() if value is not None]
    return f"a record of kind {line.kind} of {line.time}" + (": " + ", ".join(told) if told else "")


def _gap(reading: Reading, line: Line) -> Diagnostic:
    missed = line.record.get("records")
    counts = missed if isinstance(missed, Mapping) else {}
    told = ", ".join(f"{str(kind)[:20]} {str(count)[:12]}" for kind, count in counts.items())
    why = str(line.record.get("why", ""))[:200]
    return Diagnostic(
        "R1305", "the ledger could not be written for a while", reading.label(b'"gap"', ""),
        notes=(f"missed: {told or 'not told'}", f"the reason was: {why}"),
    )  # fmt: skip


def _opened(reading: Reading, line: Line) -> Iterator[Diagnostic]:
    mended = line.record.get("repaired")
    if isinstance(mended, Mapping):
        count, kept = str(mended.get("bytes"))[:20], str(mended.get("kept"))[:200]
        yield Diagnostic(
            "R1306", "the ledger was mended here", reading.label(b'"repaired"', ""),
            notes=(f"{count} bytes that were no whole record were put into `{kept}`",),
        )  # fmt: skip
    if again := line.record.get("again"):
        yield Diagnostic("R1306", "the ledger was opened anew here",
                         reading.label(b'"again"', ""), notes=(str(again)[:200],))  # fmt: skip
