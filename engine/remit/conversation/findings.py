"""Collects what is wrong with one record, and helps readers to take it apart safely.

A reader asks for a field of a type; where the record holds something else, a finding is noted with
the path to it and a harmless default is given, so that reading goes on and all is found at once.
The record is dropped at the end if any finding is an error.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from remit.conversation.decode import Broken
from remit.conversation.locate import Extent, Path, find_paths
from remit.conversation.place import Place
from remit_grammar.codes import CODES, Severity
from remit_grammar.diagnostic import Diagnostic, Label

MOST = 50  # findings kept of one record; the rest are counted
_PLAIN = re.compile(r"[^\W\d]\w*")


@dataclass(slots=True)
class _Finding:
    code: str
    message: str
    path: Path
    help: str | None
    severity: Severity


class Findings:
    """What is wrong with one record. Without a `place` (a value from code) nothing is underlined.

    `base` is the path to the record in the text of its place.
    """

    def __init__(self, place: Place | None = None, base: Path = ()) -> None:
        self.place = place
        self.base = base
        self._found: list[_Finding] = []
        self._more = 0
        self.failed = False
        self.bare = False  # a record that is a bare list: its text lacks the first key of paths

    def add(
        self,
        code: str,
        message: str,
        path: Path = (),
        *,
        help: str | None = None,
        severity: Severity | None = None,
    ) -> None:
        """Note a finding about the value at `path`; `severity` overrides that of the code."""
        severity = severity or CODES[code].severity
        error = severity is Severity.ERROR
        if self._is_full(error):
            self._more += 1
        else:
            self._found.append(_Finding(code, message, path, help, severity))
        self.failed = self.failed or error

    def _is_full(self, error: bool) -> bool:
        # The first error always finds room: without it the record would count as usable.
        return len(self._found) >= MOST and (self.failed or not error)

    def wrong(self, path: Path, value: object, wanted: str) -> None:
        """Note that the value at `path` is not what is wanted (`text`, `a list` ...)."""
        if self._is_full(error=True):
            self._more += 1  # most of the cost of a hostile record is in the words
            return
        self.add("R0903", f"`{show_path(path)}` is {kind_of(value)}, where {wanted} belongs", path)

    def broken(self, broken: Broken, path: Path = ()) -> None:
        """Note why a value from code, or a piece of the record, cannot be used."""
        self.add(broken.code, broken.message, path)

    def text_at(self, data: dict[str, Any], key: str, path: Path) -> str:
        """The text under `key`; empty if there is none."""
        value = data.get(key)
        if isinstance(value, str):
            return value
        if value is not None:
            self.wrong((*path, key), value, "text")
        return ""

    def object_at(self, data: dict[str, Any], key: str, path: Path) -> dict[str, Any]:
        """The object under `key`; empty if there is none."""
        value = data.get(key)
        if isinstance(value, dict):
            return value
        if value is not None:
            self.wrong((*path, key), value, "an object")
        return {}

    def list_at(self, data: dict[str, Any], key: str, path: Path) -> Sequence[Any]:
        """The list under `key`; empty if there is none."""
        value = data.get(key)
        if isinstance(value, list):
            return value
        if value is not None:
            self.wrong((*path, key), value, "a list")
        return ()

    def diagnostics(self) -> list[Diagnostic]:
        """Everything in the order of finding, with the text underlined."""
        labels = self._labels()
        made = [
            Diagnostic(one.code, one.message, label, help=one.help, severity=one.severity)
            for one, label in zip(self._found, labels, strict=True)
        ]
        if self._more:
            note = f"{self._more} more findings in this record are not shown"
            last = self._found[-1]
            made[-1] = Diagnostic(
                last.code, last.message, labels[-1], (), (note,), last.help, severity=last.severity
            )
        return made

    def _labels(self) -> list[Label | None]:
        place = self.place
        if place is None or not self._found:
            return [None] * len(self._found)
        at = find_paths(place.text, [self._in_text(one.path) for one in self._found])
        return [place.label(*self._extent(one.path, at)) for one in self._found]

    def _in_text(self, path: Path) -> Path:
        return (*self.base, *(path[1:] if self.bare else path))

    def _extent(self, path: Path, at: dict[Path, Extent]) -> Extent:
        return at.get(self._in_text(path), (0, 1))


def kind_of(value: object) -> str:
    """What a JSON value is, in words."""
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, str):
        return "text"
    return "a list" if isinstance(value, (list, tuple)) else "an object"


def show_path(path: Path) -> str:
    """The path as people write it: `messages[3].tool_calls`; the record itself is `record`."""
    shown = ""
    for step in path:
        if isinstance(step, int):
            shown += f"[{step}]"
        elif _PLAIN.fullmatch(step):
            shown += f".{step[:60]}"
        else:
            shown += f"[{step[:60]!r}]"
    return shown.removeprefix(".") or "record"
