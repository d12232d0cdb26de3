"""One step against a program: the whole way from a view to a decision. Never raises.

Errors fail closed: a condition that raises counts as unknown, and an engine that fails denies.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Generator, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from remit.checked.norm import WEIGHT, Norm
from remit.conversation.model import NOTHING, Call, Message, Result, Step, is_time
from remit.program.view import BUDGET, NO_ARGS, View
from remit.state.heard import NOTHING_HEARD, Heard, speaks_with
from remit.state.model import State
from remit.verdict import judging
from remit.verdict.judging import Answers, Hearing, Questions
from remit.verdict.model import Decision, Ground, More, blank, fill, people, whom
from remit.verdict.resolve import CHANGES, Outcome, besides, outcome_of, remedy_kind
from remit.verdict.scene import NOTHING_YET, Scene

if TYPE_CHECKING:
    from remit.program.bucket import Bucket
    from remit.program.model import Program
    from remit.verdict.changes import Change


class Done(NamedTuple):
    """What became of the step."""

    verdict: str
    step: Step
    changes: tuple[Change, ...] = ()
    note: str = ""
    asked: tuple[str, ...] = ()
    agreed: tuple[str, ...] = ()


def decide(
    program: Program, ground: Ground, step: Step, context: Mapping[str, Any], index: int,
    state: State | None = None,
) -> Decision:  # fmt: skip
    """The decision on a proposed step, no judge being there; `index` is its place, from 0."""
    deciding = decisions(program, ground, step, context, index, state or State.new(program))
    try:
        next(deciding)
        while True:
            deciding.send({})
    except StopIteration as done:
        made: Decision = done.value
        return made


class Unfinished(NamedTuple):
    """A plain decision after which the conversation has still to go on (`advance`).

    `turn`: what was violated in the turn by then, where nothing else is new.
    """

    decision: Decision
    turn: frozenset[str] | None = None


def at_once(scene: Scene, step: Any, index: int) -> Decision | Unfinished | View | None:
    """The decision where it is plain: nobody is asked, nothing said, nothing changed, no doubt.

    That is the usual step, and quick. Where it needs all that `decisions` does, what was seen on
    the way, to go on from; None where that is nothing, or it is no step.
    """
    view = None
    try:
        kind = type(step)
        if (
            scene.slow or type(step.role) is not str or type(step.context) is not dict
            or step.directives is not NOTHING or not (step.time is None or is_time(step.time))
        ):  # fmt: skip
            return None
        if kind is Call:
            tool, args = step.tool, step.args
            if type(tool) is not str or type(args) is not dict or type(step.id) is not str:
                return None
            bucket = scene.calls.get(tool)
        elif type(step.text) is not str or scene.program.templates:
            return None
        elif kind is Result:
            tool, args = step.tool, NO_ARGS
            if type(tool) is not str or type(step.id) is not str:
                return None
            bucket = scene.program.results.get(tool)
        elif kind is Message and step.parts is NOTHING:
            bucket, args = scene.program.messages.get(step.role), NO_ARGS
        else:
            return None
        if bucket is None:
            view = scene.view(step)
            bucket = scene.program.bucket(view)
        part = bucket
        if bucket.split is not None:
            if bucket.split.looks:
                view = view or scene.view(step)
            part = bucket.part(step, args, view, scene)
        alone = part.together.alone
        if alone is None:
            view = view or scene.view(step)
            one = part.together.one
            hits = part.together.hits(view) if one is None else one(step, args, view, scene)
        else:
            hits = alone(step, args, view, scene)
        outcome: Any = part.outcomes.get(hits)
        mark = (outcome, step.role) if kind is Message else outcome
        if mark not in scene.still:
            if outcome is None:
                if hits < 0 or part.asking:
                    return _seen(view, hits)
                outcome = outcome_of(scene.program, part, hits)
            if outcome.alters or (outcome.verdict == "ask" and scene.state.consent):
                return _seen(view, hits)
            still = _is_still(scene, step, outcome)
            if not still:
                return _unfinished(scene, step, index, outcome, view, still=False)
            scene.keep((outcome, step.role) if kind is Message else outcome)
        if scene.told:
            return _unfinished(scene, step, index, outcome, view, still=True)
        if scene.steady:
            memory = scene.memory
            if bucket.passing and step.time is None and not memory.last and not memory.unseen:
                memory.step += 1
            else:
                view = _taken_in(scene, step, args, view, bucket)
        if view is not None:
            view.read, view.closed = None, scene.steady
    except Exception:  # noqa: BLE001 - `decisions` says what is wrong
        return None
    decision = blank(Decision)
    fill(decision, (scene.ground, step, index, outcome, view or scene, None))
    return decision


def _seen(view: View | None, hits: int) -> View | None:
    """A view that knows which rules apply; nothing of the budget is gone."""
    if view is not None:
        view.hits, view.budget = hits, BUDGET
    return view


def _is_still(scene: Scene, step: Step, outcome: Outcome) -> bool:
    """Whether the state stays as it is, but for the memory, after a step with this outcome.

    So it is for all steps with it, for an outcome belongs to one bucket, and so to a kind of step;
    of messages only for those of the same role, for some of them begin a turn.
    """
    state, memory, wrong = scene.state, scene.memory, outcome.wrong
    if state.consent:
        return False
    if type(step) is Message and speaks_with(state, scene.view(step)) < len(state.program.chain):
        return state.turn_seen and not (wrong or state.turn or memory.watches)
    if memory.watches and (not memory.light or wrong or memory.full()):
        return False
    return not wrong or (wrong <= state.turn and outcome.verdict not in ("ask", "halt"))


def _unfinished(
    scene: Scene, step: Step, index: int, outcome: Outcome, view: View | None, *, still: bool
) -> Unfinished:
    """The decision with what is owed and full by now, and with a view, which `advance` needs.

    Where all stays as it is, only told, or only the turn is new, it has none.
    """
    memory, state, more = scene.memory, scene.state, None
    only_turn = view is None and type(step) is not Message and outcome.verdict != "ask"
    if not memory.watches and (still or (only_turn and not state.consent)):
        decision = blank(Decision)
        fill(decision, (scene.ground, step, index, outcome, scene, None))
        return Unfinished(decision, None if still else state.turn | outcome.wrong)
    view = view or scene.view(step)
    if memory.watches and (memory.debts or memory.full()):
        more = More(outcome.verdict, step, owed=tuple(memory.owed()), full=memory.full())
    return Unfinished(Decision(scene.ground, step, index, outcome, view, more))


def _taken_in(
    scene: Scene, step: Step, args: Mapping[str, Any], view: View | None, bucket: Bucket
) -> View | None:
    """Have the memory take in a step that goes on; gives the view of it, if there is one."""
    memory, concerned = scene.memory, bucket.concerned
    if concerned is not None and not (memory.last or memory.unseen or memory.keeps):
        alone = concerned.together.alone
        if alone is not None and not alone(step, args, view, scene):
            memory.pass_by(step.time)
            return view
    view = view or scene.view(step)
    memory.take(view)
    if memory.filled is None:
        scene.still = NOTHING_YET
    return view


def decisions(
    program: Program, ground: Ground, step: Step, context: Mapping[str, Any], index: int,
    state: State, view: View | None = None,
) -> Generator[Questions, Answers, Decision]:  # fmt: skip
    """The decision on a proposed step: yields what judges must answer, and is sent the answers.

    `view` is what `at_once` saw of it, if it did.
    """
    try:
        view = View(step, program.known, context, state) if view is None else view
        return (yield from _decide(program, ground, view, index, state))
    except Exception as error:  # noqa: BLE001 - whatever fails, the answer is deny
        return Decision.failed(ground, step, index, error)


def _decide(
    program: Program, ground: Ground, view: View, index: int, state: State
) -> Generator[Questions, Answers, Decision]:
    step, hearing = view.step, Hearing(ChainMap({}, state.answers))
    owed, full = tuple(state.memory.owed()), state.memory.full()
    heard = yield from _hear(state, view, hearing, index)
    view.voids = heard.voids
    errors: list[tuple[str, str]] = []
    outcome = yield from judging.outcome(program, state, view, hearing, errors)
    done = Done(outcome.verdict, step)
    if outcome.verdict in CHANGES or outcome.verdict == "ask":
        done = yield from _change(program, state, view, outcome, hearing)
    if done.verdict == "ask" and state.consent:
        done = _agreed(state, view, outcome, done)
    view.answers = hearing.used  # what is looked at later must not know more than this decision
    if done.changes and done.verdict in CHANGES and state.program.heard_judged:
        from remit.state import hear

        changed = View(done.step, program.known, view.context, state, reading=view.reading)
        yield from hearing.ask(hear.questions(state, changed))
    more = More(
        done.verdict, done.step, done.changes, done.note, tuple(errors), done.asked, heard, hearing,
        owed, full, done.agreed,
    )  # fmt: skip
    return Decision(ground, step, index, outcome, view, more)


def _agreed(state: State, view: View, outcome: Outcome, done: Done) -> Done:
    """What becomes of a call that asks: where all who are asked have agreed, the rest decides."""
    from remit.state.consent import agreed

    asks = people(outcome, done.asked)
    changed = View(done.step, view.known, view.context, state, reading=view.reading)
    yes = agreed(state.consent, asks, changed if done.changes else view)
    if not yes or len(yes) < len(asks):
        return done
    return done._replace(verdict=besides(outcome.violated, "ask"), agreed=yes)


def _hear(
    state: State, view: View, hearing: Hearing, index: int
) -> Generator[Questions, Answers, Heard]:
    """What the step says, once judges have said what they hear in it."""
    if not state.program.templates:
        return NOTHING_HEARD
    from remit.state import hear

    questions = hear.questions(state, view)
    if questions:
        yield from hearing.ask(questions)
    return hear.hear(state, view, index, hearing.answers)


def _change(
    program: Program, state: State, view: View, outcome: Outcome, hearing: Hearing
) -> Generator[Questions, Answers, Done]:
    """Make the changes, and judge the changed step; where that does not help, deny.

    A change that a weak norm asks for must not clear what a stronger one finds wrong (law 1). So
    the changes of each level and those above are tried alone, by the norms above the next level.
    """
    from remit.verdict.changes import Impossible, changed_step

    due = outcome.due
    ranks = sorted({one.rule.norm.strength for one in due})
    verdict, step = outcome.verdict, view.step
    changes: tuple[Change, ...] = ()
    asked: list[str] = []
    for rank, below in pairwise([*ranks, len(program.chain)]):
        part = [one for one in due if one.rule.norm.strength <= rank]
        try:
            step, changes = changed_step(view, part)
        except Impossible as reason:
            return Done("deny", view.step, note=str(reason))
        again = View(step, program.known, view.context, state, reading=view.reading)
        again.voids = view.voids
        made = yield from judging.outcome(program, state, again, hearing, [], below)
        view.looked = {**again.looked, **view.looked}  # a record tells all that was looked up
        left = _left(made, below)
        if any(kind != "ask" for _, kind in left):
            names = ", ".join(f"`{norm.name}`" for norm, _ in left)
            return Done("deny", view.step, note=f"changed, the step would still violate {names}")
        asked += [whom(norm) for norm, _ in left]
        verdict = "ask" if left else verdict
    return Done(verdict, step, changes, asked=tuple(asked))


def _left(outcome: Outcome, below: int) -> list[tuple[Norm, str]]:
    """The norms above a rank that a changed step violates, with their remedies; no warnings."""
    strong = [one for one in outcome.violated if one.rule.norm.strength < below]
    kinds = [(one.rule.norm, remedy_kind(one.rule.norm, one.truth)) for one in strong]
    return [(norm, kind) for norm, kind in kinds if WEIGHT[kind] >= WEIGHT["redact"]]
