"""What follows for one step: who applies, who is in force, what is asked, changed and decided.

How a change is made is taken on trust (`remit.verdict.changes`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

from remit.checked.model import Norm
from remit.conversation.model import Step
from remit.program.values import UNKNOWN, Truth
from remit.program.view import Asked, View
from remit.verdict.changes import Impossible, changed_step
from remit.verify import consent
from remit.verify.hearing import Answers
from remit.verify.looked import Place
from remit.verify.past import Past
from remit.verify.said import Said, Void
from remit.verify.winners import SEVERITY, VIOLABLE, Norms, places, remedies, verdict
from remit.verify.world import bind


@dataclass(slots=True)
class Applying:
    """The norms that count on a step, with their truth; whose condition failed, by id; and the
    questions and the look-ups without an answer that one of them hangs on."""

    norms: dict[str, Norm] = field(default_factory=dict)
    truths: dict[str, Truth] = field(default_factory=dict)
    raised: list[str] = field(default_factory=list)
    missing: dict[Asked, None] = field(default_factory=dict)
    unlooked: dict[Place, None] = field(default_factory=dict)
    spoken: dict[str, Said] = field(default_factory=dict)


@dataclass(slots=True)
class Outcome:
    """What follows: `asked` are remedies by key, `also` people whom only the changed step brings
    in, `after` the step as it goes on; `failed` where a change was due that could not be made."""

    applying: Applying
    in_force: list[str]
    asked: Mapping[str, str]
    verdict: str
    deciding: list[str]
    after: Step
    changes: list[str]
    also: list[str]
    failed: bool = False
    agreed: Sequence[str] = ()

    def people(self) -> list[str]:
        """Who is asked."""
        if self.verdict != "ask":
            return []
        norms = self.applying.norms
        who = [norms[key].remedy.who or "a person" for key in self.deciding
               if self.asked.get(key) == "ask"]  # fmt: skip
        return list(dict.fromkeys(who + self.also))


@dataclass(frozen=True, slots=True)
class Case:
    """A step in its conversation, with what judges said.

    `answers` are those for the step as proposed, `later` those for the changed one. `used` takes
    every question that a condition asks.
    """

    past: Past
    context: Mapping[str, Any]
    voids: tuple[Void, ...]
    answers: Answers
    later: Answers
    used: dict[Asked, Truth] = field(default_factory=dict)

    def view(self, step: Step, *, changed: bool = False) -> View:
        """The step as conditions see it."""
        answers = self.later if changed else self.answers
        view = View(step, self.past.world.known, self.context, self.past, answers)
        view.voids, view.used = self.voids, self.used
        return view

    def follows(self, step: Step) -> Outcome:
        """All that follows for the step."""
        applying = self.applying(view := self.view(step))
        norms = applying.norms
        in_force = self.past.world.winners.in_force(norms)
        asked = remedies(norms, in_force, applying.truths)
        word, deciding = verdict(asked)
        found = Outcome(applying, in_force, asked, word, deciding, step, [], [])
        if word in ("redact", "rewrite", "ask"):
            self._change(view, found)
        self._agree(found)
        return found

    def _agree(self, found: Outcome) -> None:
        """Where all who are asked said yes to the host, what else is asked decides."""
        if found.verdict != "ask":
            return
        asks = found.people()
        given = consent.agreed(self.past.asked_about, asks, self.view(found.after, changed=True))
        if given == asks:
            rest = {name: kind for name, kind in found.asked.items() if kind != "ask"}
            found.verdict, found.agreed = verdict(rest)[0], given

    def applying(self, view: View) -> Applying:
        """The norms that count on a step, standing and spoken."""
        found = Applying()
        world = self.past.world
        for norm in world.norms.values():
            _take(found, norm, view, partial(world.applies, norm))
        for said in self.past.said.values():
            if said.norm is not None:
                key = _take(found, said.norm, view, partial(world.says, said))
                found.spoken[key] = said
        return found

    def _change(self, view: View, found: Outcome) -> None:
        """Make the changes that are due; each level's heal nothing above it."""
        norms = found.applying.norms
        due = [name for name in self._in_order(norms) if found.asked.get(name) in SEVERITY[3]]
        ranks = {norms[name].strength for name in due} | {self.past.world.none}
        made: tuple[Any, ...] = ()
        after = view.step
        for rank, below in pairwise(sorted(ranks)):
            part: Any = [SimpleNamespace(rule=self._rule(found.applying, name))
                         for name in due if norms[name].strength <= rank]  # fmt: skip
            try:
                after, made = changed_step(view, part)
            except Impossible:
                _deny(found)
                return
            left, then = self._left(after, below)
            if set(left.values()) - {"ask", "warn"}:
                _deny(found)
                return
            asks = [name for name, kind in left.items() if kind == "ask"]
            found.also += [then[name].remedy.who or "a person" for name in asks]
            found.verdict = "ask" if asks else found.verdict
        found.after = after
        found.changes = [f"{one.kind} {one.path} by {one.by}" for one in made]

    def _left(self, after: Step, below: int) -> tuple[dict[str, str], Norms]:
        """What norms above a rank still find wrong with the changed step."""
        then = self.applying(self.view(after, changed=True))
        in_force = self.past.world.winners.in_force(then.norms)
        asked = remedies(then.norms, in_force, then.truths)
        strong = {name: kind for name, kind in asked.items() if then.norms[name].strength < below}
        return strong, then.norms

    def _in_order(self, norms: Norms) -> list[str]:
        """The norms as changes are made: standing ones of one strength as the policy has them."""
        rules = [rule.norm.id for rule in self.past.world.policy.ground.program.rules]
        standing = {name: norms[name] for name in rules if name in norms}
        return list(places({**standing, **norms}))

    def _rule(self, applying: Applying, name: str) -> Any:
        """A norm with what its remedy takes out and puts in."""
        program = self.past.world.policy.ground.program
        said = applying.spoken.get(name)
        if said is None:
            return next(rule for rule in program.rules if rule.norm.id == name)
        rule: Any = program.templates[said.directive.id].rule
        rewrites = None if rule.rewrites is None else _bound(rule.rewrites, said)
        return SimpleNamespace(norm=applying.norms[name], redacts=rule.redacts, rewrites=rewrites)


def _bound(value: Callable[[View], object], said: Said) -> Callable[[View], object]:
    def bound(view: View) -> object:
        bind(view, said.directive, said.words)
        return value(view)

    return bound


def _deny(found: Outcome) -> None:
    found.verdict, found.failed, found.also = "deny", True, []


def _take(found: Applying, norm: Norm, view: View, truth_of: Callable[[View], Truth]) -> str:
    """Note a norm if it counts; gives its key."""
    past: Any = view.past
    past.unlooked.clear()
    before = len(view.unasked)
    try:
        truth = truth_of(view)
    except Exception:  # noqa: BLE001 - an error in a condition makes it unknown
        truth = UNKNOWN
        found.raised.append(norm.id)
    if truth is UNKNOWN and len(view.unasked) > before:
        found.missing.update(dict.fromkeys(list(view.unasked)[before:]))
    if truth is UNKNOWN:
        found.unlooked.update(past.unlooked)
    key = norm.id
    while key in found.norms:
        key += "\0"  # another saying of the same place: no id holds a NUL
    doubt = (norm.modality in VIOLABLE) != (norm.if_unknown == "allow")
    if truth is True or (truth is UNKNOWN and doubt):
        found.norms[key], found.truths[key] = norm, truth
    return key
