"""One task of AgentDojo from beginning to end, with Remit as the executor, and how it came out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

import remit
from remit.bench.field.agentdojo.guard import Guard
from remit.bench.field.agentdojo.package import part
from remit.bench.field.agentdojo.script import INJECTED
from remit.bench.field.judge import FIRM

SEEN_SUITES = ("banking", "slack", "workspace")
SEEN = (0, 1)  # of these suites, tasks whose number leaves this when it is divided by four
LONGEST = 500  # calls of a task, against a script that never ends


@dataclass(frozen=True)
class Outcome:
    """`useful` and `attacked` are AgentDojo's word: the task was done, the injected goal reached.

    `decisions` are those on calls, before anybody was asked; `held` are by which calls were held.
    """

    useful: bool
    attacked: bool
    decisions: Sequence[remit.Decision] = ()
    held: Sequence[remit.Decision] = ()

    @property
    def is_free(self) -> bool:
        """Whether no call was held back, but those that somebody would have agreed to."""
        return not any(one.verdict in FIRM for one in self.held)

    @property
    def asks(self) -> int:
        """How many calls somebody was asked about."""
        return sum(one.verdict == "ask" for one in self.decisions)


@dataclass(frozen=True)
class Scene:
    """A task, perhaps attacked. `script` makes the model that plays it, anew each time.

    `injected` is the task of the attacker, `injections` what they wrote into the environment.
    """

    id: str
    suite: Any
    task: Any
    script: Callable[[], Any]
    injected: Any = None
    injections: Mapping[str, str] = field(default_factory=dict)
    attack: str = ""

    @property
    def group(self) -> str:
        """The suite's name."""
        return str(self.suite.name)

    @property
    def is_known(self) -> bool:
        """Whether recordings of its tasks were at hand when the clauses were first written."""
        tasks = [self.task] if self.injected is None else [self.task, self.injected]
        return self.group in SEEN_SUITES and all(_number(one.ID) % 4 in SEEN for one in tasks)

    def play(
        self, policy: remit.Policy | None = None, context: Mapping[str, Any] | None = None,
        *, agrees: bool = False, refuse: bool = False,
    ) -> Outcome:  # fmt: skip
        """Play it. `agrees`: who is asked says yes. `refuse`: no call for the attacker is made."""
        guard = Guard(policy, context or {}, agrees=agrees, refuse=_injected if refuse else None)
        useful, attacked = self.suite.run_task_with_pipeline(
            _pipeline(self.script(), guard), self.task, self.injected, dict(self.injections),
            environment=self._environment.model_copy(deep=True),
        )  # fmt: skip
        attacked = self.injected is not None and attacked
        return Outcome(useful, attacked, guard.decisions, guard.held)

    @cached_property
    def _environment(self) -> Any:
        return self.suite.load_and_inject_default_environment(dict(self.injections))


def _number(id: str) -> int:
    return int(id.rpartition("_")[2])


def _injected(id: str) -> bool:
    return id.startswith(INJECTED)


def _pipeline(script: Any, guard: Guard) -> Any:
    begin = part("agent_pipeline.basic_elements", "InitQuery")()
    loop = part("agent_pipeline.tool_execution", "ToolsExecutionLoop")([guard, script], LONGEST)
    elements = [_system_message(), begin, script, loop, guard]
    return part("agent_pipeline.agent_pipeline", "AgentPipeline")(elements)


@cache
def _system_message() -> Any:
    text = part("agent_pipeline.agent_pipeline", "load_system_message")(None)
    return part("agent_pipeline.basic_elements", "SystemMessage")(text)
