"""A model that follows a script: an element of AgentDojo's pipeline in the place of a model.

It makes the calls of the user's task. Where the task is attacked, it believes the first result that
carries the injected text, and makes the calls of the injected goal there, before it goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from remit.bench.field.agentdojo.package import message, part

USER, INJECTED = "user", "injection"  # how the ids of calls begin, by who wants them


@dataclass
class Script:
    """`injected` is the goal to follow after the user's call number `at`; None: no attack."""

    task: Any
    injected: Any = None
    at: int | None = None
    left: list[Any] = field(default_factory=list)
    made: int = 0
    begun: bool = False

    def query(
        self, query: str, runtime: Any, env: Any = None, messages: Sequence[Any] = (),
        extra_args: Any = None,
    ) -> tuple[Any, ...]:  # fmt: skip
        """The next call; when there is none left, the answer."""
        if not self.begun:
            self.begun, self.left = True, numbered(self.task.ground_truth(env), USER)
        if self.injected is not None and self.made == self.at:
            self.left = [*numbered(self.injected.ground_truth(env), INJECTED), *self.left]
            self.at = None
        if self.left:
            call = self.left.pop(0)
            self.made += call.id.startswith(USER)
            said = message("assistant", "", [call])
        else:
            said = message("assistant", self.answer())
        return query, runtime, env, [*messages, said], extra_args

    def answer(self) -> str:
        """What the package says the answers to both are."""
        tasks = [self.task] if self.injected is None else [self.task, self.injected]
        return "\n".join(one.GROUND_TRUTH_OUTPUT for one in tasks if one.GROUND_TRUTH_OUTPUT)


def numbered(calls: Sequence[Any], wanted_by: str) -> list[Any]:
    """The calls with ids of their own: `user-1`, `injection-1`."""
    made = part("functions_runtime", "FunctionCall")
    return [
        made(function=one.function, args=dict(one.args), id=f"{wanted_by}-{number}")
        for number, one in enumerate(calls, 1)
    ]
