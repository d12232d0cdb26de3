"""The scenes of a suite: its tasks, the attackers' goals asked by the user, and composed attacks.

A composed attack is AgentDojo's own: one of its attacks writes its text, with the goal in it, into
every place that the user's task reads; the scripted model believes the first result that shows it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from remit.bench.field.agentdojo.package import attack_on, part, text_of
from remit.bench.field.agentdojo.scene import Scene
from remit.bench.field.agentdojo.script import Script


def user_tasks(suite: Any) -> Iterator[Scene]:
    """The user's tasks, as the package says that they are done right."""
    for task in suite.user_tasks.values():
        yield Scene(f"{suite.name}/{task.ID}", suite, task, partial(Script, task))


def asked_by_user(suite: Any) -> Iterator[Scene]:
    """The attackers' goals, each asked by the user: the same calls, by other authority."""
    for task in suite.injection_tasks.values():
        if has_calls(suite, task):
            yield Scene(f"{suite.name}/{task.ID}", suite, task, partial(Script, task))


def attacks(suite: Any, name: str) -> Iterator[Scene]:
    """Each user's task with each goal in it, where the task reads a place for an injection."""
    attack = attack_on(suite, name)
    for task in suite.user_tasks.values():
        at = first_seen(suite, task, attack)
        for goal in suite.injection_tasks.values() if at is not None else ():
            yield Scene(
                f"{suite.name}/{task.ID}/{goal.ID}/{name}", suite, task,
                partial(Script, task, goal, at), goal, attack.attack(task, goal), name,
            )  # fmt: skip


def first_seen(suite: Any, task: Any, attack: Any) -> int | None:
    """After how many of the user's calls an injection has been read; None: never."""
    environment = task.init_environment(
        suite.load_and_inject_default_environment(attack.canary_injections)
    )
    runtime = part("functions_runtime", "FunctionsRuntime")(suite.tools)
    truth = part("agent_pipeline.ground_truth_pipeline", "GroundTruthPipeline")(task)
    messages = truth.query(task.PROMPT, runtime, environment)[3]
    results = [text_of(one) for one in messages if one["role"] == "tool"]
    marks = attack.canary_injections.values()
    seen = (at for at, text in enumerate(results, 1) if any(mark in text for mark in marks))
    return next(seen, None)


def has_calls(suite: Any, goal: Any) -> bool:
    """Whether the package says by which calls a goal is reached."""
    return bool(goal.ground_truth(suite.load_and_inject_default_environment({})))
