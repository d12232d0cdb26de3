"""Answers on disk, so that the same question is paid for once. Keeps no question and no subject.

One SQLite file, shared by threads and processes. What is read is checked like a judge's answer; a
cache that is locked, broken or full is as good as empty. Whoever can write the file can answer
for the judge.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from remit.judges.model import Answer
from remit.judges.tidy import tidy

DAY = 86_400.0  # seconds
_WAIT = 0.5  # seconds to wait for another process that writes
_MAKE = "CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, answer TEXT, made REAL)"


class Cache:
    """Answers by key. Unknown ones are not kept. `days` is how long an answer counts."""

    def __init__(self, path: str | os.PathLike[str], *, days: float | None = None) -> None:
        self.path = Path(path)
        self.days = days

    def get(self, key: str) -> Answer | None:
        """The answer, or None where there is none that can be used."""
        oldest = 0.0 if self.days is None else time.time() - self.days * DAY
        find = "SELECT answer FROM answers WHERE key = ? AND made >= ?"
        with suppress(sqlite3.Error, OSError), self._opened() as file:
            row = file.execute(find, (key, oldest)).fetchone()
            return _decoded(row[0]) if row else None
        return None

    def put(self, key: str, answer: Answer) -> None:
        """Keep an answer that is not unknown."""
        if answer.truth is None:
            return
        text = json.dumps([answer.truth, answer.confidence, answer.reason])
        with suppress(sqlite3.Error, OSError), self._opened() as file:
            row = (key, text, time.time())
            file.execute("INSERT OR REPLACE INTO answers VALUES (?, ?, ?)", row)

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        """A connection for one piece of work: cheap beside a judge, and safe after a fork."""
        if not self.path.exists():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
        with closing(sqlite3.connect(self.path, timeout=_WAIT)) as file, file:
            file.execute(_MAKE)
            yield file


def _decoded(text: str) -> Answer | None:
    try:
        answer = tidy(Answer(*json.loads(text)))
    except (ValueError, TypeError, RecursionError):
        return None
    return None if answer.truth is None else answer
