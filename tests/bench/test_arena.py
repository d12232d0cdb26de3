"""Every engine that is installed answers as the oracle does, and a wrong answer is noticed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from os import environ
from typing import Any

import pytest

from remit.bench.arena import by_remit, calls, texts, trace
from remit.bench.arena.engines import BY_NAME, CALLS, ENGINES, LOADS, TEXTS, TRACE, build, hold
from remit.bench.arena.measure import Checked
from remit.bench.arena.remote import Far, Process, Remote

SMALL: dict[str, list[dict[str, Any]]] = {
    CALLS: [{"clauses": 20, "requests": 60}, {"clauses": 20, "named": False, "requests": 60}],
    LOADS: [{"clauses": 2}],
    TRACE: [{"messages": 20}, {"messages": 30, "rules": 3}],
    TEXTS: [{"patterns": 9, "characters": 300}],
}
FORMS = [
    (engine.name, task, form)
    for engine in ENGINES if not engine.clashes
    for task in engine.forms for form in engine.forms_of(task)
]  # fmt: skip


@pytest.mark.parametrize(("name", "task", "form"), FORMS)
def test_answers_agree_with_the_oracle(name: str, task: str, form: str) -> None:
    """And some operations can be timed."""
    engine = BY_NAME[name]
    if not engine.is_here:
        pytest.skip(f"{name} is not installed")
    for parameters in SMALL[task]:
        try:
            entrant = build(engine, task, form, parameters)
        except RuntimeError as error:
            pytest.skip(str(error))  # a version of Remit without a store
        found = entrant.check()
        assert (found.wrong, found.example) == (0, "")
        assert found.checked > 4 or task == LOADS
        assert entrant.time(2) >= 0


@pytest.mark.parametrize("named", [True, False])
def test_the_oracle_of_calls_gives_every_answer(named: bool) -> None:
    """An oracle that always says the same would hold nobody to anything."""
    work = calls.workload(100, named)
    given = [calls.oracle(work, one) for one in work.requests]
    assert all(given.count(one) >= 10 for one in ("allow", "deny", "default"))


@pytest.mark.parametrize(("messages", "rules"), [(10, 1), (100, 1), (100, 20)])
def test_the_oracle_of_traces_gives_both_answers(messages: int, rules: int) -> None:
    """What is measured is allowed, though all of the past has to be considered."""
    work = trace.Trace(messages, rules)
    given = [trace.oracle(work, past, step) for past, step in trace.histories(work)]
    assert given == [False, True, False, True, False]


def test_the_text_holds_no_pattern_until_a_hit_is_added() -> None:
    """For each pattern."""
    work = texts.workload(12, 400)
    assert not texts.oracle(work, work.text)
    assert all(texts.oracle(work, work.text + texts.hit(one)) for one in range(12))


def _lying_calls() -> Checked:
    work = calls.workload(20, requests=30)
    return calls.entrant("liar", work, calls.Judge(lambda request: "allow")).check()


def _lying_trace() -> Checked:
    return trace.entrant("liar", trace.Trace(10), lambda: trace.Whole(lambda *_: False)).check()


def _lying_texts() -> Checked:
    return texts.entrant("liar", texts.workload(4, 100), lambda text: True).check()


@pytest.mark.parametrize("lie", [_lying_calls, _lying_trace, _lying_texts])
def test_a_wrong_answer_is_noticed(lie: Callable[[], Checked]) -> None:
    """With an example."""
    found = lie()
    assert 0 < found.wrong <= found.checked
    assert found.example


def test_a_closed_engine_may_say_deny_for_default() -> None:
    """It has no third answer; but an allow where no rule speaks is wrong."""
    work = calls.workload(20, requests=30)
    given = {"default": "deny"}
    judge = calls.Judge(lambda one: given.get(calls.oracle(work, one), calls.oracle(work, one)))
    assert calls.entrant("it", work, judge).check().wrong > 0
    closed = calls.Judge(judge.decide, closed=True)
    assert calls.entrant("it", work, closed).check().wrong == 0


def test_remit_tells_the_default_apart() -> None:
    """And what a permit lets pass has defeated the default: authority is at work."""
    work = calls.workload(50)
    session = by_remit.loaded(by_remit.calls_spec(work)).session()
    request = next(one for one in work.requests if calls.oracle(work, one) == "allow")
    decision = session.decide(by_remit.call_of(request))
    assert [one.norm for one in decision.defeated] == ["bench.calls::default.call"]


# ---- in another process


def test_an_entrant_in_another_process() -> None:
    """It answers, takes its turns, and says what goes wrong; nothing that it prints disturbs."""
    # Of an environment this is the interpreter that it was made from, which has no Remit.
    bare = str(getattr(sys, "_base_executable", sys.executable))
    with Process(bare, {**environ, "PYTHONPATH": ""}) as process:
        remote = Remote(process, "re", TEXTS, "re", SMALL[TEXTS][0])
        assert remote.check() == Checked(8, 0)
        assert remote.time(3) > 0
        with pytest.raises(Far, match="KeyError"):
            process.ask(do="build", engine="nobody", task=TEXTS, form="re", parameters={})
        assert remote.check().wrong == 0


def test_a_process_that_dies_is_an_error_and_no_hang() -> None:
    """With its last words."""
    broken = {**environ, "PYTHONHOME": "nowhere"}
    with Process(sys.executable, broken) as process, pytest.raises(Far, match="the process ended"):
        process.ask(do="check")


def test_an_answer_that_does_not_come(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process is ended, and that is said."""
    monkeypatch.setattr("remit.bench.arena.remote.LONGEST", 0.01)
    with Process(sys.executable, dict(environ)) as process:
        with pytest.raises(Far, match="no answer within 0 s"):
            process.ask(do="check")
        with pytest.raises(Far, match="the process ended"):
            process.ask(do="check")


def test_what_loading_holds() -> None:
    """More clauses take more memory."""
    assert hold(BY_NAME["remit"], "remit", {"clauses": 300}) > 0
