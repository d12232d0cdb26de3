"""One conversation under a policy, step by step.

A session belongs to one conversation. Its lock makes threads that use it at once take turns: each
step is judged whole, in the order in which they get the lock, and what it leaves is seen by the
next one.
"""

from __future__ import annotations

from _thread import allocate_lock, get_ident  # `threading` takes a millisecond to load
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from remit.conversation.model import Call, Step, malformed
from remit.state.model import State
from remit.verdict.advance import advance
from remit.verdict.decide import Unfinished, at_once, decisions
from remit.verdict.judging import Answers, Questions
from remit.verdict.model import ENGINE_ERROR, HALTED, Decision, Ground
from remit.verdict.scene import Scene
from remit_grammar.value import replace

if TYPE_CHECKING:
    from remit.hooks.tell import Teller
    from remit.judges.model import AnyJudge, Question
    from remit.program.view import View

Deciding = Generator[Questions, Answers, Decision]


class Session:
    """Judges steps in their order. Nothing in a step can raise out of `decide`.

    Threads may share a session; they take turns. What cannot have a turn, because this very thread
    is in the middle of a decision (a judge that asks the session, or other code of an event loop
    while an `adecide` is unfinished), gets a `RuntimeError` instead of waiting for ever.
    """

    __slots__ = (
        "_context", "_ground", "_holder", "_index", "_judges", "_lock", "_scene", "_tell",
    )  # fmt: skip

    def __init__(
        self, ground: Ground, context: Mapping[str, Any],
        judges: Mapping[str, AnyJudge] | None = None, *, truncated: bool = False,
        tell: Teller | None = None,
    ) -> None:  # fmt: skip
        self._ground = ground
        self._tell = tell
        self._context = dict(context)
        self._judges = dict(judges or {})
        self._index = 0
        self._lock = allocate_lock()
        self._holder: int | None = None  # the thread whose turn it is
        self._goes_on(State.new(ground.program, cut=truncated), halted=False)

    @property
    def ground(self) -> Ground:
        """The policy that it is under."""
        return self._ground

    @property
    def context(self) -> Mapping[str, Any]:
        """What the host declared of the conversation. Never change it."""
        return self._context

    @property
    def index(self) -> int:
        """The place of the next step in the conversation, from 0."""
        return self._index

    @property
    def cut(self) -> bool:
        """Whether the beginning of the conversation was not seen."""
        return self._state.cut

    def decide(self, step: Step | Mapping[str, Any]) -> Decision:
        """Judge a proposed step before it takes effect.

        A step may be a `Message`, `Call`, `Result` or `Handoff`, or a mapping in the native form of
        conversations (`{"kind": "call", "tool": ..., "args": {...}}`). What is no step at all is
        denied with the reason `engine_error`. After a `halt` every further step is denied, with the
        reason `halted`. Judges are waited for, each as long as its timeout says.
        """
        if not self._lock.acquire(False):
            self._wait()
        self._holder = get_ident()
        try:
            if self._tell is not None:
                self._tell.begin()
            found = at_once(self._scene, step, self._index)
            if isinstance(found, Decision):
                self._index += 1
                return found
            if isinstance(found, Unfinished):
                self._index += 1
                return self._went_on(found.decision, found.turn)
            return self._step_by_step(self._deciding(step, found))
        finally:
            self._holder = None
            self._lock.release()

    async def adecide(self, step: Step | Mapping[str, Any]) -> Decision:
        """As `decide`, but others run while judges are waited for."""
        from asyncio import sleep

        while not self._lock.acquire(blocking=False):
            await sleep(0.001)
        self._holder = get_ident()
        try:
            if self._tell is not None:
                self._tell.begin()
            found = at_once(self._scene, step, self._index)
            if isinstance(found, Decision):
                self._index += 1
                return found
            if isinstance(found, Unfinished):
                self._index += 1
                return self._went_on(found.decision, found.turn)
            deciding = self._deciding(step, found)
            try:
                questions = next(deciding)
                while True:
                    questions = deciding.send(await self._ask_async(questions))
            except StopIteration as done:
                return self._went_on(done.value)
        finally:
            self._holder = None
            self._lock.release()

    def save(self) -> bytes:
        """The session as bytes, from which `Policy.restore` goes on as if nothing had been between.

        Small, without code, and equal for equal sessions. It holds what was said and what the
        policy asks of the past, so keep it as you keep the conversation; whoever can write it can
        change the past, for it is not signed. Judges are not in it, their answers are. Waits for a
        decision in another thread. Raises `ValueError` where the host's context, or a value that is
        remembered, is no plain data.
        """
        from remit.state.blob import pack

        with self._turn():
            return pack(self._content(), self._ground.digest)

    @classmethod
    def restored(
        cls, ground: Ground, data: bytes, judges: Mapping[str, AnyJudge] | None = None,
        tell: Teller | None = None,
    ) -> Session:  # fmt: skip
        """What `Policy.restore` gives."""
        from remit.state.blob import unpack
        from remit.state.keep import state_from_data
        from remit.state.moment import count_of, flag_of
        from remit.state.plain import to_text
        from remit.state.save import RestoreError

        content = unpack(data, ground.digest)
        try:
            session = cls(ground, _named(content["context"]), judges, tell=tell)
            session._index, halted = count_of(content["index"]), flag_of(content["halted"])
            session._goes_on(state_from_data(ground.program, content["state"]), halted=halted)
            whole = to_text(session._content()) == to_text(content)
        except Exception as error:  # noqa: BLE001 - whatever cannot be read is no session
            raise RestoreError(f"what is saved is no session: {str(error)[:200]}") from None
        if not whole:
            raise RestoreError("what is saved is no session: read back, it is another one")
        return session.begun()

    def taken_over(
        self, ground: Ground, judges: Mapping[str, AnyJudge] | None = None,
        tell: Teller | None = None,
    ) -> Session:  # fmt: skip
        """What `Policy.take_over` gives."""
        from remit.state.take_over import taken_over

        with self._turn():
            kept = self._judges if judges is None else judges
            session = Session(ground, self._context, kept, tell=tell or self._tell)
            state = taken_over(
                self._state, ground.program, begun=self._index > 0,
                equal=ground.digest == self._ground.digest,
            )  # fmt: skip
            session._goes_on(state, halted=self.halted)
            session._index = self._index
        if judges is not None:
            session.forget_answers()
        return session.begun()

    def begun(self) -> Session:
        """Itself, once plugins have heard that it begins. Raises what a plugin raises."""
        if self._tell is not None:
            self._tell.began(self)
        return self

    @property
    def teller(self) -> Teller | None:
        """What tells plugins of the decisions here, if anything does."""
        return self._tell

    def forget_answers(self) -> None:
        """Ask judges anew about texts that they were asked about before in this conversation."""
        with self._turn():
            self._state = replace(self._state.copy(), answers={})

    def hand_on(self, level: str, settings: Mapping[str, Any] | None = None) -> Session:
        """A session for a sub-agent: nobody speaks there above `level`, nor above the cap here.

        What was said here holds there too. `settings` narrow more: a value, or an operator and a
        value (`{"scope.spend": ("<=", 20), "scope.tools": ["search"]}`; a list narrows a set to its
        items). They can only narrow, so they never give a sub-agent what the agent has not.
        Raises `ValueError` for a level or setting that the policy does not have, or a value that
        does not fit.
        """
        program = self._ground.program
        if level not in program.chain:
            raise ValueError(f"the chain has no level `{level}`: {' > '.join(program.chain)}")
        from remit.state.keep import memory_from_data, memory_to_data
        from remit.state.save import handed_on

        with self._turn():
            rank = max(program.chain.index(level), self._state.cap)
            state = self._state.copy()
            state.cap, state.voids, state.turn, state.consent = rank, {}, frozenset(), ()
            state.memory = memory_from_data(program, memory_to_data(state.memory))
            state.answers = dict(state.answers)
            narrowed = sorted((settings or {}).items())
            for place, (name, value) in enumerate(narrowed):
                op, plain = _narrowing(program.settings, name, value)
                state.say([handed_on(name, op, plain, rank, (self._index, place))])
            tell = self._tell and self._tell.handed_on()
            session = Session(self._ground, self._context, self._judges, tell=tell)
            session._state, session._index = state, self._index + 1  # what it hears is later
            return session.begun()

    def approve(
        self, call: Decision | Call | Mapping[str, Any], by: str, *, person: str = ""
    ) -> None:
        """Somebody who was asked about a call says yes to it, outside the conversation.

        Give the decision that asked them, or the call itself; `by` is a name in `decision.ask`, and
        `person` whoever answers in that name, to be told to plugins. The yes is for this call alone
        (tool and arguments); propose the call again and it is judged with that: it goes on where
        all who are asked have said yes. It counts once, and until somebody with authority says
        something else. Raises `ApprovalError`, a `ValueError`, where they are not asked about this
        call, or not any more; `SpecError` for a mapping that is no step.
        """
        self._answer(call, by, yes=True, person=person)

    def refuse(
        self, call: Decision | Call | Mapping[str, Any], by: str, *, person: str = ""
    ) -> None:
        """Somebody who was asked says no, or takes a yes back. Raises as `approve`."""
        self._answer(call, by, yes=False, person=person)

    def _answer(
        self, call: Decision | Call | Mapping[str, Any], by: str, *, yes: bool, person: str
    ) -> None:
        from remit.state.approve import ApprovalError, answered

        if isinstance(call, Decision):
            if call.ground.digest != self._ground.digest:
                raise ApprovalError("this was decided under another policy: propose the call again")
            call = call.after  # type: ignore[assignment] # a step that is no call is refused
        elif not isinstance(call, Step):
            call = _from_mapping(call)  # type: ignore[assignment] # likewise
        with self._turn():
            consent = answered(self._state, call, by, self._index - 1, yes=yes)
            if self._tell is not None:
                assert isinstance(call, Call), "`answered` saw to it"
                self._tell.answered(call, by, yes=yes, person=person)
            self._state = replace(self._state, consent=consent)

    @property
    def halted(self) -> bool:
        """Whether a step halted the conversation."""
        return self._scene.halted

    # ---- one at a time, and as data

    @property
    def _state(self) -> State:
        """What the conversation has come to."""
        return self._scene.state

    @_state.setter
    def _state(self, state: State) -> None:
        self._goes_on(state, halted=self.halted)

    def _goes_on(self, state: State, *, halted: bool) -> None:
        """The next step is judged after this."""
        told = self._tell is not None
        self._scene = Scene(self._ground, self._context, state, told, halted)

    def _wait(self) -> None:
        """Take the lock when the thread that has it is done."""
        if self._holder == get_ident():
            raise RuntimeError("this thread is in the middle of a decision of this session")
        self._lock.acquire()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Have the session to oneself."""
        if not self._lock.acquire(blocking=False):
            self._wait()
        self._holder = get_ident()
        try:
            yield
        finally:
            self._holder = None
            self._lock.release()

    def _content(self) -> dict[str, Any]:
        from remit.state.keep import state_to_data

        return {"index": self._index, "halted": self.halted, "context": self._context,
                "state": state_to_data(self._state)}  # fmt: skip

    # ---- on the way to a decision

    def _step_by_step(self, deciding: Deciding) -> Decision:
        """What comes of it, once each question to a judge was waited for."""
        try:
            questions = next(deciding)
            while True:
                questions = deciding.send(self._ask(questions))
        except StopIteration as done:
            return self._went_on(done.value)

    def _deciding(self, step: Step | Mapping[str, Any], seen: View | None) -> Deciding:
        """The decision on any step, with its questions to judges; `seen` is of `at_once`."""
        index, self._index = self._index, self._index + 1
        try:
            proper = step if isinstance(step, Step) else _from_mapping(step)
        except Exception as error:  # noqa: BLE001 - whatever was given, the answer is deny
            return Decision.failed(self._ground, _nothing(), index, error)
        problem = malformed(proper)
        if problem is not None:
            return Decision.refused(self._ground, _nothing(), index, ENGINE_ERROR, problem)
        if self.halted:
            text = "an earlier step halted the conversation"
            return Decision.refused(self._ground, proper, index, HALTED, text)
        problem = self._strange_directive(proper)
        if problem is not None:
            return Decision.refused(self._ground, proper, index, ENGINE_ERROR, problem)
        program = self._ground.program
        return (yield from decisions(
            program, self._ground, proper, self._context, index, self._state, seen
        ))  # fmt: skip

    def _strange_directive(self, step: Step) -> str | None:
        """What is wrong with a directive that the host gives; to leave it out would be lax."""
        if not step.directives:
            return None
        from remit.state.hear import find

        templates = self._ground.program.templates
        if isinstance(step, Call):
            return "a call says nothing, so it cannot give a directive"
        for given in step.directives:
            try:
                directive = templates[find(self._state, given.name)].directive
            except KeyError:
                told = meant(given.name, [one.rpartition("::")[2] for one in templates])
                return f"the policy has no one directive `{given.name[:80]}`{told}"
            strange = [name for name in given.values if name not in directive.words]
            if strange:
                return f"the directive `{given.name}` has no word `{str(strange[0])[:80]}`"
        return None

    def _went_on(self, decision: Decision, turn: frozenset[str] | None = None) -> Decision:
        """What is to be known about a decision is told, and then kept; if not, it is a deny."""
        if decision.verdict == "halt":
            self._goes_on(self._state, halted=True)
        told = decision if self._tell is None else self._tell.decided(decision)
        if isinstance(decision.made[4], Scene):  # it leaves all as it is, but for the turn
            if turn is not None and (told is decision or not decision):
                state = self._state
                self._state = state.moved(turn, state.consent, turn_seen=state.turn_seen)
            return told
        try:
            state = advance(self._state, told if decision else decision)
            if state is not self._state or state.memory.filled is None:
                self._state = state
        except Exception as error:  # noqa: BLE001 - what cannot be remembered must not happen
            failed = Decision.failed(self._ground, decision.step, decision.index, error)
            return failed if self._tell is None else self._tell.corrected(failed)
        if decision.view is not None:
            decision.view.forget()
        return told

    def _ask(self, questions: Questions) -> Answers:
        if not self._judges:
            return {}
        from remit.judges.ask import ask

        return dict(zip(questions, ask(self._judges, _questions(questions)), strict=True))

    async def _ask_async(self, questions: Questions) -> Answers:
        if not self._judges:
            return {}
        from remit.judges.ask import ask_async

        answers = await ask_async(self._judges, _questions(questions))
        return dict(zip(questions, answers, strict=True))


def meant(name: str, known: Iterable[str]) -> str:
    """What may have been meant by a name that is not known, to be put behind a message."""
    from remit_grammar.diagnostic import did_you_mean

    near = did_you_mean(name[:80], known)
    return f"; did you mean `{near}`?" if near else ""


def _questions(questions: Questions) -> list[Question]:
    from remit.judges.model import Question

    return [Question(judge, asked, text) for (judge, asked, _), text in questions.items()]


def _narrowing(settings: Mapping[str, Any], name: str, value: Any) -> tuple[str, Any]:
    """The operator and the value with which a hand-over narrows a setting."""
    if name not in settings:
        told = meant(str(name), settings)
        raise ValueError(f"the policy has no setting `{str(name)[:80]}`{told}")
    from remit.program.domain import whole

    kind = settings[name].type
    op, plain = value if isinstance(value, tuple) and len(value) == 2 else (
        "in" if kind.kind == "set" else "=", value
    )  # fmt: skip
    if whole(kind).narrow(op, plain) is None:
        raise ValueError(f"the setting `{name}` ({kind}) cannot be {plain!r}")
    return op, plain


def _named(context: Any) -> dict[str, Any]:
    if type(context) is not dict or not all(type(name) is str for name in context):
        raise ValueError("a context without names")
    return context


def _from_mapping(data: Any) -> Step:
    from remit.conversation.from_steps import step_from_json

    return step_from_json(data)


def _nothing() -> Step:
    from remit.conversation.model import Message

    return Message(role="", text="")
