"""An entrant in a process of its own, with the interpreter that has its library.

It takes its turns in the same race. It counts its own CPU time, so that the way to it costs
nothing.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from .measure import Checked

_PROBE = Path(__file__).with_name("probe.py")


class Far(RuntimeError):
    """What went wrong in the other process."""


@dataclass(slots=True)
class Remote:
    """Speaks to `probe.py`. `bytes` is the memory that setting up took there."""

    name: str
    process: subprocess.Popen[str]
    errors: IO[str]
    most: int = 1
    bytes: int = 0

    @classmethod
    def start(
        cls, python: str, engine: str, task: str, form: str, parameters: Mapping[str, Any],
        environment: Mapping[str, str] | None = None,
    ) -> Remote:  # fmt: skip
        """Set an entrant up. Raises `Far` where that fails."""
        # Closed by `end`, with the process that writes to it.
        errors = TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115
        process = subprocess.Popen(
            [python, str(_PROBE)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
            encoding="utf-8", env=environment,
        )  # fmt: skip
        made = cls(form, process, errors)
        asked = {"engine": engine, "task": task, "form": form, "parameters": parameters}
        try:
            told = made.ask(do="build", **asked)
        except Far:
            made.end()
            raise
        made.most, made.bytes = told["most"], told["bytes"]
        return made

    def ask(self, **asked: Any) -> Mapping[str, Any]:
        """Send a question and wait for the answer."""
        assert self.process.stdin is not None, "opened with a pipe"
        assert self.process.stdout is not None, "opened with a pipe"
        try:
            self.process.stdin.write(json.dumps(asked) + "\n")
            self.process.stdin.flush()
            told: Mapping[str, Any] = json.loads(self.process.stdout.readline() or "{}")
        except (OSError, ValueError) as error:
            told = {"error": str(error)}
        if not told or "error" in told:
            raise Far(told.get("error") or f"the process ended: {self._last_words()}")
        return told

    def check(self) -> Checked:
        """Its answers, held against the oracle there."""
        told = self.ask(do="check")
        return Checked(told["checked"], told["wrong"], told["example"])

    def time(self, count: int) -> float:
        """Seconds of CPU there for `count` operations."""
        return float(self.ask(do="time", count=count)["seconds"])

    def end(self) -> None:
        """Let the process end."""
        self.process.kill()
        self.process.communicate()
        self.errors.close()

    def _last_words(self) -> str:
        self.errors.seek(0)
        return (self.errors.read().strip().splitlines() or ["no word"])[-1][:200]
