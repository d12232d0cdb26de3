"""Plugins hear each decision before it takes effect; what cannot be told does not happen."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Generator
from threading import Thread
from typing import Any

import pluggy
import pytest

import remit
from remit.hooks import hookimpl
from remit.hooks.manager import manager
from remit.hooks.model import Answered, Began, Told
from remit.hooks.tell import Teller, _chance

SPEC = """
spec acme.careful
author developer
tool refund(order: text, amount: number) effects spends
clause refunds.large
  forbid call refund where amount > 200 unless confirmed by manager
  otherwise ask manager
clause refunds.twice "Once."
  forbid call refund where (count of (call refund where amount < 100)) >= 1
clause stop.here
  forbid message where text contains "stop"
  otherwise halt
"""
SMALL = remit.Call("refund", {"order": "A1", "amount": 20})
LARGE = remit.Call("refund", {"order": "A1", "amount": 900})


class Ear:
    """Hears, and fails as often as it is told to."""

    def __init__(self, fails: int = 0) -> None:
        self.told: list[Told] = []
        self.answers: list[Answered] = []
        self.began: list[Began] = []
        self.fails = fails

    @hookimpl
    def remit_began(self, began: Began) -> None:
        """Keep what began."""
        self.began.append(began)
        self._fail()

    @hookimpl
    def remit_decided(self, told: Told) -> None:
        """Keep what was told."""
        self.told.append(told)
        self._fail()

    @hookimpl
    def remit_answered(self, answered: Answered) -> None:
        """Keep what was answered."""
        self.answers.append(answered)
        self._fail()

    def _fail(self) -> None:
        if self.fails:
            self.fails -= 1
            raise OSError("no space left on device")


@pytest.fixture(scope="module")
def policy() -> remit.Policy:
    return remit.load(SPEC)


def _session(policy: remit.Policy, *ears: object) -> remit.Session:
    return policy.session(tell=Teller(manager(ears), "c1", agent="desk"))


def test_each_decision_is_told_in_order(policy: remit.Policy) -> None:
    """An allow too, and what is no step at all."""
    ear = Ear()
    session = _session(policy, ear)
    made = [session.decide(step) for step in (remit.Message("user", "hello"), SMALL, {"kind": 1})]
    made.append(asyncio.run(session.adecide(LARGE)))
    assert [one.decision for one in ear.told] == made
    assert [one.verdict for one in made] == ["allow", "allow", "deny", "deny"]
    assert {(one.conversation, one.agent, one.mode) for one in ear.told} == {
        ("c1", "desk", "enforce")
    }
    assert len({one.id for one in ear.told}) == 4
    assert all(len(one.id) == 32 and one.seconds > 0 for one in ear.told)


def test_what_cannot_be_told_is_denied_and_did_not_happen(policy: remit.Policy) -> None:
    ear = Ear()
    session = _session(policy, ear)
    ear.fails = 1
    decision = session.decide(SMALL)
    assert decision.verdict == "deny"
    assert decision.errors == (("engine_error", "OSError: no space left on device"),)
    first, second = ear.told
    assert (first.decision.verdict, second.decision) == ("allow", decision)
    assert second.corrects == first.id
    assert session.decide(SMALL), "the first one was not counted"
    assert not session.decide(SMALL)


def test_a_halt_that_cannot_be_told_halts(policy: remit.Policy) -> None:
    ear = Ear()
    session = _session(policy, ear)
    ear.fails = 2
    assert session.decide(remit.Message("assistant", "stop")).verdict == "deny"
    assert session.halted
    assert session.decide(SMALL).errors[0][0] == "halted"


def test_answers_are_told_with_what_they_answer(policy: remit.Policy) -> None:
    ear = Ear()
    session = _session(policy, ear)
    session.approve(session.decide(LARGE), "manager")
    assert session.decide(LARGE)
    asked, granted = ear.told
    answer = ear.answers[0]
    assert (answer.by, answer.yes, answer.held, answer.call) == ("manager", True, asked.id, LARGE)
    assert answer.seconds is not None
    assert (asked.held, granted.held) == (None, asked.id)


def test_an_answer_that_cannot_be_told_does_not_count(policy: remit.Policy) -> None:
    ear = Ear()
    session = _session(policy, ear)
    decision = session.decide(LARGE)
    ear.fails = 1
    with pytest.raises(OSError, match="no space"):
        session.approve(decision, "manager")
    assert session.decide(LARGE).verdict == "ask"


def test_what_was_told_before_is_not_told_again(policy: remit.Policy) -> None:
    """Where a host judges a history anew; what it comes to is the same."""
    ear = Ear()
    session = _session(policy, ear)
    assert session.teller is not None
    session.teller.quiet = True
    assert session.decide(LARGE).verdict == "ask"
    session.teller.quiet = False
    session.decide(SMALL)
    assert [one.decision.step for one in ear.told] == [SMALL]


def test_whoever_goes_on_from_a_session_is_heard(policy: remit.Policy) -> None:
    """A sub-agent, a restored session where it is given, another policy."""
    ear = Ear()
    session = _session(policy, ear)
    session.hand_on("user").decide(SMALL)
    policy.restore(session.save(), tell=Teller(manager([ear]), "c2")).decide(SMALL)
    policy.take_over(session).decide(SMALL)
    assert [one.conversation for one in ear.told] == ["c1", "c2", "c1"]


def test_a_session_is_told_before_its_first_step(policy: remit.Policy) -> None:
    """With all that it begins with; whose sub-agent it is for; a session taken over stays one."""
    ear = Ear()
    session = _session(policy, ear)
    session.decide(SMALL)
    session.hand_on("user")
    policy.restore(session.save(), tell=Teller(manager([ear]), "c1"))
    policy.take_over(session)
    first, agent, restored, taken = ear.began
    assert (first.conversation, first.agent, first.mode, first.parent) == (
        "c1", "desk", "enforce", None,
    )  # fmt: skip
    assert [one.session.index for one in ear.began] == [1, 2, 1, 1], "the first has gone on since"
    assert {one.session.ground.digest for one in ear.began} == {policy.digest}
    assert (agent.parent, taken.id) == (first.id, first.id)
    assert restored.id not in (first.id, agent.id)
    assert ear.told[0].session == first.id


def test_a_session_that_cannot_be_told_does_not_begin(policy: remit.Policy) -> None:
    ear = Ear(fails=1)
    with pytest.raises(OSError, match="no space"):
        _session(policy, ear)
    session = _session(policy, ear)
    ear.fails = 1
    with pytest.raises(OSError, match="no space"):
        session.hand_on("user")
    assert session.decide(SMALL)


def test_nobody_hears_where_nobody_is_told(policy: remit.Policy) -> None:
    ear = Ear()
    session = policy.restore(_session(policy, ear).save())
    assert session.decide(SMALL)
    assert ear.told == []


def test_a_wrapper_reads_what_others_give(policy: remit.Policy) -> None:
    heard: list[Any] = []

    class Gives:
        @hookimpl
        def remit_decided(self) -> dict[str, int]:
            return {"remit.ledger.seq": 7}

    class Wraps:
        @hookimpl(wrapper=True)
        def remit_decided(self) -> Generator[None, Any, Any]:
            heard.append((yield))
            return heard[-1]

    assert _session(policy, Gives(), Wraps()).decide(SMALL)
    assert heard == [[{"remit.ledger.seq": 7}]]


def test_a_plugin_with_a_wrong_hook_is_refused() -> None:
    class Wrong:
        @hookimpl
        def remit_decidet(self) -> None: ...

    with pytest.raises(pluggy.PluginValidationError, match="remit_decidet"):
        manager([Wrong()])


def test_an_unlike_argument_is_refused() -> None:
    class Wrong:
        @hookimpl
        def remit_decided(self, tolt: Told) -> None: ...

    with pytest.raises(pluggy.PluginValidationError, match="tolt"):
        manager([Wrong()])


FORKED = """
import os
from remit.hooks.tell import _chance
_chance()
end, begin = os.pipe()
if os.fork() == 0:
    os.write(begin, " ".join(_chance() for _ in range(70)).encode())
    os._exit(0)
os.close(begin)
with open(end) as pipe:
    childs = pipe.read().split()
os.wait()
print(*childs, *(_chance() for _ in range(70)))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes do not fork here")
def test_a_process_that_forked_has_ids_of_its_own() -> None:
    """Chance is fetched ahead, and a child must not use what its parent fetched."""
    found = subprocess.run([sys.executable, "-c", FORKED], capture_output=True, check=True)
    ids = found.stdout.split()
    assert len(ids) == 140
    assert len({*ids}) == 140
    assert {len(one) for one in ids} == {32}


def test_threads_get_different_ids() -> None:
    found: list[str] = []

    def fetch() -> None:
        found.extend([_chance() for _ in range(1_000)])

    threads = [Thread(target=fetch) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len({*found}) == 4_000


def test_what_was_violated_counts_where_the_step_was_told_or_was_held_back_anyway() -> None:
    """A warning that could not be told is a deny that no clause gave."""
    text = (
        "spec made\nauthor developer\ntool a()\ntool b()\n"
        "clause a\n  forbid call a\n  otherwise warn\nclause b\n  forbid call b\n"
    )
    for tool, fails, marked in (("a", 1, False), ("a", 0, True), ("b", 1, True), ("b", 0, True)):
        policy = remit.load(text)
        for _ in range(4):  # generated functions are made
            policy.session().decide(remit.Call(tool, {}))
        ear = Ear()
        session = _session(policy, ear)
        ear.fails = fails
        session.decide(remit.Call(tool, {}))
        assert bool(session._state.turn) is marked, (tool, fails)
