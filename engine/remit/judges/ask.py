"""Asks judges and waits for them: the only place that does. Decides nothing.

Whatever a judge does, every question gets an answer within the judges' timeouts; where that is not
theirs, it is unknown and says why.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from math import inf
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from remit.judges.calls import STUCK, Call, call_here, hanging, start
from remit.judges.limits import attribute, concurrency_of, is_immediate, timeout_of
from remit.judges.model import Answer, AnyJudge, Question
from remit.judges.tidy import raised, tidy, unknown

if TYPE_CHECKING:
    import asyncio

Judges = Mapping[str, AnyJudge]


def ask(
    judges: Judges, questions: Sequence[Question], stop_after: float | None = None
) -> list[Answer]:
    """The answers, in the order of the questions. Raises nothing and does not hang.

    Each call has its judge's timeout. `stop_after` bounds the whole, in seconds; what has no answer
    by then is unknown. Where a judge takes several questions at a time, it gets them.
    """
    return _Round(judges, questions, stop_after).run()


@dataclass(slots=True)
class _Lane:
    """The questions for one judge, by their place; `running` counts its calls."""

    judge: object
    waiting: deque[int] = field(default_factory=deque)
    running: int = 0

    def is_full(self) -> bool:
        return self.running + hanging(self.judge) >= concurrency_of(self.judge)

    def must_wait(self) -> bool:
        """Whether a place will be free, but is not yet. What hangs may never come back."""
        return self.running > 0 and self.is_full()

    def refusal(self, stop: float) -> Answer | None:
        """Why no call may start now, where `must_wait` does not hold."""
        if time.monotonic() >= stop:
            return unknown("not asked: the time for all judges was up")
        return unknown(STUCK) if self.is_full() else None


@dataclass(slots=True)
class _Running:
    lane: _Lane
    call: Call
    since: float
    until: float


class _Round:
    """One `ask`: this thread starts calls, takes what comes back and gives up what does not."""

    def __init__(
        self, judges: Judges, questions: Sequence[Question], stop_after: float | None
    ) -> None:
        self.questions = questions
        self.answers: dict[int, Answer] = {}
        self.lanes: dict[int, _Lane] = {}
        self.running: dict[int, _Running] = {}
        self.came: SimpleQueue[tuple[int, Answer]] = SimpleQueue()
        self.stop = _stop(stop_after)
        for at, question in enumerate(questions):
            self._place(at, _judge_of(judges, question))

    def _place(self, at: int, judge: object) -> None:
        if judge is None:
            self.answers[at] = _missing(self.questions[at])
        elif is_immediate(judge):
            self.answers[at] = call_here(judge, self.questions[at])
        else:
            self.lanes.setdefault(id(judge), _Lane(judge)).waiting.append(at)

    def run(self) -> list[Answer]:
        while len(self.answers) < len(self.questions):
            for lane in self.lanes.values():
                self._start(lane)
            self._take()
            self._give_up()
        return [self.answers[at] for at in range(len(self.questions))]

    def _start(self, lane: _Lane) -> None:
        while lane.waiting and not lane.must_wait():
            at = lane.waiting.popleft()
            if refusal := lane.refusal(self.stop):
                self.answers[at] = refusal
                continue
            now = time.monotonic()
            until = min(now + timeout_of(lane.judge), self.stop)
            lane.running += 1
            call = start(lane.judge, self.questions[at], self._done(at))
            self.running[at] = _Running(lane, call, now, until)

    def _done(self, at: int) -> Any:
        return lambda answer: self.came.put((at, answer))

    def _take(self) -> None:
        """Wait for the next answer or the next deadline, and take all answers there are."""
        if not self.running:
            return
        first = min(one.until for one in self.running.values())
        with suppress(Empty):
            self._set(*self.came.get(timeout=max(0.0, first - time.monotonic())))
            while True:
                self._set(*self.came.get_nowait())

    def _set(self, at: int, answer: Answer) -> None:
        if running := self.running.pop(at, None):  # else it was given up: too late
            running.lane.running -= 1
            self.answers[at] = answer

    def _give_up(self) -> None:
        now = time.monotonic()
        late = [at for at, one in self.running.items() if one.until <= now]
        for at in late:
            one = self.running[at]
            self._set(at, one.call.give_up(one.until - one.since))


async def ask_async(
    judges: Judges, questions: Sequence[Question], stop_after: float | None = None
) -> list[Answer]:
    """The same in an event loop. Judges without `answer_async` run in threads.

    A coroutine that takes too long is cancelled. One that blocks the loop blocks the caller too.
    """
    import asyncio  # late: most hosts are not asynchronous

    lanes: dict[int, tuple[_Lane, asyncio.Condition]] = {}
    stop = _stop(stop_after)

    def asked() -> Iterator[Coroutine[Any, Any, Answer]]:
        for question in questions:
            judge = _judge_of(judges, question)
            place = lanes.setdefault(id(judge), (_Lane(judge), asyncio.Condition()))
            yield _one(*place, question, stop)

    return list(await asyncio.gather(*asked()))


async def _one(lane: _Lane, turn: asyncio.Condition, question: Question, stop: float) -> Answer:
    if lane.judge is None:
        return _missing(question)
    if is_immediate(lane.judge):
        return call_here(lane.judge, question)
    async with turn:
        await turn.wait_for(lambda: not lane.must_wait())
        if refusal := lane.refusal(stop):
            return refusal
        lane.running += 1
    try:
        return await _called(lane.judge, question, stop)
    finally:
        lane.running -= 1
        async with turn:
            turn.notify_all()


async def _called(judge: object, question: Question, stop: float) -> Answer:
    seconds = min(timeout_of(judge), stop - time.monotonic())
    if callable(attribute(judge, "answer_async")):
        return await _in_loop(judge, question, seconds)
    return await _in_thread(judge, question, seconds)


async def _in_thread(judge: object, question: Question, seconds: float) -> Answer:
    import asyncio

    loop = asyncio.get_running_loop()
    future: asyncio.Future[Answer] = loop.create_future()

    def done(answer: Answer) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(_settle, future, answer)

    call = start(judge, question, done)
    try:
        await asyncio.wait({future}, timeout=seconds)
    finally:
        late = None if future.done() else call.give_up(seconds)
    return late or future.result()


def _settle(future: asyncio.Future[Answer], answer: Answer) -> None:
    if not future.done():
        future.set_result(answer)


async def _in_loop(judge: object, question: Question, seconds: float) -> Answer:
    import asyncio

    call = Call(judge)
    task = asyncio.ensure_future(_heard(judge, question))
    task.add_done_callback(lambda _: call.end())
    late = None
    try:
        await asyncio.wait({task}, timeout=seconds)
    finally:
        if not task.done():
            late = call.give_up(seconds)
            task.cancel()
    if late:
        return late
    return raised(asyncio.CancelledError()) if task.cancelled() else task.result()


async def _heard(judge: Any, question: Question) -> Answer:
    import asyncio

    try:
        given = judge.answer_async(question)
        return tidy(await given if attribute(given, "__await__") else given)
    except (KeyboardInterrupt, SystemExit, asyncio.CancelledError):
        raise
    except BaseException as error:  # noqa: BLE001 - a judge may raise anything
        return raised(error)


def _judge_of(judges: Judges, question: Question) -> object:
    try:
        return judges.get(question.judge)
    except Exception:  # noqa: BLE001 - a host's mapping may raise anything
        return None


def _missing(question: Question) -> Answer:
    return unknown(f"no judge `{question.judge}` was given")


def _stop(stop_after: float | None) -> float:
    """When to stop, by the clock that never goes back. What is no number of seconds is now."""
    if stop_after is None:
        return inf
    return time.monotonic() + stop_after if stop_after > 0 else -inf
