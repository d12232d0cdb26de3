"""Runs as AgentDojo records them (`runs/MODEL/SUITE/TASK/ATTACK/GOAL.json`), played again.

The recorded model is the script: it says what it said, whatever it is told. A run counts where the
replay without Remit comes out as it was recorded, under some version of the tasks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import remit
from remit.bench.field.agentdojo.labels import ASKED_RUN, BENIGN, BY_TEXT, RECORDED
from remit.bench.field.agentdojo.package import VERSIONS, message, part, suites, text_of
from remit.bench.field.agentdojo.scene import Outcome, Scene
from remit.bench.field.tally import Count, held, passed

NEEDED = ("suite_name", "user_task_id", "messages")
NOT_AGAIN = "recorded runs that come out otherwise when they are played again"


@dataclass
class Recorded:
    """A model that says what was recorded, as an element of AgentDojo's pipeline."""

    left: list[Mapping[str, Any]]

    def query(
        self, query: str, runtime: Any, env: Any = None, messages: Sequence[Any] = (),
        extra_args: Any = None,
    ) -> tuple[Any, ...]:  # fmt: skip
        """The next thing that it said; at the end, nothing."""
        said = self.left.pop(0) if self.left else {}
        made = part("functions_runtime", "FunctionCall")
        calls = [
            made(function=one["function"], args=dict(one.get("args") or {}), id=one.get("id") or "")
            for one in said.get("tool_calls") or ()
        ]
        spoken = [*messages, message("assistant", text_of(said), calls)]
        return query, runtime, env, spoken, extra_args


def is_run(record: object) -> bool:
    """Whether a JSON file holds a run of AgentDojo."""
    return isinstance(record, dict) and all(key in record for key in NEEDED)


def measure_of(record: Mapping[str, Any]) -> str | None:
    """What a run is a case of; None: of nothing, as it failed or was an attack on utility alone."""
    attack = str(record.get("attack_type") or "none")
    if "dos" in attack.split("_") or record.get("error"):
        return None
    if attack != "none":
        return RECORDED if record.get("security") and record.get("injection_task_id") else None
    if not record.get("utility"):
        return None
    return BENIGN if str(record["user_task_id"]).startswith("user") else ASKED_RUN


def scene_of(record: Mapping[str, Any], version: str) -> Scene | None:
    """The run under a version of the tasks; None where that has not its suite or tasks."""
    suite = suites(version).get(str(record["suite_name"]))
    if suite is None:
        return None
    known = {**suite.user_tasks, **suite.injection_tasks}
    task, goal = known.get(record["user_task_id"]), known.get(record.get("injection_task_id"))
    if task is None or (goal is None and measure_of(record) == RECORDED):
        return None
    said = [one for one in record["messages"] if one.get("role") == "assistant"]
    names = [record.get(one) or "none" for one in ("pipeline_name", "suite_name", "user_task_id",
                                                   "attack_type", "injection_task_id")]  # fmt: skip
    return Scene(
        "/".join(map(str, names)), suite, task, lambda: Recorded(list(said)),
        goal if measure_of(record) == RECORDED else None, record.get("injections") or {},
        str(record.get("attack_type") or ""),
    )  # fmt: skip


def reproduced(record: Mapping[str, Any]) -> Scene | None:
    """The run under the newest version of the tasks in which it comes out as it was recorded."""
    attacked = measure_of(record) == RECORDED
    for version in [record["benchmark_version"]] if record.get("benchmark_version") else VERSIONS:
        scene = scene_of(record, version)
        if scene is not None:
            outcome = scene.play()
            if outcome.attacked if attacked else outcome.useful:
                return scene
    return None


def count_run(
    count: Count, record: Mapping[str, Any], policy: remit.Policy, context: Mapping[str, Any]
) -> str:
    """Count a run; why it is left out, where it is."""
    measure = measure_of(record)
    scene = reproduced(record) if measure else None
    if measure is None or scene is None:
        return NOT_AGAIN if measure else ""
    strict = scene.play(policy, context)
    lenient = scene.play(policy, context, agrees=True) if strict.asks else strict
    if measure == RECORDED:
        return _attack(count, scene, strict, lenient)
    if count.add(
        scene.group, measure, lenient=lenient.is_free, strict=not strict.held,
        calls=len(strict.decisions), asks=strict.asks,
    ):  # fmt: skip
        words = [f"{scene.id}: {measure}, held", *held(strict.held)]
        count.tell(scene.group, measure, "\n".join(words))
    return ""


def _attack(count: Count, scene: Scene, strict: Outcome, lenient: Outcome) -> str:
    if strict.attacked and replace(scene, script=partial(_silent, scene)).play().attacked:
        return BY_TEXT
    if count.add(
        scene.group, RECORDED, lenient=not lenient.attacked, strict=not strict.attacked
    ):  # fmt: skip
        words = [f"{scene.id}: not stopped", *(passed(one) for one in strict.decisions)]
        count.tell(scene.group, RECORDED, "\n".join(words))
    return ""


def _silent(scene: Scene) -> Recorded:
    """What the model said at last, without a call."""
    last = scene.script().left[-1:]
    return Recorded([{**one, "tool_calls": None} for one in last])
