"""Laws 1, 2 and 8 where things are said, and that no judge is spared who matters (semantics 9)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from time import sleep
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.properties.speech_cases import Answers, Case, cases, judges, law, policy_of, seen_of
from tests.properties.speech_steps import said
from tests.properties.spoken import Talk, told
from tests.properties.strategies import Clause
from tests.properties.support import standing_alone

import remit
from remit.judges.model import Answer as Said
from remit.judges.model import Question
from remit.program.values import UNKNOWN
from remit.state.save import state_from_json, state_to_json

COUNTS: Counter[str] = Counter()


@pytest.fixture(scope="module", autouse=True)
def _report() -> Iterator[None]:
    yield
    print("\n" + "  ".join(f"{name}: {count}" for name, count in sorted(COUNTS.items())))


# ---- judges last, and law 8


@law
@given(cases())
def test_who_is_spared_does_not_matter(case: Case) -> None:
    """Judges asked last, or none of them spared: the same verdicts, people asked and changes."""
    talk, context, steps, judge = case
    policy = policy_of(talk)
    if policy is None or "judged" not in told(talk):
        return
    late, early = policy.session(context, judges(judge)), policy.session(context)
    for step in steps:
        early._state.answers = Everything(judge)
        one, other = late.decide(step), early.decide(step)
        COUNTS["spared: decisions"] += 1
        COUNTS["spared: some"] += bool(one.hearing and one.hearing.spared)
        assert _outside(one) == _outside(other), f"{step}\n{one}\n{other}\n{told(talk)}"
        if late.halted:
            return


class Everything(dict[Any, Any]):
    """The answers of a judge to all questions there are, as a session remembers them."""

    def __init__(self, judge: Answers) -> None:
        super().__init__()
        self.judge = judge

    def __contains__(self, asked: object) -> bool:
        return True

    def __missing__(self, asked: tuple[str, str, str]) -> Any:
        truth = self.judge.of(asked[1], asked[2])
        return UNKNOWN if truth is None else truth


def _outside(decision: remit.Decision) -> Any:
    return (decision.verdict, decision.ask, decision.after, decision.void,
            [(one.name, one.words) for one in decision.settings])  # fmt: skip


class Bad:
    """A judge that misbehaves: raises, lies about types, or (where told to) hangs."""

    def __init__(self, way: int, *, hangs: bool = False) -> None:
        self.way = way
        self.immediate = not hangs
        self.timeout = 0.01

    def answer(self, question: Question) -> Any:
        """Anything but an answer."""
        if not self.immediate:
            sleep(0.05)
            return False
        lies = ["yes", 1, 0, [], {"truth": False}, Said(1), Said("false"), Said(False, 7.0),  # type: ignore[arg-type]
                Said(False, error="no"), float("nan"), object()]  # fmt: skip
        if self.way == len(lies):
            raise KeyError(question.subject)
        return lies[self.way % len(lies)]


class Unsure:
    """A judge that says of everything that it does not know."""

    immediate = True

    def answer(self, question: Question) -> None:
        """Unknown."""


def _as_unknown(case: Case, bad: Bad) -> None:
    talk, context, steps, _ = case
    policy = policy_of(talk)
    if policy is None or "judged" not in told(talk):
        return
    COUNTS["law 8: sets with judges"] += 1
    pair = policy.session(context, judges(bad)), policy.session(context, judges(Unsure()))
    for step in steps:
        one, other = (session.decide(step) for session in pair)
        assert seen_of(one) == seen_of(other), f"{bad.way}\n{one}\n{other}\n{told(talk)}"


@law
@given(cases(), st.integers(0, 11))
def test_a_judge_that_misbehaves_opens_nothing(case: Case, way: int) -> None:
    """Law 8: whatever a judge does instead of answering, it is as if it said unknown."""
    _as_unknown(case, Bad(way))


@settings(law, max_examples=max(5, law.max_examples // 10))
@given(cases())
def test_a_judge_that_hangs_opens_nothing(case: Case) -> None:
    """Law 8: nor does one that does not come back in time, though it would have said no."""
    _as_unknown(case, Bad(0, hangs=True))


# ---- law 1


@law
@given(cases(reads=False), st.data())
def test_the_chain_holds(case: Case, data: st.DataObject) -> None:
    """Law 1: a clause, a `set` or a saying of strength s takes nothing stronger out of force.

    All are asked in the same state, and no condition reads what other norms come to.
    """
    talk, context, steps, judge = case
    whole = policy_of(talk)
    if whole is None:
        return
    session = whole.session(context, judges(judge))
    for step in steps[:-1]:
        session.decide(step)
    if session.halted:
        return
    state = state_to_json(session._state)
    ranks = _ranks(talk, state)
    if not ranks:
        return
    added = data.draw(st.sampled_from(sorted(ranks)))
    strong = {name for name, rank in ranks.items() if rank < ranks[added]}
    parts = [_decided(talk, state, kept, steps[-1], context, judge)
             for kept in (ranks.keys(), ranks.keys() - {added}, strong)]  # fmt: skip
    after, before, alone = parts
    if after is None or before is None or alone is None:
        return
    where = f"added {added}\n{state}\n{after}\n{before}\n{alone}\n{told(talk)}"
    COUNTS["law 1: tried"] += 1
    COUNTS["law 1: of a saying"] += "@" in added
    opens = {one.rule.norm.id for one in before.applied if one.rule.norm.modality == "permit"}
    stays = {one for one in before.in_force if _rank(ranks, one) < ranks[added]} - opens
    if not (after.hearing and after.hearing.spared):
        assert stays <= set(after.in_force), where
    assert after.severity >= alone.severity, where
    for now, then in zip(after.settings, before.settings, strict=True):
        bound = {one.id for one in then.claims if one.strength < ranks[added]}
        assert bound <= {one.id for one in now.claims}, where


def _ranks(talk: Talk, state: dict[str, Any]) -> dict[str, int]:
    """Each clause and saying with its strength."""
    chain = talk.specs.chain
    said = {one["norm"]: chain.index(one["strength"]) for one in state.get("said", ())}
    said |= {one.id: one.strength for one in talk.setters}
    return {one.id: one.strength for one in talk.specs.clauses} | said


def _rank(ranks: dict[str, int], name: str) -> int:
    """The strength of a norm; an exception has its clause's."""
    return ranks[name] if name in ranks else ranks[name.rpartition(".")[0]]


def _decided(
    talk: Talk, state: dict[str, Any], kept: Any, step: Any, context: Any, judge: Answers
) -> remit.Decision | None:
    """The decision with only some clauses and sayings; None where a permit names what is gone."""
    part = talk
    for clause in talk.specs.clauses:
        if clause.id not in kept:
            part = replace(part, specs=part.specs.without(clause))
    specs = standing_alone(part.specs)
    names = {one.name for one in part.specs.clauses}
    lifted = [one.norm.lifts for one in talk.directives if isinstance(one.norm, Clause)]
    if specs is None or any(name is not None and name not in names for name in lifted):
        return None
    setters = tuple(one for one in talk.setters if one.id in kept)
    policy = policy_of(replace(part, specs=specs, setters=setters))
    if policy is None:
        return None
    session = policy.session(context, judges(judge))
    said = [one for one in state.get("said", ()) if one["norm"] in kept]
    session._state = state_from_json(policy.ground.program, {**state, "said": said})
    return session.decide({name: one for name, one in step.items() if name != "directives"})


# ---- law 2


@law
@given(cases(reads=False), said, said)
def test_text_without_authority_changes_nothing(case: Case, one: str, other: str) -> None:
    """Law 2: other results, quotes and handoffs, which no condition and no loan reads."""
    talk, context, steps, judge = case
    policy = policy_of(replace(talk, loans=()))
    if policy is None or "'text'" in talk.terms:
        return
    COUNTS["law 2: tried"] += 1
    seen = []
    for text in (one, other, ""):
        session = policy.session(context, judges(judge))
        made = [session.decide(_with_text(step, text)) for step in steps]
        seen.append([(now.verdict, now.in_force, now.defeated, [(each.name, each.words)
                      for each in now.settings]) for now in made])  # fmt: skip
    assert seen[0] == seen[1] == seen[2], f"{one}\n{other}\n{told(talk)}"


def _with_text(step: dict[str, Any], text: str) -> dict[str, Any]:
    """The step with another text in all places that carry no authority."""
    made = dict(step)
    if step["kind"] in ("result", "handoff"):
        made |= {"text": text} | ({"error": text + "."} if "error" in step else {})
    if "parts" in step:
        made["parts"] = [{**part, "text": text} for part in step["parts"]]
    return made
