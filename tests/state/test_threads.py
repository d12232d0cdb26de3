"""Threads on one session take turns; nobody waits for himself."""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.state.small import HEAD, policy_of

import remit
from remit.judges.model import Answer, Question

THREADS, STEPS = 8, 40
PAY = remit.Call("pay", {"order": "A1", "amount": 1})
SAID = remit.Message("assistant", "well")


def test_threads_take_turns() -> None:
    """Every step is judged once, and what each leaves is seen by the next one."""
    limit = THREADS * STEPS // 2
    policy = remit.load(f"{HEAD}clause a\n  forbid call pay where (count of call pay) >= {limit}\n")
    session = policy.session()
    start = threading.Barrier(THREADS)

    def work() -> list[remit.Decision]:
        start.wait()
        return [session.decide(PAY) for _ in range(STEPS)]

    with ThreadPoolExecutor(THREADS) as pool:
        done = [pool.submit(work) for _ in range(THREADS)]
        decisions = [one for each in done for one in each.result()]
    assert sorted(one.index for one in decisions) == list(range(THREADS * STEPS))
    ordered = sorted(decisions, key=lambda one: one.index)
    assert [bool(one) for one in ordered] == [True] * limit + [False] * (THREADS * STEPS - limit)
    alone = policy.session()
    for _ in range(THREADS * STEPS):
        alone.decide(PAY)
    assert session.save() == alone.save()


def test_what_is_saved_meanwhile_is_a_whole_session() -> None:
    """Saving waits its turn, so nobody sees half of a step."""
    policy = policy_of(("per", "count", "sum", "earlier"), (), 2)
    session, saved = policy.session(), list[bytes]()
    over = threading.Event()

    def save() -> None:
        while not over.is_set():
            saved.append(session.save())

    thread = threading.Thread(target=save)
    thread.start()
    for _ in range(200):
        session.decide(PAY)
    over.set()
    thread.join()
    alone, whole = policy.session(), set[bytes]()
    for _ in range(200):
        whole.add(alone.save())
        alone.decide(PAY)
    assert set(saved) <= whole | {alone.save()}
    assert len(set(saved)) > 1


class Slow:
    """A judge that answers when it is let."""

    def __init__(self) -> None:
        self.asked, self.go_on = threading.Event(), threading.Event()

    def answer(self, question: Question, /) -> Answer:
        """True, late."""
        self.asked.set()
        self.go_on.wait(20)
        return Answer(True)


def test_saving_waits_for_an_unfinished_decision() -> None:
    """Of an event loop in another thread; then the decision is in what is saved."""
    policy, judge = policy_of(("judged",), (), 1), Slow()
    session = policy.session(judges={"reader": judge})
    with ThreadPoolExecutor(2) as pool:
        deciding = pool.submit(asyncio.run, session.adecide(SAID))
        assert judge.asked.wait(20)
        saving = pool.submit(session.save)
        time.sleep(0.1)
        assert not saving.done()
        judge.go_on.set()
        assert deciding.result(20).verdict == "deny"
        assert saving.result(20) == session.save()
    assert policy.restore(session.save()).decide(SAID).verdict == "deny", "the answer is in it"


def test_nobody_waits_for_himself() -> None:
    """In the thread of an event loop waiting would stop the loop; that is said instead."""
    policy, judge = policy_of(("judged",), (), 1), Slow()
    session = policy.session(judges={"reader": judge})

    async def main() -> str:
        deciding = asyncio.ensure_future(session.adecide(SAID))
        while not judge.asked.is_set():
            await asyncio.sleep(0.001)
        for use in (session.save, session.forget_answers, lambda: session.decide(SAID)):
            with pytest.raises(RuntimeError, match="in the middle of a decision"):
                use()
        saving = asyncio.ensure_future(asyncio.to_thread(session.save))
        judge.go_on.set()
        decision = await deciding
        assert await saving == session.save()
        return decision.verdict

    assert asyncio.run(main()) == "deny"


def test_a_given_up_decision_leaves_the_session_free() -> None:
    """The step was not judged, so it is not there; the next one is."""
    policy, judge = policy_of(("judged",), (), 1), Slow()
    session = policy.session(judges={"reader": judge})

    async def main() -> None:
        deciding = asyncio.ensure_future(session.adecide(SAID))
        while not judge.asked.is_set():
            await asyncio.sleep(0.001)
        deciding.cancel()
        with pytest.raises(asyncio.CancelledError):
            await deciding
        judge.go_on.set()
        assert (await session.adecide(SAID)).verdict == "deny"

    asyncio.run(main())
    assert session.decide(SAID).index == 2


def test_tasks_take_turns() -> None:
    """Many on one loop."""
    policy = policy_of(("judged", "per"), (), 3)
    session = policy.session(judges={"reader": lambda question: False})

    both: list[remit.Step] = [PAY, SAID]

    async def main() -> list[remit.Decision]:
        return await asyncio.gather(*(session.adecide(one) for one in both * 10))

    decisions = asyncio.run(main())
    assert sorted(one.index for one in decisions) == list(range(20))
    assert sum(bool(one) for one in decisions if one.step is PAY) == 3
