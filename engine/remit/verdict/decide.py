"""One step against a program: the whole way from a view to a decision. Never raises.

Errors fail closed: a condition that raises counts as unknown, and an engine that fails denies.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, NamedTuple

from remit.checked.model import WEIGHT, Norm
from remit.conversation.model import Step
from remit.program.model import Program, Rule
from remit.program.values import UNKNOWN, Truth
from remit.program.view import View
from remit.verdict.changes import Change, Impossible, changed_step
from remit.verdict.model import Decision, Ground, told, whom
from remit.verdict.resolve import Applied, Outcome, counts, remedy_kind, resolve, violated

CHANGES = ("redact", "rewrite")  # remedies with which a step goes on, changed


class Done(NamedTuple):
    """What became of the step."""

    verdict: str
    step: Step
    changes: tuple[Change, ...] = ()
    note: str = ""
    asked: tuple[str, ...] = ()


def decide(
    program: Program, ground: Ground, step: Step, context: Mapping[str, Any], index: int
) -> Decision:
    """The decision on a proposed step; `index` is its place in the conversation, from 0."""
    try:
        return _decide(program, ground, step, context, index)
    except Exception as error:  # noqa: BLE001 - whatever fails, the answer is deny
        return Decision.failed(ground, step, index, error)


def _decide(
    program: Program, ground: Ground, step: Step, context: Mapping[str, Any], index: int
) -> Decision:
    view = View(step, program.known, context)
    errors: list[tuple[str, str]] = []
    applied = judge(program, view, errors)
    outcome = resolve(program, applied)
    done = Done(outcome.verdict, step)
    if outcome.verdict in CHANGES or outcome.verdict == "ask":
        done = _change(program, view, outcome, context)
    return Decision(
        ground, step, index, done.verdict, applied, outcome, done.step, done.changes, done.note,
        tuple(errors), view, done.asked,
    )  # fmt: skip


def judge(program: Program, view: View, errors: list[tuple[str, str]]) -> tuple[Applied, ...]:
    """Every rule that applies to the step, in the order of their numbers."""
    applied = []
    for rule in program.candidates(view):
        truth = _ask(rule, view, errors)
        if truth is not False and counts(rule.norm, truth):
            applied.append(Applied(rule, truth))
    return tuple(applied)


def _ask(rule: Rule, view: View, errors: list[tuple[str, str]]) -> Truth:
    try:
        return rule.applies(view)
    except Exception as error:  # noqa: BLE001 - whatever a condition raises makes it unknown
        errors.append((rule.norm.id, told(error)))
        return UNKNOWN


def _change(program: Program, view: View, outcome: Outcome, context: Mapping[str, Any]) -> Done:
    """Make the changes, and judge the changed step; where that does not help, deny.

    A change that a weak norm asks for must not clear what a stronger one finds wrong (law 1). So
    the changes of each level and those above are tried alone, by the norms above the next level.
    """
    due = [one for one in violated(outcome) if remedy_kind(one.rule.norm, one.truth) in CHANGES]
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
        again = View(step, program.known, context)
        left = _left(resolve(program, judge(program, again, [])), below)
        if any(kind != "ask" for _, kind in left):
            names = ", ".join(f"`{norm.name}`" for norm, _ in left)
            return Done("deny", view.step, note=f"changed, the step would still violate {names}")
        asked += [whom(norm) for norm, _ in left]
        verdict = "ask" if left else verdict
    return Done(verdict, step, changes, asked=tuple(asked))


def _left(outcome: Outcome, below: int) -> list[tuple[Norm, str]]:
    """The norms above a rank that a changed step violates, with their remedies; no warnings."""
    strong = [one for one in violated(outcome) if one.rule.norm.strength < below]
    kinds = [(one.rule.norm, remedy_kind(one.rule.norm, one.truth)) for one in strong]
    return [(norm, kind) for norm, kind in kinds if WEIGHT[kind] >= WEIGHT["redact"]]
