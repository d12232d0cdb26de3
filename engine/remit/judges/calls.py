"""One call of one judge in a thread of its own, and the calls that never came back.

A thread cannot be stopped. A call that ran out of time is given up: it goes on as a daemon, which
does not keep the program from ending, and what it says later is not heard. While a judge has as
many such calls as it may have at one time, it is not called again.
"""

from __future__ import annotations

import contextvars
import threading
from collections import Counter
from collections.abc import Callable
from types import CoroutineType
from typing import Any

from remit.judges.limits import attribute
from remit.judges.model import Answer, Question
from remit.judges.tidy import raised, tidy, unknown

Done = Callable[[Answer], None]

_given_up: Counter[int] = Counter()  # calls still running though given up, by id of the judge
_lock = threading.Lock()


class Call:
    """A running call. `give_up` ends the wait for it."""

    __slots__ = ("_ended", "_given_up", "_judge")

    def __init__(self, judge: object) -> None:
        self._judge = judge  # kept, so that its id belongs to no other judge meanwhile
        self._ended = False
        self._given_up = False

    def give_up(self, seconds: float) -> Answer:
        """Stop waiting; the answer says after how long."""
        with _lock:
            if not self._ended and not self._given_up:
                self._given_up = True
                _given_up[id(self._judge)] += 1
        return unknown(f"the judge gave no answer within {seconds:g} s")

    def end(self) -> None:
        """The call came back."""
        with _lock:
            self._ended = True
            if self._given_up:
                _given_up[id(self._judge)] -= 1
                if not _given_up[id(self._judge)]:
                    del _given_up[id(self._judge)]


def hanging(judge: object) -> int:
    """How many calls of the judge were given up and still run."""
    with _lock:
        return _given_up[id(judge)]


STUCK = "not asked: earlier calls of this judge have not come back"


def start(judge: object, question: Question, done: Done) -> Call:
    """Ask in a daemon thread; `done` gets the answer there. Does not raise."""
    call = Call(judge)
    context = contextvars.copy_context()  # so that tracing sees whose call it is

    def work() -> None:
        answer = context.run(call_now, judge, question)
        call.end()
        done(answer)

    try:
        threading.Thread(target=work, name="remit-judge", daemon=True).start()
    except RuntimeError:  # the system gives no more threads
        call.end()
        done(unknown("not asked: no thread could be started"))
    return call


def call_now(judge: object, question: Question) -> Answer:
    """Ask in this thread and wait. Raises nothing; what the judge raises is an answer."""
    try:
        return tidy(_waited(_ask(judge, question)))
    except BaseException as error:  # noqa: BLE001 - also SystemExit: the thread is ours
        return raised(error)


def call_here(judge: object, question: Question) -> Answer:
    """The same in the caller's own thread, which a person or the system may end meanwhile."""
    try:
        return tidy(_waited(_ask(judge, question)))
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # noqa: BLE001 - a judge may raise anything
        return raised(error)


def _ask(judge: Any, question: Question) -> object:
    for name in ("answer", "answer_async"):
        method = attribute(judge, name)
        if callable(method):
            return method(question)
    if callable(judge):
        return judge(question)
    return unknown("this is no judge: it has no `answer` and cannot be called")


def _waited(given: object) -> object:
    """What a coroutine comes to, in an event loop of its own; anything else as it is."""
    if not isinstance(given, CoroutineType):
        return given
    import asyncio  # late: few judges are coroutines

    return asyncio.run(given)
