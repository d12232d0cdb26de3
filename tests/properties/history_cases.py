"""Generated questions about the past, obligations, and conversations that they are asked in.

No tool is described, so that a value may be of any type: left out it is unknown, null it is absent.
A question is written as a clause, and what it came to is read from what a decision looked up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from tests.properties.definition_history import (
    UNKNOWN,
    Deed,
    Promise,
    Question,
    Step,
    Truth,
    answer,
)  # fmt: skip

import remit
from remit import Call, Handoff, Message
from remit.checked.model import Term
from remit.program import values
from remit.program.values import Partly

FOLDS = ("earlier", "count", "sum", "first", "last", "smallest", "largest", "distinct")
LEFT_OUT = "left out"  # of a generated step: the argument is not given at all
FLAGS = st.sampled_from([True, True, True, False, None, LEFT_OUT])
NAMES = st.sampled_from(["a", "a", "b", "b", 5, 5.0, True, None, LEFT_OUT])
NUMBERS = st.sampled_from([0, 1, 2, 0.1, 0.2, -3, 1e16, "x", "x", True, None, LEFT_OUT])
BOUNDS = {"s": ("s", (0, 1, 3, 10)), "steps": (" steps", (0, 1, 2, 5)), "turns": (" turns", (1, 2))}


@dataclass(frozen=True)
class Asked:
    """A question with how it is written: by whom it is looked up, and since what."""

    question: Question
    keyed: bool
    since: str  # nothing, "any" or "own"

    def text(self, number: int) -> str:
        """The clause, and what it needs."""
        own = " and who = this.who" if self.keyed else ""
        act = f"(call pay where big = true{own})"
        if self.question.fold == "remember":
            return (f"remember m{number} = n in call pay where big = true at most 1000\n"
                    f"clause q{number}\n  forbid call where m{number} contains 9\n")  # fmt: skip
        fold = self.question.fold
        term = {"earlier": f"earlier {act}", "previous": f"previous {act}",
                "count": f"count of {act}"}.get(fold, f"{fold} of n over {act}")  # fmt: skip
        if self.since:
            term += f" since (call stop where big = true{own if self.since == 'own' else ''})"
        if self.question.within is not None:
            term += f" within {self.question.within:g}{BOUNDS[self.question.unit][0]}"
        is_flag = fold in ("earlier", "previous")
        return f"clause q{number}\n  forbid call where {term}{'' if is_flag else ' = 4'}\n"


@st.composite
def questions(draw: st.DrawFn) -> Asked:
    """One question of any kind."""
    fold = draw(st.sampled_from([*FOLDS, "previous", "remember"]))
    if fold == "remember":
        return Asked(Question(fold), keyed=False, since="")
    keyed = draw(st.booleans())
    if fold == "previous":
        return Asked(Question(fold), keyed, "")
    since = draw(st.sampled_from(["", "any", "own"] if keyed else ["", "any"]))
    unit = draw(st.sampled_from(["", "s", "steps", "turns"]))
    if not unit:
        return Asked(Question(fold), keyed, since)
    return Asked(Question(fold, draw(st.sampled_from(BOUNDS[unit][1])), unit), keyed, since)


@dataclass(frozen=True)
class Act:
    """A step of a conversation as generated; `tool` is empty for a message of the user."""

    tool: str
    time: float | None
    args: tuple[tuple[str, Any], ...] = ()

    def step(self) -> Any:
        """The step that the engine judges."""
        if self.tool in ("user", "assistant"):
            return Message(self.tool, "hello", time=self.time)
        if self.tool == "handoff":
            return Handoff("billing", time=self.time)
        given = {name: value for name, value in self.args if value is not LEFT_OUT}
        return Call(self.tool, given, time=self.time)

    def value(self, name: str) -> Any:
        """An argument as a condition sees it."""
        value = dict(self.args).get(name, LEFT_OUT)
        return UNKNOWN if value is LEFT_OUT else value

    def truth(self, tool: str) -> Truth:
        """Whether it is `call TOOL where big = true`."""
        if self.tool != tool:
            return False
        big = self.value("big")
        return UNKNOWN if big is UNKNOWN else big is True


@st.composite
def conversations(draw: st.DrawFn, most: int = 14) -> list[Act]:
    """Steps with times that stand still, go on, go back or are missing."""
    timed = draw(st.sampled_from(["all", "none", "some"]))
    now, acts = 100.0, []
    for _ in range(draw(st.integers(1, most))):
        now += draw(st.sampled_from([0, 1, 1, 2, 5, -2]))
        missing = timed == "none" or (timed == "some" and draw(st.integers(0, 3)) == 0)
        tool = draw(st.sampled_from(["pay", "pay", "pay", "stop", "look", "user"]))
        args = () if tool == "user" else (
            ("big", draw(FLAGS)), ("who", draw(NAMES)), ("n", draw(NUMBERS)))  # fmt: skip
        acts.append(Act(tool, None if missing else now, args))
    return acts


def turns(acts: Sequence[Act]) -> list[int]:
    """The turn of each step: one begins with every message of the user."""
    return [sum(one.tool == "user" for one in acts[: at + 1]) for at in range(len(acts))]


def steps(asked: Asked, acts: Sequence[Act]) -> list[Step]:
    """The steps as the definition takes them for a question."""
    made = []
    for act, turn in zip(acts, turns(acts), strict=True):
        keys = (act.value("who"),) if asked.keyed else ()
        since = act.truth("stop") if asked.since else False
        own = keys if asked.since == "own" else tuple[Any, ...]()
        made.append(Step(act.truth("pay"), keys, act.value("n"), since, own, turn=turn,
                         time=act.time))  # fmt: skip
    return made


def wanted(asked: Asked, acts: Sequence[Act], *, cut: bool) -> Any:
    """What the definition says at the last step."""
    made = steps(asked, acts)
    if asked.keyed and asked.since == "any":  # ends all: for it the keys are not compared
        made = [step if step.since is False else _for_all(step, made[-1]) for step in made]
    return answer(asked.question, made, cut=cut)


def _for_all(step: Step, now: Step) -> Step:
    from dataclasses import replace

    return replace(step, since_keys=now.keys)


# ---- what the engine says


def policy_of(text: str) -> remit.Policy:
    """The policy of some clauses."""
    return remit.load(f"spec s\nauthor developer\n{text}")


def pasts(term: Term) -> Iterator[Term]:
    """The questions about the past in a condition."""
    if term.op in ("past", "overdue"):
        yield term
    for arg in term.args:
        yield from pasts(arg)


def ids(policy: remit.Policy) -> dict[str, str]:
    """The id of the question that each clause asks."""
    found = {}
    for norm in policy.graph.norms:
        for condition in (norm.act.where, norm.where):
            for term in () if condition is None else pasts(condition):
                found[norm.name] = term.value.id
    return found


def looked(decision: remit.Decision, id: str) -> Any:
    """What a decision looked up, in the words of the definition."""
    assert decision.view is not None, "every step here is judged"
    (value,) = [value for (name, _), value in decision.view.looked.items() if name == id]
    if isinstance(value, list):
        whole = type(value) is not Partly
        return {(bool if one is True or one is False else str if type(one) is str else float, one)
                for one in value}, whole  # fmt: skip
    return UNKNOWN if value is values.UNKNOWN else value


# ---- obligations


@st.composite
def promises(draw: st.DrawFn) -> Promise:
    """One bound of any kind."""
    unit = draw(st.sampled_from([*BOUNDS, "end of turn", "end of conversation"]))
    return Promise(unit, draw(st.sampled_from(BOUNDS[unit][1])) if unit in BOUNDS else 0)


def promise_text(promise: Promise) -> str:
    """The clause of a promise."""
    bound = promise.unit
    if promise.unit in BOUNDS:
        bound = f"{promise.bound:g}{BOUNDS[promise.unit][0]}"
    return (f"clause q0\n  require call pay where big = true within {bound} "
            "after call stop where big = true\n")  # fmt: skip


@st.composite
def deeds(draw: st.DrawFn, most: int = 14) -> list[Act]:
    """Steps among which the agent speaks and hands on too."""
    acts = draw(conversations(most=most))
    tools = st.sampled_from(["pay", "stop", "stop", "look", "user", "assistant", "handoff"])
    return [Act(draw(tools), one.time, one.args) for one in acts]


def deed(act: Act, turn: int) -> Deed:
    """The step as the definition takes it."""
    speaks = act.tool in ("assistant", "handoff")
    return Deed(act.truth("pay"), act.truth("stop"), turn, act.time, speaks)
