"""One conversation of an agent under a policy: events in, verdicts out.

Nothing that happens here raises into a framework, which may take an error for leave: whatever
fails is a deny. What may raise is what the host's own people do: answering, saving, handing on.
"""

from __future__ import annotations

from _thread import allocate_lock, get_ident
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from remit.conversation.model import Call, Message, Result, Step
from remit.hooks.events import POINTS, Event, Reply, Request, Verdict
from remit.host import asked, verdicts
from remit.host.asked import same_call
from remit.host.canary import CANARY, MESSAGE, held_back
from remit.host.history import WITHHELD, History, said_instead
from remit.state.approve import ApprovalError

if TYPE_CHECKING:
    from remit.host.guard import Guard
    from remit.host.stream import Stream
    from remit.session import Session
    from remit.verdict.model import Decision

Deciding = Generator[Step, "Decision", Verdict]
ACTS = ("pre_tool_call", "handoff")  # points at which there is a step, or nothing can be judged
YES: tuple[object, ...] = (True, "approve", "approved", "yes")  # what frameworks give for a yes


class Gate:
    """A conversation under a policy. Make it with `Guard.gate`, `Guard.restore` or `hand_on`.

    `decide` and `adecide` judge events in the order in which they come; threads and tasks take
    turns. `conversation` is its name, `agent` who acts where an event does not say. `roles` renames
    roles of the framework's messages. `is_child`: a sub-agent's, which its guard does not keep.
    """

    def __init__(
        self, guard: Guard, session: Session, conversation: str, agent: str = "", *,
        roles: Mapping[str, str] | None = None, history: History | None = None,
        waiting: asked.Waiting | None = None, is_child: bool = False,
    ) -> None:  # fmt: skip
        self.guard = guard
        self.session = session
        self.conversation = conversation
        self.agent = agent
        self.roles = dict(roles or {})
        self.is_child = is_child
        self.history = history or History()
        self._waiting = waiting or {}
        self._lock = allocate_lock()
        self._holder: int | None = None

    # ---- verdicts

    def decide(self, event: Event) -> Verdict:
        """What the host does with an event. Raises nothing; what cannot be judged is a deny."""
        try:
            with self._turn():
                verdict = self._decided(event)
        except Exception as error:  # noqa: BLE001 - a framework may take an error for leave
            return verdicts.failed(error, event)
        return self._carried_out(event, verdict)

    async def adecide(self, event: Event) -> Verdict:
        """As `decide`, but others run while judges are waited for."""
        try:
            await self._aturn()
            try:
                verdict = await self._adecided(event)
            finally:
                self._leave()
        except Exception as error:  # noqa: BLE001 - as above
            return verdicts.failed(error, event)
        return self._carried_out(event, verdict)

    def _decided(self, event: Event) -> Verdict:
        deciding = self._deciding(event)
        try:
            step = next(deciding)
            while True:
                step = deciding.send(self.session.decide(step))
        except StopIteration as done:
            verdict: Verdict = done.value
            return verdict

    async def _adecided(self, event: Event) -> Verdict:
        deciding = self._deciding(event)
        try:
            step = next(deciding)
            while True:
                step = deciding.send(await self.session.adecide(step))
        except StopIteration as done:
            verdict: Verdict = done.value
            return verdict

    def _carried_out(self, event: Event, verdict: Verdict) -> Verdict:
        return verdicts.watched(verdict, event.steps) if self.guard.mode == "shadow" else verdict

    def _deciding(self, event: Event) -> Deciding:
        """Judge the new steps of an event; yields each, and is sent the decision."""
        self._told(event)
        if event.point == "pre_tool_call" and any(map(_is_canary, event.steps)):
            held_back()
            return verdicts.denied("canary", MESSAGE, event.steps)
        if event.point not in POINTS or (event.point in ACTS and not event.steps):
            return verdicts.denied("not_shown", verdicts.FAILED, event.steps)
        after: list[Step] = []
        made: list[Decision] = []
        blocking: list[Decision] = []
        request = None
        for at, (step, old) in enumerate(zip(event.steps, self.history.of(event), strict=True)):
            if old is not None:
                after.append(old)
                continue
            decision = yield self._spoken(step)
            made.append(decision)
            goes_on = self._after(step, decision)
            self.history.keep(event, at, goes_on)
            if goes_on is None and _may_be_withheld(event, step) and not verdicts.stops(decision):
                after.append(said_instead(step, WITHHELD))
                continue
            after.append(step if goes_on is None else goes_on)
            blocking.append(decision)
            request = self._request(decision, event) or request
        if not made and self.session.halted and event.point != "agent_shutdown":
            return verdicts.ended(event.steps)
        return verdicts.verdict_of(blocking, made, after, event.steps, request)

    def _told(self, event: Event) -> None:
        """Have the plugins told who acts."""
        tell = self.session.teller
        if tell is not None:
            tell.agent = event.agent or self.agent

    def _spoken(self, step: Step) -> Step:
        """A step as the session gets it: roles of the framework renamed, directives recognised."""
        role = self.roles.get(step.role)
        if role is not None and isinstance(step, Message):
            step = replace(step, role=role)
        given = () if isinstance(step, Call) else self.guard.recognised(step)
        return replace(step, directives=(*step.directives, *given)) if given else step

    @staticmethod
    def _after(step: Step, decision: Decision) -> Step | None:
        """The step as it goes on, in the host's words; None where it does not."""
        if not decision:
            return None
        if not decision.changes:
            return step
        return replace(decision.after, role=step.role, directives=step.directives)

    # ---- approvals

    @property
    def waiting(self) -> tuple[Request, ...]:
        """The requests that wait for an answer, the oldest first."""
        return tuple(self._waiting.values())

    def _request(self, decision: Decision, event: Event) -> Request | None:
        if decision.verdict != "ask":
            self._waiting = asked.without(self._waiting, decision)
            return None
        agent = event.agent or self.agent
        made = asked.request_of(decision, self.conversation, agent, self.guard.expires())
        return made and asked.wait(self._waiting, made)

    def answer(self, request: Request | str, reply: Reply | bool) -> None:
        """Somebody answers a request, or the id of one. Propose the call again to go on.

        Raises `ApprovalError` where nobody waits for that answer any more: it was given, it came
        too late, or the plan changed.
        """
        with self._turn():
            self._answer(request, reply)

    async def aanswer(self, request: Request | str, reply: Reply | bool) -> None:
        """As `answer`, in an event loop, where another task may have its turn."""
        await self._aturn()
        try:
            self._answer(request, reply)
        finally:
            self._leave()

    def _answer(self, request: Request | str, reply: Reply | bool) -> None:
        name = request if isinstance(request, str) else request.id
        found = self._waiting.get(name)
        if found is None:
            raise ApprovalError("nobody waits for this answer: it was given, or never asked for")
        reply = reply if isinstance(reply, Reply) else Reply(reply is True)
        late = self.guard.is_over(found)
        if late or not reply.yes:
            del self._waiting[name]
            why = "the answer came too late" if late else reply.unheard
            for who in found.people:
                self._say(found, who, Reply(False, reply.person, unheard=why))
            if late:
                raise ApprovalError("the answer came too late: propose the call again")
            return
        names = reply.by or found.people
        for who in names:  # all of them, before any yes counts
            if who not in found.people:
                people = " and ".join(found.people)
                raise ApprovalError(f"`{who}` is not asked about this call, but `{people}`")
        for who in names:
            self._say(found, who, reply)

    def _say(self, request: Request, who: str, reply: Reply) -> None:
        say = self.session.approve if reply.yes else self.session.refuse
        try:
            say(request.call, who, person=_person(reply))
        except ApprovalError:
            if reply.yes:  # a no to what is not asked any more changes nothing
                raise

    def resume(self, event: Event, verdict: Verdict, reply: Any) -> Verdict:
        """What the host does once somebody answered what a verdict on the event asked.

        `reply` is a `Reply`, True, or the plain data of one (`{"yes": True, "person": "eve"}`);
        anything else is a no. Data with an `id` is only for the request of that id. Where the event
        holds an edited call, a yes is not for it: it is judged as any other, and may ask anew.
        """
        if reply_of(reply).yes and _is_edited(event, verdict):
            return self.decide(event)
        try:
            with self._turn():
                heard = self._heard(event, verdict, reply)
        except RuntimeError as error:  # the thread is in the middle of an event
            return verdicts.failed(error, event)
        return _settled(self.decide(event)) if heard is None else heard

    async def aresume(self, event: Event, verdict: Verdict, reply: Any) -> Verdict:
        """As `resume`, in an event loop."""
        if reply_of(reply).yes and _is_edited(event, verdict):
            return await self.adecide(event)
        await self._aturn()
        try:
            heard = self._heard(event, verdict, reply)
        finally:
            self._leave()
        return _settled(await self.adecide(event)) if heard is None else heard

    def _heard(self, event: Event, verdict: Verdict, reply: Any) -> Verdict | None:
        """The deny where an answer does not let the call go on; None where it may."""
        if verdict.request is None:
            return verdicts.denied("not_asked", "nobody was asked about this", event.steps)
        said = reply_of(reply)
        if isinstance(reply, Mapping) and reply.get("id", verdict.request.id) != verdict.request.id:
            return verdicts.denied("not_asked", "the answer is to another request", event.steps)
        try:
            self._answer(verdict.request, said)
        except Exception as error:  # noqa: BLE001 - an answer that cannot be given is a no
            return verdicts.denied("not_approved", str(error)[:200], event.steps)
        if said.yes:
            return None
        text = verdicts.refused(verdict.request, said)
        return verdicts.denied("refused", text, event.steps)

    def settle(self, event: Event, verdict: Verdict) -> Verdict:
        """Have the approvers of the guard asked, where a verdict asks; any other comes back.

        For hosts that cannot stop and go on later. Without an approver, an answer or time it is a
        deny.
        """
        if verdict.request is None:
            return verdict
        return self.resume(event, verdict, self.guard.ask(verdict.request))

    async def asettle(self, event: Event, verdict: Verdict) -> Verdict:
        """As `settle`; others run meanwhile."""
        if verdict.request is None:
            return verdict
        reply = await self.guard.ask_async(verdict.request)
        return await self.aresume(event, verdict, reply)

    # ---- elsewhere and later

    def hand_on(
        self, agent: str, level: str | None = None, settings: Mapping[str, Any] | None = None
    ) -> Gate:
        """The gate of a sub-agent: nobody speaks there above `level`, or above the cap here.

        Whoever gives the sub-agent its task is this agent, so what it hears as the user's word
        there has no authority. Without a level it is `user`, or the weakest of the chain. Raises
        as `Session.hand_on`.
        """
        chain = self.guard.policy.ground.program.chain
        rank = level or ("user" if "user" in chain else chain[-1])
        session = self.session.hand_on(rank, settings)
        roles = {**self.roles, "user": "agent"}
        return Gate(self.guard, session, self.conversation, agent, roles=roles, is_child=True)

    def stream(self, point: str = "post_model_call") -> Stream:
        """Holds back what the agent says in pieces, until it is decided."""
        from remit.host.stream import Stream

        return Stream(self, point)  # type: ignore[arg-type] # checked when the event is made

    def save(self) -> bytes:
        """The gate as bytes, from which `Guard.restore` goes on, in another process too.

        Raises `ValueError` as `Session.save`; it has the same limits: no code, no signature.
        """
        from remit.host.save import pack

        with self._turn():
            return pack(self)

    # ---- one at a time

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._lock.acquire(blocking=False):
            if self._holder == get_ident():
                raise RuntimeError("this thread is in the middle of an event of this gate")
            self._lock.acquire()
        self._holder = get_ident()
        try:
            yield
        finally:
            self._leave()

    async def _aturn(self) -> None:
        from asyncio import sleep

        while not self._lock.acquire(blocking=False):
            await sleep(0.001)
        self._holder = get_ident()

    def _leave(self) -> None:
        self._holder = None
        self._lock.release()


def reply_of(data: Any, id: str = "") -> Reply:
    """What a framework gives as the answer of a person; what is no plain yes is a no.

    With the `id` of a request, so is data that names another one.
    """
    if isinstance(data, Reply):
        return data
    if isinstance(data, Mapping):
        if id and data.get("id", id) != id:
            return Reply(yes=False)
        said = [data[name] for name in ("yes", "approved", "decision") if name in data]
        by = data.get("by") or ()
        yes = all(map(_is_yes, said or [data.get("type")])) and isinstance(by, (list, tuple))
        return Reply(yes, str(data.get("person") or ""), tuple(map(str, by)) if yes else ())
    return Reply(_is_yes(data))


def _person(reply: Reply) -> str:
    """Who is told to have answered: a no that nobody said must not stand as somebody's."""
    if not reply.unheard:
        return reply.person
    return f"nobody: {reply.unheard}" + (f", from {reply.person}" if reply.person else "")


def _is_yes(data: Any) -> bool:
    return data is True or (isinstance(data, str) and data in YES)


def _is_edited(event: Event, verdict: Verdict) -> bool:
    """Whether an event holds another call than the one that was asked about."""
    if verdict.request is None or not event.steps:
        return False
    known = [verdict.request.call, *(one.step for one in verdict.decisions)]
    new = event.steps[-1]
    return not any(
        isinstance(one, Call) and isinstance(new, Call) and same_call(one, new) for one in known
    )


def _settled(verdict: Verdict) -> Verdict:
    """After an answer nobody is asked again: what still asks is denied."""
    if verdict.kind != "ask":
        return verdict
    return replace(verdict, kind="deny", request=None, reason=f"{verdict.reason}:not_approved")


def _is_canary(step: Step) -> bool:
    return isinstance(step, Call) and step.tool == CANARY


def _may_be_withheld(event: Event, step: Step) -> bool:
    """Whether a model call goes on without a step that must not be seen: what was said before."""
    if event.point != "pre_model_call":
        return False
    return isinstance(step, Result) or step is not event.steps[-1]
