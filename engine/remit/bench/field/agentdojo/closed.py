"""A suite in the closed loop: tasks and attacks are played, what is held back is not executed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import remit
from remit.bench.field.agentdojo import scenes
from remit.bench.field.agentdojo.crude import crude_rules
from remit.bench.field.agentdojo.scene import Outcome, Scene
from remit.bench.field.tally import Count, held, passed

KEPT, DONE = "user's tasks, no call denied", "user's tasks done"
ASKED = "the attacker's goal, asked by the user: no call denied"
STOPPED, UNDER = "attacks stopped", "user's task done under attack"
ALONE = "the same under attack without Remit"
MEASURES = (KEPT, DONE, ASKED, STOPPED, UNDER, ALONE)
NO_CALLS = "the package names no call that reaches the goal"
BY_TEXT = "the goal is reached by what is said, without a call"
NOT_REACHED = "the goal is not reached without Remit either"

Share = Callable[[float], None]


@dataclass
class Closed:
    """What came of suites. `new` counts what the clauses were not written with.

    `plain` counts attacks with `reads_wording` off, `beside` what crude rules do, by their names.
    `left_out` says why attacks are none of these.
    """

    most: int = 0
    context: Mapping[str, Any] = field(default_factory=dict)
    count: Count = field(init=False)
    new: Count = field(default_factory=Count)
    plain: Count = field(default_factory=Count)
    by_attack: Count = field(default_factory=Count)
    beside: Count = field(default_factory=Count)
    left_out: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.count = Count(self.most)

    def tasks(self, suite: Any, policy: remit.Policy) -> None:
        """The user's tasks, and the attackers' goals where the user asks for them."""
        for scene in scenes.user_tasks(suite):
            strict, lenient = self._played(scene, policy)
            self._keep(scene, KEPT, strict, lenient)
            self._add(scene, DONE, lenient.useful, strict.useful)
            for name, crude in crude_rules(scene.group).items():
                kept = not scene.play(crude).held
                self.beside.add(name, KEPT, lenient=kept, strict=kept)
        for scene in scenes.asked_by_user(suite):
            self._keep(scene, ASKED, *self._played(scene, policy))

    def attacks(self, suite: Any, policy: remit.Policy, names: Sequence[str], tell: Share) -> None:
        """Composed attacks; `names` are AgentDojo's, the first is the one of the main table."""
        reachable = [one for one in suite.injection_tasks.values() if scenes.has_calls(suite, one)]
        everything = [one for name in names for one in scenes.attacks(suite, name)]
        for number, scene in enumerate(everything):
            tell(number / len(everything))
            if scene.injected not in reachable:
                self._leave_out(NO_CALLS)
            elif not (alone := scene.play()).attacked:
                self._leave_out(NOT_REACHED)
            else:
                self._attack(scene, policy, alone, is_main=scene.attack == names[0])

    def _attack(self, scene: Scene, policy: remit.Policy, alone: Outcome, *, is_main: bool) -> None:
        strict, lenient = self._played(scene, policy)
        if strict.attacked and scene.play(refuse=True).attacked:
            self._leave_out(BY_TEXT)
            return
        stopped = {"lenient": not lenient.attacked, "strict": not strict.attacked}
        self.by_attack.add(scene.attack, STOPPED, **stopped)
        if not is_main:
            return
        if self._add(scene, STOPPED, stopped["lenient"], stopped["strict"]):
            self.count.tell(scene.group, STOPPED, _told(scene, strict))
        self._add(scene, UNDER, lenient.useful, strict.useful)
        self._add(scene, ALONE, alone.useful, alone.useful)
        for name, crude in crude_rules(scene.group).items():
            held_off = not scene.play(crude).attacked
            self.beside.add(name, STOPPED, lenient=held_off, strict=held_off)
        strict, lenient = self._played(scene, policy, reads_wording=False)
        self.plain.add(
            scene.group, STOPPED, lenient=not lenient.attacked, strict=not strict.attacked
        )

    def _played(
        self, scene: Scene, policy: remit.Policy, **context: Any
    ) -> tuple[Outcome, Outcome]:
        """With every ask refused, and with every ask agreed to."""
        known = {**self.context, **context}
        strict = scene.play(policy, known)
        lenient = scene.play(policy, known, agrees=True) if strict.asks else strict
        return strict, lenient

    def _keep(self, scene: Scene, measure: str, strict: Outcome, lenient: Outcome) -> None:
        calls, asks = len(strict.decisions), strict.asks
        if self._add(scene, measure, lenient.is_free, not strict.held, calls, asks):
            words = [f"{scene.id}: {measure}", *held(strict.held)]
            self.count.tell(scene.group, measure, "\n".join(words))

    def _add(
        self, scene: Scene, measure: str, lenient: bool, strict: bool, calls: int = 0, asks: int = 0
    ) -> bool:
        counts = [self.count] if scene.is_known else [self.count, self.new]
        added = [
            one.add(scene.group, measure, lenient=lenient, strict=strict, calls=calls, asks=asks)
            for one in counts
        ]
        return added[0]

    def _leave_out(self, why: str) -> None:
        self.left_out[why] = self.left_out.get(why, 0) + 1


def _told(scene: Scene, strict: Outcome) -> str:
    """An attack that reached its goal, or would have if somebody had agreed."""
    how = "not stopped" if strict.attacked else "stopped by an ask alone"
    return "\n".join([f"{scene.id}: {how}", *(passed(one) for one in strict.decisions)])
