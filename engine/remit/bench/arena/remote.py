"""An entrant in a process of its own, with the interpreter that has its library.

It takes its turns in the same race. It counts its own CPU time, so that the way to it costs
nothing.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryFile
from threading import Timer
from typing import Any, Self

from .measure import Checked

LONGEST = 180.0  # seconds that one answer may take
_PROBE = Path(__file__).with_name("probe.py")


class Far(RuntimeError):
    """What went wrong in the other process."""


class Process:
    """An interpreter that runs `probe.py`; it ends with the context."""

    def __init__(self, python: str, environment: Mapping[str, str]) -> None:
        # Closed by `end`, with the process that writes to it.
        self._errors = TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115
        self._process = subprocess.Popen(
            [python, str(_PROBE)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=self._errors, encoding="utf-8", env=environment,
        )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.end()

    def ask(self, **asked: Any) -> Mapping[str, Any]:
        """Send a question and wait for the answer; for so long, and no longer."""
        timer = Timer(LONGEST, self._process.kill)
        timer.start()
        try:
            return self._told(asked)
        except Far:
            if not timer.is_alive():
                raise Far(f"no answer within {LONGEST:.0f} s") from None
            raise
        finally:
            timer.cancel()

    def _told(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        assert self._process.stdin is not None, "opened with a pipe"
        assert self._process.stdout is not None, "opened with a pipe"
        try:
            self._process.stdin.write(json.dumps(asked) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except OSError:  # nobody reads any more
            line = ""
        if not line:
            raise Far(f"the process ended: {self._last_words()}")
        told: Mapping[str, Any] = json.loads(line)
        if "error" in told:
            raise Far(told["error"])
        return told

    def end(self) -> None:
        """Let the process end."""
        self._process.kill()
        self._process.communicate()
        self._errors.close()

    def _last_words(self) -> str:
        self._errors.seek(0)
        return (self._errors.read().strip().splitlines() or ["no word"])[-1][:200]


class Remote:
    """An entrant that does its work in a process of its own."""

    def __init__(
        self, process: Process, engine: str, task: str, form: str, parameters: Mapping[str, Any]
    ) -> None:
        """Set it up there. Raises `Far` where that fails."""
        self.name, self.process = form, process
        told = process.ask(do="build", engine=engine, task=task, form=form, parameters=parameters)
        self.most: int = told["most"]

    def check(self) -> Checked:
        """Its answers, held against the oracle there."""
        told = self.process.ask(do="check")
        return Checked(told["checked"], told["wrong"], told["example"])

    def time(self, count: int) -> float:
        """Seconds of CPU there for `count` operations."""
        return float(self.process.ask(do="time", count=count)["seconds"])
