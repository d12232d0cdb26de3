"""A decision: what was decided about one step, by which norms, what lost and to whom.

A decision keeps what the resolver worked with; texts and JSON are made when they are read.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from remit.checked.norm import WEIGHT, Norm
from remit.program.values import UNKNOWN
from remit.state.heard import NOTHING_HEARD, Heard
from remit.state.model import State
from remit.verdict.resolve import Applied, Outcome, remedy_kind
from remit.verdict.scene import Scene

if TYPE_CHECKING:
    from collections.abc import Iterable

    from remit.conversation.model import Step
    from remit.program.model import Program
    from remit.program.view import View
    from remit.state.debts import Due
    from remit.state.sayings import Void
    from remit.state.settings import InForce
    from remit.verdict.changes import Change
    from remit.verdict.flip import Flip
    from remit.verdict.judging import Hearing
    from remit_grammar.diagnostic import Diagnostic

ENGINE_ERROR, HALTED = "engine_error", "halted"  # reasons for a deny that no norm gave
GOES_ON = ("allow", "warn", "redact", "rewrite")  # verdicts with which a step takes effect


def told(error: BaseException) -> str:
    """What went wrong, for a record: never more than a line, and never raising itself."""
    try:
        return f"{type(error).__name__}: {str(error)[:300]}"
    except Exception:  # noqa: BLE001 - an error whose text raises is still an error
        return type(error).__name__


def whom(norm: Norm) -> str:
    """Who is asked about a norm."""
    return norm.remedy.who or "a person"


def people(outcome: Outcome, also: Iterable[str] = ()) -> tuple[str, ...]:
    """Who is asked where the norms come to `ask`, and whom a changed step brings in besides."""
    decided = [(one.rule.norm, one.truth) for one in outcome.decided_by]
    who = [whom(norm) for norm, truth in decided if remedy_kind(norm, truth) == "ask"]
    return tuple(dict.fromkeys([*who, *also]))


class Ground(NamedTuple):
    """What a decision rests on: a policy's name, its digest (SHA-256, hex) and its program."""

    name: str
    digest: str
    program: Program


class Defeat(NamedTuple):
    """A norm that applied and lost: to whom, and for which of the six reasons."""

    norm: str
    by: str
    reason: str


class Doubt(NamedTuple):
    """A norm whose condition is unknown, with the terms that are."""

    norm: str
    terms: tuple[str, ...]


class More(NamedTuple):
    """What only some decisions have; the plain ones have none of it (see `Decision`)."""

    verdict: str
    after: Step
    changes: tuple[Change, ...] = ()
    note: str = ""
    errors: tuple[tuple[str, str], ...] = ()
    asked: tuple[str, ...] = ()
    heard: Heard = NOTHING_HEARD
    hearing: Hearing | None = None
    owed: tuple[tuple[str, Due], ...] = ()
    full: tuple[str, ...] = ()
    agreed: tuple[str, ...] = ()


class Decision:
    """What was decided about a step. Never changed once it is made.

    True where the step may go on, unchanged or as `after` states; false where it must not.
    """

    __slots__ = ("__dict__", "made")  # the first for what is worked out when it is read

    made: tuple[Ground, Step, int, Outcome, View | Scene | None, More | None]
    """All of it at once: each part has a property of its own below."""

    def __init__(
        self, ground: Ground, step: Step, index: int, outcome: Outcome, view: View | None = None,
        more: More | None = None,
    ) -> None:  # fmt: skip
        fill(self, (ground, step, index, outcome, view, more))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("a decision is never changed")

    def __delattr__(self, name: str) -> None:
        raise AttributeError("a decision is never changed")

    def __repr__(self) -> str:
        return f"<Decision {self.index} {self.verdict} on {self.step!r}>"

    @classmethod
    def failed(cls, ground: Ground, step: Step, index: int, error: Exception) -> Decision:
        """The decision where the engine itself failed: deny, with the reason `engine_error`."""
        return cls.refused(ground, step, index, ENGINE_ERROR, told(error))

    @classmethod
    def refused(cls, ground: Ground, step: Step, index: int, reason: str, text: str) -> Decision:
        """A deny that no norm gave: `reason` is `engine_error` or `halted`."""
        more = More("deny", step, errors=((reason, text),))
        return cls(ground, step, index, Outcome("deny"), None, more)

    def __bool__(self) -> bool:
        return self.verdict in GOES_ON

    # ---- what was decided

    @property
    def ground(self) -> Ground:
        """The policy that decided."""
        return self.made[0]

    @property
    def step(self) -> Step:
        """The step as it was proposed."""
        return self.made[1]

    @property
    def index(self) -> int:
        """The step's place in the conversation, from 0."""
        return self.made[2]

    @property
    def outcome(self) -> Outcome:
        """What the norms that apply come to, for the step as it was proposed."""
        return self.made[3]

    @property
    def view(self) -> View | None:
        """What conditions saw; None where the step was refused unseen."""
        view = self.made[4]
        return self._seen if isinstance(view, Scene) else view

    @cached_property
    def _seen(self) -> View | None:
        """What conditions would have seen, where none had to look."""
        scene = self.made[4]
        return scene.seen(self.step) if isinstance(scene, Scene) else None

    @property
    def more(self) -> More | None:
        """What only some decisions have; None where this is a plain one."""
        return self.made[5]

    @property
    def verdict(self) -> str:
        """`allow`, `warn`, `redact`, `rewrite`, `ask`, `deny` or `halt`."""
        return more.verdict if (more := self.made[5]) else self.made[3].verdict

    @property
    def after(self) -> Step:
        """The step as it goes on: as it was proposed, or changed."""
        return more.after if (more := self.made[5]) else self.made[1]

    @property
    def changes(self) -> tuple[Change, ...]:
        """What was changed in the step."""
        return more.changes if (more := self.made[5]) else ()

    @property
    def note(self) -> str:
        """Why a change could not be made, or nothing."""
        return more.note if (more := self.made[5]) else ""

    @property
    def errors(self) -> tuple[tuple[str, str], ...]:
        """Norms whose condition raised, with what it raised; or why a step was refused."""
        return more.errors if (more := self.made[5]) else ()

    @property
    def asked(self) -> tuple[str, ...]:
        """People to ask whom only the changed step brought in."""
        return more.asked if (more := self.made[5]) else ()

    @property
    def heard(self) -> Heard:
        """What the step says."""
        return more.heard if (more := self.made[5]) else NOTHING_HEARD

    @property
    def hearing(self) -> Hearing | None:
        """What judges were asked; None where there was nothing to ask."""
        return more.hearing if (more := self.made[5]) else None

    @property
    def owed(self) -> tuple[tuple[str, Due], ...]:
        """What the conversation owes before the step."""
        return more.owed if (more := self.made[5]) else ()

    @property
    def full(self) -> tuple[str, ...]:
        """The ids of the questions about the past that had reached a cap by then.

        Something was let go there that may count.
        """
        return more.full if (more := self.made[5]) else ()

    # ---- read from it

    @property
    def applied(self) -> tuple[Applied, ...]:
        """The norms that apply to the step, each with whether that is sure."""
        return self.outcome.applied

    @property
    def decided_by(self) -> tuple[str, ...]:
        """Ids of the norms that gave the verdict; empty where nothing spoke."""
        return self.made[3].by

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

        view, program = self.view, self.ground.program
        if view is None:
            return ()
        view.begin()
        doubtful = [one.rule for one in self.applied if one.truth is UNKNOWN]
        return tuple(Doubt(one.norm.id, unknown_terms(program, one, view)) for one in doubtful)

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
        """Texts for the model, from the clauses that gave the verdict; none once people agreed."""
        if self.agreed:
            return ()
        texts = (one.rule.norm.advice for one in self.outcome.decided_by)
        return tuple(dict.fromkeys(text for text in texts if text))

    @property
    def ask(self) -> tuple[str, ...]:
        """Who must be asked, where the verdict is `ask`."""
        return people(self.outcome, self.asked) if self.verdict == "ask" else ()

    @property
    def agreed(self) -> tuple[str, ...]:
        """Who was asked about this very call and said yes through the host, so that it goes on."""
        return more.agreed if (more := self.made[5]) else ()

    @property
    def violated(self) -> tuple[tuple[str, str], ...]:
        """Every norm in force that the step violates, with the remedy it asks for."""
        return tuple(
            (one.rule.norm.id, remedy_kind(one.rule.norm, one.truth))
            for one in self.outcome.violated
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


# How a decision is made without the detour of calling the class: a blank one, and then its slot.
blank = object.__new__
fill = Decision.made.__set__  # type: ignore[attr-defined] # around the refusal to be set
