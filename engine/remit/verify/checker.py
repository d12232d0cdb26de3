"""One decision record against a policy: where it does not follow, and what the step leaves behind.

Texts for readers (`explanation`, `note`, `flip`, terms under `unknown`) are not verified, nor that
the engine failed or the conversation was halted: a record that says so must deny, no more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from remit.conversation.from_steps import read_step, step_to_json
from remit.conversation.model import Step
from remit.program.values import UNKNOWN
from remit.program.view import View
from remit.verdict import read_record as form
from remit.verify import consent, differences, settings
from remit.verify.hearing import Heard, hear, speaks_with, strange
from remit.verify.looked import told
from remit.verify.past import Past
from remit.verify.reading import read_past
from remit.verify.sparing import answers_of, twice, wrongly_spared
from remit.verify.step import Case
from remit.verify.telling import Telling
from remit.verify.world import World
from remit_grammar.diagnostic import Diagnostic

if TYPE_CHECKING:
    from remit.policy import Policy

Record = Mapping[str, Any]
GOES_ON = ("allow", "warn", "redact", "rewrite")


class Verified(NamedTuple):
    """What was found, and what the conversation comes to after the step.

    `after` is None where the step changed nothing: no norm was asked, or the record is none.
    `telling` are the past steps that the record was held against, now with this one.
    """

    found: list[Diagnostic]
    past: Past | None = None
    after: Past | None = None
    is_record: bool = False
    telling: Telling | None = None


Story = Callable[[Past], Telling | None]  # the steps before a record, where they are known


def _unknown(past: Past) -> None:
    """Nothing is known of the steps before a record."""


class Checker:
    """Verifies the records of one policy."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.world = World(policy)

    def verify(self, data: Record, story: Story = _unknown) -> Verified:
        """Everything wrong with one record. Never raises."""
        try:
            problems = list(form.malformed(data))
            if problems:
                return Verified([Diagnostic("R1001", message) for message in problems])
            stranger = self._stranger(data["policy"])
            if stranger is not None:
                return Verified([stranger])
            return self._follow(data, story)
        except Exception as error:  # noqa: BLE001 - records are hostile, whatever they hold
            message = f"the record cannot be followed: {type(error).__name__}"
            return Verified([Diagnostic("R1001", message)])

    def _stranger(self, made_by: Mapping[str, Any]) -> Diagnostic | None:
        mine = {"id": self.policy.name, "digest": self.policy.digest}
        if made_by == mine:
            return None
        ours = f"`{mine['id']}` ({mine['digest'][:12]})"
        told = f"`{str(made_by.get('id'))[:200]}` ({str(made_by.get('digest'))[:12]})"
        return Diagnostic("R1002", f"made by {told}, not by {ours}")

    def _follow(self, data: Record, story: Story) -> Verified:
        if any(one["norm"] in form.REFUSALS for one in data["errors"]):
            return Verified(_told(differences.claims_of_refusal(data)), is_record=True)
        step, problems = read_step(data["step"])
        if step is None:
            return Verified(_told([f"the step cannot be read: {problems[0].message}"]))
        return _Following(self.world, data, step, story).verified()


class _Following:
    """One record of this policy whose step can be read."""

    def __init__(self, world: World, data: Record, step: Step, story: Story) -> None:
        self.world, self.data, self.step = world, data, step
        self.level = world.checked.level
        self.past, self.problems = read_past(world, data)
        self.telling = story(self.past) if world.watched else None
        told, spared = answers_of(data.get("judged", []))
        self.told, self.spared = told, spared
        self.heard = self._hear(step, self.past)
        no = dict.fromkeys(spared, False)
        voids = tuple(self.heard.voids)
        self.case = Case(self.past, data["context"], voids, {**told, **no}, {**no, **told})
        self.view = self.case.view(step)
        self.made = self.case.follows(step)

    def _hear(self, step: Step, past: Past) -> Heard:
        """What a step says; judges are asked about texts and not about who may say them."""
        view = View(step, self.world.known, self.data["context"], past)
        return hear(past, view, self.data["index"], self.told)

    def verified(self) -> Verified:
        found = _told([*self.problems, *self.differences(), *self.looked()])
        after = self.after()
        self.take()
        return Verified(found, self.past, after, is_record=True, telling=self.telling)

    def differences(self) -> Iterator[str]:
        """Where the record does not follow from what came before and the policy."""
        data, applying = self.data, self.made.applying
        odd = strange(self.world, self.step)
        if odd is not None:
            yield f"the policy has no directive `{odd[:200]}` as the step gives it"
        chain = self.world.checked.chain
        due = [one.to_json(chain) for one in self.heard.voids]
        yield from differences.rows_differ("void", data["void"], due, "directive")
        due = [one.to_json(chain) for one in self.heard.said]
        yield from differences.rows_differ("said", data.get("said", []), due, "norm")
        yield from self.judges()
        errors = [one["norm"] for one in data["errors"]]
        yield from differences.compare("errors", errors, applying.raised)
        yield from self.applied()
        in_force = self._ids(self.made.in_force)
        yield from differences.compare("in_force", data["in_force"], in_force)
        yield from self.defeats()
        yield from self.verdict()
        yield from self.settings()
        yield from wrongly_spared(self.case, self.step, self.spared, self.made)

    def looked(self) -> Iterator[str]:
        """What was looked up and what was owed, as past steps tell it; else what is missing."""
        for name, key in self.made.applying.unlooked:
            of = f" for {told([*key])}" if key else ""
            yield f"`looked` lacks what `{name[:200]}` comes to{of}"
        if self.telling is None:
            return
        for name in sorted(self.past.full):
            if not self.telling.forgets(name):
                yield f"`full` says that `{name[:200]}` let something go, but it had no need to"
        for name, value, due in self.past.strays(self.telling, self.view):
            yield f"`looked` says {told(value)} of `{name[:200]}`, but it is {told(due)}"
        due_rows = list(self.telling.rows())
        yield from differences.rows_differ("owed", self.data.get("owed", []), due_rows, "debt")

    def _ids(self, keys: list[str]) -> list[str]:
        return [self.made.applying.norms[key].id for key in keys]

    def judges(self) -> Iterator[str]:
        yield from twice(self.data.get("judged", []))
        for judge, question, digest in dict.fromkeys(
            [*self.heard.missing, *self.made.applying.missing]
        ):
            yield f"`judged` lacks what `{judge}` says to `{question}` (text {digest[:12]})"

    def applied(self) -> Iterator[str]:
        data, applying = self.data, self.made.applying
        ids = [norm.id for norm in applying.norms.values()]
        yield from differences.compare("applied", [one["norm"] for one in data["applied"]], ids)
        unsure = [applying.norms[key].id for key, truth in applying.truths.items()
                  if truth is UNKNOWN]  # fmt: skip
        yield from differences.compare("unknown", [one["norm"] for one in data["unknown"]], unsure)
        due = [
            {"norm": norm.id, "modality": norm.modality, "author": self.level(norm.author),
             "strength": self.level(norm.strength), "unknown": applying.truths[key] is UNKNOWN}
            for key, norm in applying.norms.items()
        ]  # fmt: skip
        yield from differences.fields_differ("the record", data["applied"], due, "norm")

    def defeats(self) -> Iterator[str]:
        rows, norms = self.data["defeated"], self.made.applying.norms
        lost = [norm.id for key, norm in norms.items() if key not in self.made.in_force]
        yield from differences.compare("defeated", [row["norm"] for row in rows], lost)
        ids = {norm.id for norm in norms.values()}
        for row in (one for one in rows if one["norm"] in ids):
            problem = self.world.winners.unlicensed(row, norms, self.made.in_force)
            if problem:
                by = f"`{row['norm']}` lost to `{row['by'][:200]}` by {row['reason'][:200]}"
                yield f"the record says {by}, but {problem}"

    def verdict(self) -> Iterator[str]:
        data, made = self.data, self.made
        norms = made.applying.norms
        deciding = made.deciding
        if not deciding:  # a permit that opened something decides, else all that speak
            winners = {row["by"] for row in data["defeated"]}
            deciding = [key for key in made.in_force if norms[key].id in winners] or made.in_force
        if data["verdict"] != made.verdict:
            yield f"the verdict that follows is `{made.verdict}`, not `{data['verdict'][:200]}`"
        yield from differences.compare("decided_by", data["decided_by"], self._ids(deciding))
        advice = dict.fromkeys(norms[key].advice or "" for key in deciding if norms[key].advice)
        advice = {} if made.agreed else advice
        yield from differences.compare("agreed", data.get("agreed", []), made.agreed)
        yield from differences.compare("advice", data["advice"], advice)
        yield from differences.compare("ask", data["ask"], made.people())
        if bool(data["note"]) != made.failed:
            due = "a note is due", "a note, where no change was due that failed"
            yield due[0] if made.failed else due[1]
        yield from self.changes()

    def changes(self) -> Iterator[str]:
        data, changes = self.data, self.made.changes
        said = [f"{row['kind']} {row['path']} by {row['by']}" for row in data["changes"]]
        yield from differences.compare("changes", said, changes)
        if ("after" in data) != bool(changes):
            yield "the changed step is missing" if changes else "`after`, where nothing was changed"
        elif changes and not differences.same_json(data["after"], step_to_json(self.made.after)):
            yield "`after` is not the step that the changes give"

    def settings(self) -> Iterator[str]:
        """Every setting, as semantics 5 says who is in force on it."""
        names = sorted(self.world.checked.settings)
        found = [(name, self.past.found(name, self.view)) for name in names]
        due = [settings.row(self.world, *one) for one in found]
        yield from differences.settings_differ(self.data.get("settings", []), due)

    # ---- what the step leaves behind

    def after(self) -> Past:
        """The past of the next step."""
        wrong = frozenset() if self._refuses() else frozenset(self._ids(list(self.made.asked)))
        speaks = speaks_with(self.past, self.view) < self.world.none
        turn = wrong if speaks else self.past.turn | wrong
        heard = Heard([], [], [])
        if self.made.verdict in GOES_ON:
            past = replace(self.past, telling=self.telling)
            heard = self._hear(self.made.after, past) if self.made.changes else self.heard
        seen = speaks or self.past.turn_seen
        then = self.past.after(heard.said, heard.voids, turn, seen=seen)
        then.asked_about = consent.after(
            self.past.asked_about, self.world, self.past.cap, self._judged()
        )
        return then

    def _judged(self) -> consent.Judged:
        past = replace(self.past, telling=self.telling)
        taken = View(self.made.after, self.world.known, self.data["context"], past)
        goes_on = self.made.verdict in GOES_ON
        return consent.Judged(self.view, taken, self.data["index"], self.made.people(), goes_on)

    def take(self) -> None:
        """Have the telling go on with the step, if it took effect."""
        if self.telling is None or self.made.verdict not in GOES_ON:
            return
        past = replace(self.past, telling=self.telling)
        view = View(self.made.after, self.world.known, self.data["context"], past)
        view.voids = () if self.made.changes else tuple(self.heard.voids)
        self.telling.take(view, past.moment(view))

    def _refuses(self) -> bool:
        is_agent = self.view.kind == "message" and self.view.role == "assistant"
        return is_agent and self.view.field("refuses") is not False


def _told(messages: Iterator[str] | list[str]) -> list[Diagnostic]:
    return [Diagnostic("R1003", message) for message in messages]
