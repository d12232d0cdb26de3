"""Answers from a record, for tests and replay; and the recorder that makes one of a run."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Self

from remit.judges.calls import call_here
from remit.judges.entries import Known, digest, read_file, read_values
from remit.judges.limits import concurrency_of, cost_of, is_immediate, timeout_of
from remit.judges.model import Answer, AnyJudge, JudgeError, Question
from remit.judges.tidy import unknown


class Recorded:
    """A judge that answers from what was recorded, and is unsure of the rest.

    `answers` maps the text of a question to True, False or None (unknown), or holds entries as
    `entries.py` describes them. An entry for this very subject beats one for the question, and
    that beats `default`. Raises `SpecError` where an entry is malformed.
    """

    immediate = True
    cost = 0

    def __init__(
        self,
        answers: Mapping[str, bool | None] | Iterable[Mapping[str, Any]] = (),
        *,
        default: bool | None = None,
    ) -> None:
        self._known: Known = read_values(answers)
        self._default = default

    @classmethod
    def load(cls, path: str | os.PathLike[str], *, default: bool | None = None) -> Self:
        """From a file: JSON, or JSONL where its name ends so. Raises `SpecError` with findings."""
        made = cls(default=default)
        made._known = read_file(path)
        return made

    def answer(self, question: Question, /) -> Answer:
        """What is recorded for it, else the default."""
        if not self._known:
            return self._otherwise()
        exact = self._known.get((question.question, digest(question.subject)))
        return exact or self._known.get((question.question, None)) or self._otherwise()

    def _otherwise(self) -> Answer:
        if self._default is None:
            return unknown("nothing is recorded for this question")
        return Answer(self._default)


class Recorder:
    """A judge that asks another one and adds what it says to a JSONL file, once a question.

    The file can be given to `Recorded.load`. It holds the digest of each subject; the subject
    itself only with `texts=True`. What cannot be written is unknown: there is no answer that the
    record lacks. Raises `SpecError` where the file is there and is no record.
    """

    def __init__(
        self, judge: AnyJudge, path: str | os.PathLike[str], *, texts: bool = False
    ) -> None:
        self._judge = judge
        self._path = Path(path)
        self._texts = texts
        self._lock = threading.Lock()
        self._written = set(read_file(path)) if self._path.exists() else set()
        self.timeout = timeout_of(judge)
        self.cost = cost_of(judge)
        self.concurrency = concurrency_of(judge)
        self.immediate = is_immediate(judge)

    def answer(self, question: Question, /) -> Answer:
        """The other judge's answer, written down."""
        since = time.monotonic()
        answer = call_here(self._judge, question)
        if not self.immediate and time.monotonic() - since > self.timeout:
            answer = unknown("the answer came too late")  # as it was for the run
        try:
            self._write(question, answer)
        except OSError:
            raise JudgeError("the answer could not be recorded") from None
        return answer

    def _write(self, question: Question, answer: Answer) -> None:
        key = (question.question, digest(question.subject))
        line = json.dumps(self._entry(question, answer)) + "\n"
        with self._lock:
            if key not in self._written:
                with self._path.open("a", encoding="utf-8", newline="\n") as file:
                    file.write(line)
                self._written.add(key)

    def _entry(self, question: Question, answer: Answer) -> dict[str, Any]:
        entry: dict[str, Any] = {"question": question.question}
        if self._texts:
            entry["subject"] = question.subject
        entry |= {"subject_sha256": digest(question.subject), "answer": answer.truth}
        said = {"confidence": answer.confidence, "reason": answer.reason, "error": answer.error}
        return entry | {key: value for key, value in said.items() if value not in (None, "")}
