"""A decision: what was decided about one step, by which norms, what lost and to whom.

A decision keeps what the resolver worked with; texts and JSON are made when they are read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from remit.checked.model import WEIGHT, Norm
from remit.conversation.model import Step
from remit.program.model import Program
from remit.program.values import UNKNOWN
from remit.program.view import View
from remit.state.debts import Due
from remit.state.hear import Heard
from remit.state.model import State, Void
from remit.verdict.changes import Change
from remit.verdict.judging import Hearing
from remit.verdict.resolve import Applied, Outcome, remedy_kind

if TYPE_CHECKING:
    from remit.state.settings import InForce
    from remit.verdict.flip import Flip
    from remit_grammar.diagnostic import Diagnostic

ENGINE_ERROR, HALTED = "engine_error", "halted"  # reasons for a deny that no norm gave
GOES_ON = ("allow", "warn", "redact", "rewrite")  # verdicts with which a step takes effect


def told(error: Exception) -> str:
    """What went wrong, for a record: never more than a line, and never raising itself."""
    try:
        return f"{type(error).__name__}: {str(error)[:300]}"
    except Exception:  # noqa: BLE001 - an error whose text raises is still an error
        return type(error).__name__


def whom(norm: Norm) -> str:
    """Who is asked about a norm."""
    return norm.remedy.who or "a person"


@dataclass(frozen=True, slots=True)
class Ground:
    """What a decision rests on: a policy's name, its digest (SHA-256, hex) and its program."""

    name: str
    digest: str
    program: Program


@dataclass(frozen=True, slots=True)
class Defeat:
    """A norm that applied and lost: to whom, and for which of the six reasons."""

    norm: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Doubt:
    """A norm whose condition is unknown, with the terms that are."""

    norm: str
    terms: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Decision:
    """What was decided about a step.

    True where the step may go on, unchanged or as `after` states; false where it must not.
    `verdict` is `allow`, `warn`, `redact`, `rewrite`, `ask`, `deny` or `halt`. `index` is the
    step's place in the conversation, from 0. `note` says why a change could not be made. `errors`
    are norms whose condition raised, with what it raised. `asked` are people to ask whom only the
    changed step brought in. `heard` is what the step says, `hearing` what judges were asked,
    `owed` what the conversation owes before the step. `full` are the ids of the questions about the
    past that had reached a cap by then, so that something was let go that may count.
    """

    ground: Ground = field(repr=False)
    step: Step
    index: int
    verdict: str
    applied: tuple[Applied, ...] = field(repr=False)
    outcome: Outcome = field(repr=False)
    after: Step = field(repr=False)
    changes: tuple[Change, ...] = ()
    note: str = ""
    errors: tuple[tuple[str, str], ...] = ()
    view: View | None = field(default=None, repr=False)
    asked: tuple[str, ...] = ()
    heard: Heard = field(default=Heard(), repr=False)
    hearing: Hearing | None = field(default=None, repr=False)
    owed: tuple[tuple[str, Due], ...] = field(default=(), repr=False)
    full: tuple[str, ...] = field(default=(), repr=False)

    @classmethod
    def failed(cls, ground: Ground, step: Step, index: int, error: Exception) -> Decision:
        """The decision where the engine itself failed: deny, with the reason `engine_error`."""
        return cls.refused(ground, step, index, ENGINE_ERROR, told(error))

    @classmethod
    def refused(cls, ground: Ground, step: Step, index: int, reason: str, text: str) -> Decision:
        """A deny that no norm gave: `reason` is `engine_error` or `halted`."""
        nothing = Outcome("deny", (), (), ())
        return cls(ground, step, index, "deny", (), nothing, step, errors=((reason, text),))

    def __bool__(self) -> bool:
        return self.verdict in GOES_ON

    @property
    def decided_by(self) -> tuple[str, ...]:
        """Ids of the norms that gave the verdict; empty where nothing spoke."""
        return tuple(one.rule.norm.id for one in self.outcome.decided_by)

    @property
    def in_force(self) -> tuple[str, ...]:
        """Ids of the norms that applied and that nothing in force beats."""
        return tuple(one.rule.norm.id for one in self.outcome.in_force)

    @property
    def defeated(self) -> tuple[Defeat, ...]:
        """The norms that applied and lost."""
        program = self.ground.program
        return tuple(
            Defeat(loser.norm.id, winner.norm.id, program.reason(winner, loser))
            for loser, winner in self.outcome.defeated
        )

    @property
    def void(self) -> tuple[Void, ...]:
        """The directives in this step that change nothing, for who said them may not."""
        return self.heard.voids

    @cached_property
    def unknown(self) -> tuple[Doubt, ...]:
        """The norms that count only because something about them is unknown."""
        from remit.verdict.terms import unknown_terms

        doubtful = [one.rule for one in self.applied if one.truth is UNKNOWN]
        view = self.view
        return tuple(
            Doubt(rule.norm.id, unknown_terms(self.ground.program, rule, view) if view else ())
            for rule in doubtful
        )

    @cached_property
    def settings(self) -> tuple[InForce, ...]:
        """Every setting of the policy, with its value and the constraints in force at this step."""
        from remit.state.settings import in_force

        view, program = self.view, self.ground.program
        if view is None or not isinstance(view.past, State):
            return ()
        for name in program.settings:
            if name not in view.settings:
                view.settings[name] = in_force(view.past, name, view)
        return tuple(view.settings[name] for name in sorted(program.settings))

    @property
    def advice(self) -> tuple[str, ...]:
        """Texts for the model, from the clauses that gave the verdict."""
        texts = (one.rule.norm.advice for one in self.outcome.decided_by)
        return tuple(dict.fromkeys(text for text in texts if text))

    @property
    def ask(self) -> tuple[str, ...]:
        """Who must be asked, where the verdict is `ask`."""
        if self.verdict != "ask":
            return ()
        decided = [(one.rule.norm, one.truth) for one in self.outcome.decided_by]
        who = [whom(norm) for norm, truth in decided if remedy_kind(norm, truth) == "ask"]
        return tuple(dict.fromkeys([*who, *self.asked]))

    @property
    def violated(self) -> tuple[tuple[str, str], ...]:
        """Every norm in force that the step violates, with the remedy it asks for."""
        return tuple(
            (one.rule.norm.id, remedy_kind(one.rule.norm, one.truth))
            for one in self.outcome.in_force
            if one.rule.norm.modality in ("forbid", "require", "default")
        )

    @property
    def severity(self) -> int:
        """The verdict as a number that grows with severity: allow 0 ... halt 5."""
        return WEIGHT[self.verdict]

    @cached_property
    def flip(self) -> Flip | None:
        """The smallest change that would give another verdict, if one was found."""
        from remit.verdict.flip import find_flip

        try:
            return find_flip(self)
        except Exception:  # noqa: BLE001 - a step too odd to be looked into has no advice
            return None

    def explain(self) -> Diagnostic:
        """The decision as a diagnostic: the step and the clauses side by side."""
        from remit.verdict.explain import explain

        return explain(self)

    def to_json(self) -> dict[str, Any]:
        """The decision record as plain data; `docs/schema/decision.schema.json` describes it."""
        from remit.verdict.record import record

        return record(self)

    def __str__(self) -> str:
        from remit.verdict.explain import one_line

        return one_line(self)
