"""Where a step is judged: under which policy, in which context, after what."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any

from remit.conversation.model import Step
from remit.program.bucket import MOST_OUTCOMES
from remit.program.view import View, plain_view

if TYPE_CHECKING:
    from remit.state.model import State
    from remit.verdict.model import Ground
    from remit.verdict.resolve import Outcome


NOTHING_YET: frozenset[object] = frozenset()  # many a scene is over after one step


class Scene:
    """What the steps of a conversation have in common, until its state is another one.

    `calls` are the buckets of calls by their tools. `slow`: something was said, or the conversation
    has `halted`. `told`: somebody hears of each decision first. `still` are outcomes, those of
    messages with their roles, after which the state stays as it is, but for a memory that is
    `steady`. A plain decision keeps the scene,
    and makes its view of the step when somebody looks at it.
    """

    __slots__ = (
        "calls", "context", "ground", "halted", "memory", "program", "slow", "state", "steady",
        "still", "told",
    )  # fmt: skip

    def __init__(
        self, ground: Ground, context: Mapping[str, Any], state: State, told: bool = False,
        halted: bool = False,
    ) -> None:  # fmt: skip
        self.ground, self.context, self.state = ground, context, state
        self.program, self.memory = ground.program, state.memory
        self.calls = ground.program.calls
        self.halted, self.told = halted, told
        self.slow = halted or bool(state.sayings)
        self.steady = state.memory.light
        self.still: AbstractSet[object] = NOTHING_YET

    def keep(self, mark: Outcome | tuple[Outcome, str]) -> None:
        """Remember that the state stays as it is after steps with this outcome."""
        if isinstance(self.still, set) and len(self.still) < MOST_OUTCOMES:
            self.still.add(mark)
        else:
            self.still = {mark}

    def view(self, step: Step) -> View:
        """The step as conditions see it here; it is a plain one (`at_once`)."""
        return plain_view(step, self.program.known, self.context, self.state)

    def seen(self, step: Step) -> View:
        """The same, once it was judged: what was not looked up in the past is not told any more."""
        view = self.view(step)
        view.closed = self.memory.watches
        return view
