"""Asking: whatever a judge does, each question gets an answer of the right types, in time."""

from __future__ import annotations

import asyncio
import contextvars
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import inf, nan
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remit.judges.ask import ask, ask_async
from remit.judges.function import FunctionJudge
from remit.judges.limits import concurrency_of, cost_of, is_immediate, timeout_of
from remit.judges.model import MOST_ERROR, MOST_REASON, Answer, Judge, JudgeError, Question

SHORT = 0.15  # seconds: the timeout of judges that hang here
SOON = 30  # seconds: what hangs would hang for ever; a busy machine may take its time
ONE = Question("j", "is polite", "Hello.")

Ask = Callable[..., list[Answer]]


def _asked_async(
    judges: Mapping[str, Any], questions: list[Question], stop_after: float | None = None
) -> list[Answer]:
    return asyncio.run(ask_async(judges, questions, stop_after))


both = pytest.mark.parametrize("how", [ask, _asked_async], ids=["sync", "async"])


@pytest.fixture
def never() -> Iterator[threading.Event]:
    """An event that happens only when the test is over, so that no thread outlives it."""
    event = threading.Event()
    yield event
    event.set()


def _ill(answer: Answer) -> list[str]:
    """What is wrong with an answer that `ask` gave."""
    checks = {
        "type": type(answer) is Answer,
        "truth": any(answer.truth is one for one in (True, False, None)),
        "confidence": answer.confidence is None
        or (type(answer.confidence) is float and 0 <= answer.confidence <= 1),
        "reason": type(answer.reason) is str and len(answer.reason) <= MOST_REASON,
        "error": type(answer.error) is str and len(answer.error) <= MOST_ERROR,
        "line": len(answer.error.splitlines()) <= 1,
        "unknown": not answer.error or answer.truth is None,
        "encodes": (answer.reason + answer.error).encode() is not None,
    }
    return [name for name, holds in checks.items() if not holds]


# ---- answers


@both
@pytest.mark.parametrize("immediate", [True, False])
def test_answers_come_in_the_order_of_the_questions(how: Ask, immediate: bool) -> None:
    class Length:
        cost = 1

        def __init__(self) -> None:
            self.immediate = immediate

        def answer(self, question: Question, /) -> Answer:
            time.sleep(0.001 * (7 * len(question.subject) % 5))
            return Answer(len(question.subject) > 5, 0.5, question.subject)

    questions = [Question(f"j{n % 2}", "q", "x" * n) for n in range(12)]
    answers = how({"j0": Length(), "j1": Length()}, questions)
    assert [one.reason for one in answers] == [one.subject for one in questions]
    assert [one.truth for one in answers] == [n > 5 for n in range(12)]
    assert isinstance(Length(), Judge)


@both
@pytest.mark.parametrize("truth", [True, False, None])
def test_functions_are_judges(how: Ask, truth: bool | None) -> None:
    async def later(question: Question) -> bool | None:
        await asyncio.sleep(0)
        return truth

    judges = {
        "plain": lambda question: truth,
        "answer": lambda question: Answer(truth, 1, "so"),
        "later": later,
        "two": FunctionJudge(lambda *texts: truth if len(texts) == 2 else 0),
    }
    answers = how(judges, [Question(name, "q", "s") for name in judges])
    assert [one.truth for one in answers] == [truth] * 4
    assert not any(one.error for one in answers)
    assert answers[1] == Answer(truth, 1.0, "so")


@both
def test_a_judge_that_is_not_there(how: Ask) -> None:
    class Broken(dict[str, Any]):
        def get(self, *_: object) -> Any:
            raise RuntimeError

    for judges in ({}, {"j": None}, Broken()):
        assert how(judges, [ONE]) == [Answer(error="no judge `j` was given")]
    assert how({}, []) == []
    assert how({"j": 7}, [ONE])[0].error.startswith("this is no judge")


def test_a_context_is_handed_on() -> None:
    """So that a trace shows whose call it is."""
    where = contextvars.ContextVar("where", default="nowhere")
    where.set("here")
    assert ask({"j": lambda question: Answer(True, reason=where.get())}, [ONE])[0].reason == "here"


# ---- garbage


class _Liar:
    """Equal to everything, true, and of any length."""

    def __eq__(self, other: object) -> bool:
        return True

    def __bool__(self) -> bool:
        return True

    def __hash__(self) -> int:
        return hash(True)

    def __repr__(self) -> str:
        raise RuntimeError

    __str__ = __repr__


class _Meta(type):
    @property
    def __name__(cls) -> str:  # type: ignore[override]  # that is the misbehaviour
        raise SystemExit


class _Nameless(metaclass=_Meta):
    pass


class _SubAnswer(Answer):
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]  # that is the misbehaviour


class _Text(str):
    __slots__ = ()

    def __len__(self) -> int:
        return 0

    def __bool__(self) -> bool:
        return False


def _unmade() -> Answer:
    return Answer.__new__(Answer)


_A: Any = Answer  # made with what its types do not allow
GARBAGE: list[Any] = [
    *(1, 0, 1.0, "true", "", b"", [], {}, nan, ..., object(), Answer, NotImplemented, iter("ab")),
    *(_Liar(), _Nameless(), _SubAnswer(True), _unmade()),
    *(_A(one) for one in (1, 0, "true", "false", _Liar(), ["x"], nan)),
    *(_A(True, one) for one in (nan, inf, -inf, -0.1, 1.1, 7, True, "1", _Liar(), 10**400)),
    *(_A(True, 1.0, one) for one in (None, 7, b"so", _Liar(), _Text("a" * 9_999))),
    *(_A(True, 1.0, "", one) for one in (None, 7, _Liar(), _Text("wrong"))),
]


@both
@pytest.mark.parametrize("garbage", GARBAGE, ids=range(len(GARBAGE)))
def test_garbage_is_unknown(how: Ask, garbage: Any) -> None:
    for judge in (lambda question: garbage, FunctionJudge(lambda question, subject: garbage)):
        answer = how({"j": judge}, [ONE])[0]
        assert not _ill(answer)
        assert answer.truth is None
        assert answer.error.startswith("the judge gave")


@both
def test_an_answer_with_an_error_is_unknown(how: Ask) -> None:
    answer = how(
        {"j": lambda question: Answer(True, 0.9, "so", "one\ntwo\x1b[31m " + "x" * 999)}, [ONE]
    )[0]
    assert not _ill(answer)
    assert answer.truth is None
    assert answer.error.startswith("one two·[31m xxx")


@both
def test_reasons_are_cut_and_can_be_written(how: Ask) -> None:
    huge = how({"j": lambda question: Answer(True, 1.0, "é" * 10**6)}, [ONE])[0]
    half = how({"j": lambda question: Answer(True, 1.0, "\ud800 half")}, [ONE])[0]
    assert (huge.truth, len(huge.reason)) == (True, MOST_REASON)
    assert (half.truth, half.reason) == (True, "? half")


@dataclass
class _Rude(BaseException):
    code: int = 0

    def __str__(self) -> str:
        raise SystemExit


@both
@pytest.mark.parametrize(
    "error",
    [
        ValueError("key sk-1234"),
        RecursionError(),
        MemoryError(),
        SystemExit(3),
        KeyboardInterrupt(),
        GeneratorExit(),
        StopIteration(),
        StopAsyncIteration(),
        asyncio.CancelledError(),
        TimeoutError(),
        _Rude(),
    ],
    ids=lambda one: type(one).__name__,
)
def test_what_raises_is_unknown(how: Ask, error: BaseException) -> None:
    """Of a stranger's exception only the class is shown: its text may hold a secret."""

    def fail(question: Question) -> bool:
        raise error

    async def fail_later(question: Question) -> bool:
        raise error

    assert how({"j": fail}, [ONE]) == [Answer(error=f"the judge raised `{type(error).__name__}`")]
    later = how({"j": fail_later}, [ONE])[0]
    assert not _ill(later)
    assert later.error
    assert "sk-1234" not in later.error


@both
def test_a_judge_may_say_why(how: Ask) -> None:
    def fail(question: Question) -> bool:
        raise JudgeError("the model is not loaded")

    assert how({"j": fail}, [ONE]) == [Answer(error="the model is not loaded")]


@both
def test_what_raises_in_the_callers_own_thread(how: Ask) -> None:
    """An immediate judge runs there: errors are answers, but Ctrl-C stays Ctrl-C."""

    class Immediate:
        immediate = True

        def __init__(self, error: BaseException) -> None:
            self.error = error

        def answer(self, question: Question, /) -> Answer:
            raise self.error

    assert how({"j": Immediate(ZeroDivisionError())}, [ONE])[0].truth is None
    assert how({"j": Immediate(GeneratorExit())}, [ONE])[0].truth is None
    with pytest.raises(KeyboardInterrupt):
        how({"j": Immediate(KeyboardInterrupt())}, [ONE])


@both
def test_attributes_are_not_trusted(how: Ask) -> None:
    class Rude:
        @property
        def timeout(self) -> float:
            raise RuntimeError

        concurrency = "many"
        cost = _Liar()
        immediate = 1

        def answer(self, question: Question, /) -> bool:
            return True

    judge = Rude()
    assert (timeout_of(judge), concurrency_of(judge), cost_of(judge)) == (30.0, 4, 1000)
    assert is_immediate(judge) is False
    assert how({"j": judge}, [ONE])[0].truth is True


@pytest.mark.parametrize("timeout", [0, -1, nan, inf, None, "5", True])
def test_a_timeout_is_a_number_of_seconds(timeout: Any) -> None:
    assert timeout_of(FunctionJudge(lambda *_: True, timeout=timeout)) == 30.0
    assert timeout_of(FunctionJudge(lambda *_: True, timeout=10**9)) == 3_600.0


things = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
        | st.builds(Answer, inner, inner, inner, inner)
    ),
    max_leaves=4,
)
errors = st.sampled_from([ValueError, KeyError, SystemExit, JudgeError, OSError, BaseException])


@settings(max_examples=150, deadline=None)
@given(things, st.none() | st.builds(lambda kind, text: kind(text), errors, st.text()))
def test_any_judge_gives_answers(thing: Any, error: BaseException | None) -> None:
    """Whatever it returns or raises, sync and async; true only where it said exactly that."""

    def judge(question: Question) -> Any:
        if error is not None:
            raise error
        return thing

    for answers in (ask({"j": judge}, [ONE] * 2), _asked_async({"j": judge}, [ONE] * 2)):
        assert len(answers) == 2
        for answer in answers:
            assert not _ill(answer)
            if answer.truth is not None:
                assert error is None
                assert answer.truth is (thing.truth if isinstance(thing, Answer) else thing)


# ---- time


@both
def test_what_hangs_is_unknown(how: Ask, never: threading.Event) -> None:
    hang = FunctionJudge(lambda *_: never.wait(), timeout=SHORT)
    since = time.monotonic()
    answers = how({"j": hang, "k": lambda question: True}, [ONE, Question("k", "q", "s")])
    assert SHORT <= time.monotonic() - since < SOON
    assert answers == [Answer(error="the judge gave no answer within 0.15 s"), Answer(True)]


@both
def test_a_judge_that_hangs_is_not_called_for_ever(how: Ask, never: threading.Event) -> None:
    """As many calls as may run at a time are lost; the rest is not asked until they come back."""
    calls = []

    def hang(question: str, subject: str) -> bool:
        calls.append(subject)
        never.wait()
        return True

    judge = FunctionJudge(hang, timeout=SHORT, concurrency=2)
    questions = [Question("j", "q", str(n)) for n in range(50)]
    since = time.monotonic()
    answers = how({"j": judge}, questions)
    again = how({"j": judge}, questions)
    assert time.monotonic() - since < SOON
    assert len(calls) == 2
    assert {one.truth for one in [*answers, *again]} == {None}
    assert "have not come back" in again[0].error
    never.set()
    _until(lambda: how({"j": judge}, [ONE])[0].truth is True)


def _until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + SOON
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


@both
def test_as_many_at_a_time_as_it_may(how: Ask) -> None:
    lock, running, most = threading.Lock(), 0, 0

    def work(question: str, subject: str) -> bool:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.1)
        with lock:
            running -= 1
        return True

    judge = FunctionJudge(work, concurrency=3)
    answers = how({"j": judge, "same": judge}, [Question(n, "q", "s") for n in ["j", "same"] * 6])
    assert [one.truth for one in answers] == [True] * 12
    assert most == 3


@both
def test_the_whole_can_be_bounded(how: Ask, never: threading.Event) -> None:
    """What is running is given up, what waits is not asked; what is in memory answers."""
    hang = FunctionJudge(lambda *_: never.wait(), concurrency=1)

    class Memory:
        immediate = True

        def answer(self, question: Question, /) -> Answer:
            return Answer(False)

    questions = [ONE, ONE, Question("m", "q", "s")]
    since = time.monotonic()
    first, second, third = how({"j": hang, "m": Memory()}, questions, stop_after=SHORT)
    assert time.monotonic() - since < SOON
    assert (first.truth, second.truth, third.truth) == (None, None, False)
    for answer in how({"j": lambda question: True}, [ONE] * 2, 0):
        assert answer.error == "not asked: the time for all judges was up"
    assert how({"j": lambda question: True}, [ONE], nan)[0].truth is None


def test_no_more_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    answers = ask({"j": lambda question: True}, [ONE] * 9)
    assert answers == [Answer(error="not asked: no thread could be started")] * 9


def test_hanging_threads_do_not_keep_the_program() -> None:
    import subprocess

    code = """
import time
from remit.judges.ask import ask
from remit.judges.function import FunctionJudge
from remit.judges.model import Question
print(ask({"j": FunctionJudge(lambda *_: time.sleep(60), timeout=0.1)}, [Question("j", "q", "s")]))
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": ":".join(path for path in sys.path if path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=50,
    )
    assert "no answer within 0.1 s" in done.stdout, done.stderr
    assert done.returncode == 0


# ---- coroutines


class _Async:
    """A judge with both doors; only the one for event loops does what the test wants."""

    timeout = SHORT
    concurrency = 2

    def __init__(self, fn: Callable[[Question], Any]) -> None:
        self.fn = fn

    def answer(self, question: Question, /) -> Answer:
        return Answer(None, reason="the wrong door")

    def answer_async(self, question: Question) -> Any:
        return self.fn(question)


def test_the_door_for_event_loops() -> None:
    async def yes(question: Question) -> Answer:
        await asyncio.sleep(0)
        return Answer(True, 0.5)

    assert _asked_async({"j": _Async(yes)}, [ONE]) == [Answer(True, 0.5)]
    assert _asked_async({"j": _Async(lambda question: True)}, [ONE]) == [Answer(True)]
    assert ask({"j": _Async(yes)}, [ONE])[0].reason == "the wrong door"


def test_a_coroutine_that_never_returns_is_cancelled() -> None:
    cancelled = []

    async def hang(question: Question) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(question)
            raise

    since = time.monotonic()

    async def run() -> list[Answer]:
        answers = await ask_async({"j": _Async(hang)}, [ONE] * 2)
        await asyncio.sleep(0.01)
        assert cancelled == [ONE] * 2  # looked at here, as the end of a loop cancels everything
        return answers

    answers = asyncio.run(run())
    assert time.monotonic() - since < SOON
    assert [one.error for one in answers] == ["the judge gave no answer within 0.15 s"] * 2


def test_a_coroutine_that_will_not_be_cancelled() -> None:
    async def run() -> Answer:
        over = asyncio.Event()

        async def stubborn(question: Question) -> bool:
            while not over.is_set():
                try:
                    await over.wait()
                except asyncio.CancelledError:
                    continue
            return True

        [answer] = await ask_async({"j": _Async(stubborn)}, [ONE])
        over.set()
        return answer

    assert asyncio.run(run()).error == "the judge gave no answer within 0.15 s"


@pytest.mark.parametrize(
    "error", [ValueError(), asyncio.CancelledError(), _Rude(), GeneratorExit()]
)
def test_a_coroutine_that_raises(error: BaseException) -> None:
    async def fail(question: Question) -> None:
        raise error

    answer = _asked_async({"j": _Async(fail)}, [ONE])[0]
    assert answer == Answer(error=f"the judge raised `{type(error).__name__}`")


def test_the_caller_may_be_cancelled(never: threading.Event) -> None:
    """Then the coroutines are cancelled too, and nothing is raised but that."""
    cancelled = []

    async def hang(question: Question) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.append(question)

    async def run() -> None:
        judges: dict[str, Any] = {"j": _Async(hang), "k": FunctionJudge(lambda *_: never.wait())}
        judges["j"].timeout = 30
        task = asyncio.ensure_future(ask_async(judges, [ONE, Question("k", "q", "s")]))
        await asyncio.sleep(SHORT)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.sleep(0)

    since = time.monotonic()
    asyncio.run(run())
    assert time.monotonic() - since < SOON
    assert cancelled == [ONE]


# ---- questions


def test_keys_are_of_all_three_texts() -> None:
    parts = [
        ("a", "b", "c"),
        ("ab", "", "c"),
        ("a", "bc", ""),
        ("a", "b", "c\ud800"),
        ("a", 'b","c', ""),
    ]
    keys = [Question(*one).key for one in parts]
    assert len(set(keys)) == len(keys)
    assert all(len(one) == 64 for one in keys)
    assert Question("a", "b", "c").key == Question("a", "b", "c").key
