"""Recorded runs from files: traces with labels, and runs as AgentDojo writes them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from remit.bench.field.agentdojo.defences import Defences
from remit.bench.field.agentdojo.labels import BY_TEXT, case_of
from remit.bench.field.agentdojo.pack import policy_for
from remit.bench.field.agentdojo.package import NotThere
from remit.bench.field.agentdojo.runs import count_run, is_run
from remit.bench.field.judge import judge
from remit.bench.field.tally import Count
from remit.conversation.read import LIMIT, Reader
from remit.conversation.whole import Conversation

ENDINGS = (".jsonl", ".jsonl.zst", ".jsonl.gz", ".json")


@dataclass
class Runs:
    """What came of recorded runs; `left_out` says why some are no cases, `problems` what is bad."""

    most: int = 0
    suites: frozenset[str] = frozenset()
    context: Mapping[str, Any] = field(default_factory=dict)
    count: Count = field(init=False)
    defences: Defences = field(default_factory=Defences)
    left_out: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.count = Count(self.most)

    def read(self, paths: Sequence[Path], tell: Callable[[str, float], None]) -> None:
        """Judge what is in files, and in the files of folders."""
        files = [one for path in paths for one in files_of(path)]
        for at, path in enumerate(files):
            for share in self._file(path):
                tell(path.name, (at + share) / len(files))

    def _file(self, path: Path) -> Iterator[float]:
        record = run_in(path)
        if record is not None:
            self._run(path, record)
            return
        reader = Reader(str(path))
        for conversation, found in reader:
            self.problems += [f"{path.name}: {one.message}" for one in found if one.is_error]
            if conversation is not None:
                self._trace(conversation)
            yield reader.share or 0.0

    def _trace(self, conversation: Conversation) -> None:
        case = case_of(conversation)
        group = str(conversation.labels.get("tools_ref", "")).partition("/")[2]
        policy = policy_for(group) if self._is_wanted(group) else None
        if policy is None:
            return
        judged = None
        if case is not None and case.measure != BY_TEXT:
            judged = judge(policy, case, self.context)
            self.count.take(judged)
        elif case is not None:
            self._leave_out(BY_TEXT)
        self.defences.take(conversation.labels, judged)

    def _run(self, path: Path, record: Mapping[str, Any]) -> None:
        suite = str(record["suite_name"])
        policy = policy_for(suite) if self._is_wanted(suite) else None
        if policy is None:
            return
        try:
            self._leave_out(count_run(self.count, record, policy, self.context))
        except NotThere as error:
            self.problems.append(f"{path.name}: to play it again, {error}")
        except Exception as error:  # noqa: BLE001 - a file may hold anything
            self.problems.append(f"{path.name}: {type(error).__name__}: {str(error)[:200]}")

    def _is_wanted(self, suite: str) -> bool:
        return not self.suites or suite in self.suites

    def _leave_out(self, why: str) -> None:
        if why:
            self.left_out[why] = self.left_out.get(why, 0) + 1


def files_of(path: Path) -> list[Path]:
    """A file, or those of a folder that may hold runs of AgentDojo, in order."""
    if not path.is_dir():
        return [path]
    found = sorted(one for one in path.rglob("*") if one.name.endswith(ENDINGS) and one.is_file())
    return [one for one in found if one.name.startswith("agentdojo")] or found


def run_in(path: Path) -> Mapping[str, Any] | None:
    """The run of AgentDojo that a file is; None where it is another one."""
    if path.suffix != ".json" or path.stat().st_size > LIMIT:
        return None
    try:
        record = json.loads(path.read_bytes())
    except ValueError:
        return None
    return record if is_run(record) else None
