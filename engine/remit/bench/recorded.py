"""Real conversations: from a folder of recordings, or made with the package `agentdojo`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from remit.bench.field.agentdojo.package import NotThere, part, suites
from remit.conversation.model import Call, Message, Result, Step
from remit.conversation.read import Reader
from remit.conversation.whole import Conversation

ENDINGS = (".jsonl", ".jsonl.zst", ".jsonl.gz")
PREFERRED = "agentdojo"  # of a folder's files, those named so, where there are any
SPREAD = 25


class NoRecordings(RuntimeError):
    """There is nothing to judge; the message says how to get something."""


def conversations(folder: Path | None, most: int) -> list[Conversation]:
    """Up to so many conversations, spread evenly over the first `SPREAD` times as many."""
    every = _from_folder(folder) if folder else _from_package()
    found = list(islice(every, most * SPREAD))
    if not found:
        raise NoRecordings("the folder holds no conversation that can be read")
    step = max(1, len(found) // most)
    return found[::step][:most]


def _from_folder(folder: Path) -> Iterator[Conversation]:
    paths = sorted(one for one in folder.iterdir() if one.name.endswith(ENDINGS))
    wanted = [one for one in paths if one.name.startswith(PREFERRED)] or paths
    for path in wanted:
        yield from (one for one, _ in Reader(str(path)) if one is not None)


def _from_package() -> Iterator[Conversation]:
    """The ground truths of AgentDojo's user tasks, each call run in its environment."""
    try:
        found = suites()
    except NotThere as error:
        raise NoRecordings(f"{error}, or name a folder: --data DIR") from None
    for name, suite in found.items():
        for task in suite.user_tasks.values():
            yield Conversation(f"{name}/{task.ID}", list(_steps(suite, task)))


def _steps(suite: Any, task: Any) -> Iterator[Step]:
    environment = task.init_environment(suite.load_and_inject_default_environment({}))
    runtime = part("functions_runtime", "FunctionsRuntime")(suite.tools)
    dump = part("agent_pipeline.tool_execution", "tool_result_to_str")
    yield Message("user", task.PROMPT)
    for number, call in enumerate(task.ground_truth(environment)):
        args = dict(call.args)
        yield Call(call.function, args, str(number))
        value, error = runtime.run_function(environment, call.function, args)
        text = error or dump(value)
        yield Result(call.function, text, id=str(number), error=error)
    yield Message("assistant", task.GROUND_TRUTH_OUTPUT)
