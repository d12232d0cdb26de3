"""Approvals: bound to policy, tool, arguments and conversation, once, also in another process."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

import remit
from remit import ApprovalError, Call, Message, Policy, RestoreError, Result
from remit.hooks import hookimpl
from remit.hooks.events import Event, Reply, Request
from remit.hooks.model import Answered
from remit.host.gate import Gate, reply_of
from remit.host.guard import Guard
from remit.seal import sealed

SPEC = """
spec desk
author developer
tool pay(to: text, amount: number)
clause large
  forbid call pay where amount > 100
  otherwise ask manager advise "A manager is asked."
clause larger
  forbid call pay where amount > 500
  otherwise ask cfo
clause theirs
  forbid call pay where to is "Eve"
  otherwise ask user
clause unsaid
  forbid message from assistant where text contains "bye"
  otherwise ask manager
"""


@pytest.fixture(scope="module")
def policy() -> Policy:
    return remit.load(SPEC)


@pytest.fixture
def gate(policy: Policy) -> Gate:
    return Guard(policy).gate("c1", agent="desk")


def pay(amount: int = 300, to: str = "Bob") -> Event:
    """A payment is about to be made."""
    return Event("pre_tool_call", (Call("pay", {"to": to, "amount": amount}),), "c1")


def asked(gate: Gate, event: Event | None = None) -> Request:
    """What people are asked."""
    request = gate.decide(event or pay()).request
    assert request is not None
    return request


def test_a_request_says_all(gate: Gate, policy: Policy) -> None:
    """As plain data; the same call has the same id, and nothing else has."""
    request = asked(gate, pay(600))
    data = request.to_json()
    assert data["people"] == ["manager", "cfo"]
    assert (data["tool"], data["args"]) == ("pay", {"to": "Bob", "amount": 600})
    assert (data["conversation"], data["agent"]) == ("c1", "desk")
    assert data["policy"] == policy.digest
    assert data["clauses"] == ["desk::large", "desk::larger"]
    assert data["reason"].startswith("waits for a person by `large`")
    assert asked(gate, pay(600)) == request
    others = [asked(gate, pay(601)), asked(gate, pay(600, "Eve"))]
    others.append(asked(Guard(policy).gate("c2"), pay(600)))
    others.append(
        asked(Guard(remit.load(SPEC + "clause d\n  forbid handoff\n")).gate("c1"), pay(600))
    )
    assert len({request.id, *(one.id for one in others)}) == 5


def test_a_yes_is_for_one_call_once(gate: Gate) -> None:
    """An edited call is decided anew."""
    verdict = gate.decide(pay())
    assert (verdict.kind, verdict.message) == ("ask", "A manager is asked.")
    edited = gate.resume(pay(301), verdict, reply=True)
    assert edited.kind == "ask"
    assert edited.request != verdict.request
    assert gate.resume(pay(9), verdict, reply=True)
    assert verdict.request is not None
    stray = gate.resume(pay(), verdict, {"yes": True, "id": "of another"})
    assert stray.reason == "remit:not_asked"
    assert verdict.request in gate.waiting
    assert gate.resume(pay(), verdict, True)
    assert gate.waiting[-1].call.args["amount"] == 301
    assert gate.decide(pay()).kind == "ask"
    assert asyncio.run(gate.aresume(pay(), gate.decide(pay()), {"yes": True}))


@pytest.mark.parametrize(
    "reply", [False, None, "no", "reject", 1, {}, {"yes": 1}, Reply(yes=False)]
)
def test_whatever_is_no_yes_is_a_no(gate: Gate, reply: Any) -> None:
    """And the call does not run, then or later."""
    verdict = gate.resume(pay(), gate.decide(pay()), reply)
    assert (verdict.kind, verdict.reason) == ("deny", "remit:refused")
    assert verdict.message == "manager did not agree to this call"
    assert gate.waiting == ()
    assert gate.decide(pay()).kind == "ask"


def test_yes_as_frameworks_say_it() -> None:
    """And who said it."""
    for given in (True, "approve", {"type": "approve"}, {"decision": "approved"}):
        assert reply_of(given).yes
    assert reply_of({"yes": True, "person": "eve", "by": ["cfo"]}) == Reply(True, "eve", ("cfo",))
    assert reply_of({"id": "a", "yes": True}, "a").yes


NO: tuple[Any, ...] = (
    Reply("no"), Reply(1), {"yes": True, "approved": False}, {"yes": "approve", "decision": "no"},  # type: ignore[arg-type]
    {"yes": True, "by": "manager"}, {"yes": True, "by": {"manager": True}}, {}, 1, "YES",
)  # fmt: skip


@pytest.mark.parametrize("given", NO)
def test_what_is_no_plain_yes(gate: Gate, given: Any) -> None:
    """Also where an approver or a framework gives what is nearly one."""
    assert not reply_of(given).yes
    assert gate.resume(pay(), gate.decide(pay()), given).kind == "deny"
    assert gate.decide(pay()).kind == "ask"


def test_an_answer_to_another_request() -> None:
    """It is none to this one."""
    assert not reply_of({"id": "b", "yes": True}, "a").yes


def test_a_yes_in_the_name_of_a_stranger_is_none_at_all(gate: Gate) -> None:
    """Neither does it count for those who are asked and named beside."""
    both = Reply(True, "eve", ("manager", "eve"))
    assert gate.resume(pay(), gate.decide(pay()), both).reason == "remit:not_approved"
    assert gate.decide(pay()).kind == "ask"


def test_all_who_are_asked(gate: Gate) -> None:
    """One after the other, each in their own name."""
    request = asked(gate, pay(600))
    gate.answer(request, Reply(True, "ann", ("manager",)))
    assert gate.decide(pay(600)).kind == "ask"
    gate.answer(request.id, Reply(True, "bea", ("cfo",)))
    assert gate.decide(pay(600))
    with pytest.raises(ApprovalError, match="nobody waits"):
        gate.answer(request, True)


def test_calls_side_by_side(gate: Gate) -> None:
    """Asked of somebody who also speaks; both can be answered."""
    requests = [asked(gate, pay(amount, "Eve")) for amount in (1, 2)]
    for request in requests:
        gate.answer(request, True)
    assert [bool(gate.decide(pay(amount, "Eve"))) for amount in (1, 2, 1)] == [True, True, False]


def test_another_plan_takes_it_back(gate: Gate) -> None:
    """A yes that comes after is too late for whoever spoke."""
    request = asked(gate, pay(1, "Eve"))
    gate.decide(Event("input", (Message("user", "no, wait"),)))
    with pytest.raises(ApprovalError):
        gate.answer(request, True)
    verdict = gate.resume(pay(1, "Eve"), gate.decide(pay(1, "Eve")), True)
    assert verdict


def test_it_expires(policy: Policy) -> None:
    """By the clock of the host."""
    now = [1000.0]
    ears = Approver(None)
    gate = Guard(policy, plugins=[ears], keep=60, clock=lambda: now[0]).gate("c1")
    verdict = gate.decide(pay())
    now[0] += 61
    late = gate.resume(pay(), verdict, Reply(True, "ann"))
    assert [one.person for one in ears.heard] == ["nobody: the answer came too late, from ann"]
    assert late.reason == "remit:not_approved"
    assert "too late" in late.message
    assert gate.decide(pay()).kind == "ask"
    assert gate.resume(pay(), gate.decide(pay()), True)


def test_only_calls_can_be_approved(gate: Gate) -> None:
    """What is said and asks is denied, and says why."""
    verdict = gate.decide(Event("output", (Message("assistant", "bye"),)))
    assert (verdict.kind, verdict.request) == ("deny", None)
    assert "only a call can be approved" in verdict.message
    assert gate.resume(pay(1), verdict, True).reason == "remit:not_asked"


# ---- saved


def test_it_goes_on_where_it_was(gate: Gate, policy: Policy) -> None:
    """What was asked, what was shown, who speaks for whom."""
    sent = Event("pre_model_call", (Message("user", "hello"), Result("read", "x", id="1")))
    gate.decide(sent)
    request = asked(gate)
    gate.answer(request, Reply(True, "ann"))
    again = Guard(policy).restore(gate.save())
    assert (again.conversation, again.agent, again.roles) == ("c1", "desk", gate.roles)
    assert again.waiting == gate.waiting
    assert again.guard.gate("c1") is again
    assert again.decide(sent).decisions == ()
    assert again.decide(pay())
    assert not again.decide(pay())


OTHER_PROCESS = """
import sys
from pathlib import Path
import remit
from remit.hooks.events import Event
from remit.host.guard import Guard

folder = Path(sys.argv[1])
gate = Guard(remit.load(str(folder / "policy"))).restore((folder / "gate").read_bytes())
[request] = gate.waiting
event = Event("pre_tool_call", (request.call,), gate.conversation)
ran = 0
verdict = gate.resume(event, gate.decide(event), {"yes": True, "person": "ann"})
ran += bool(verdict)
ran += bool(gate.decide(event))
print(ran)
"""


def test_in_another_process(gate: Gate, policy: Policy, tmp_path: Path) -> None:
    """Saved here, approved there: it runs once."""
    asked(gate)
    (tmp_path / "policy").write_bytes(policy.store())
    (tmp_path / "gate").write_bytes(gate.save())
    done = subprocess.run(
        [sys.executable, "-c", OTHER_PROCESS, str(tmp_path)],
        capture_output=True, text=True, check=False,
        env={"PYTHONPATH": ":".join(sys.path), "PATH": ""},
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("1\n", "")


def test_what_cannot_be_used_is_refused(gate: Gate, policy: Policy) -> None:
    """In one line, whatever it is."""
    asked(gate)
    whole = gate.save()
    other = Guard(remit.load(SPEC + "clause d\n  forbid handoff\n"))
    with pytest.raises(RestoreError, match="another policy"):
        other.restore(whole)
    bad = [b"", whole[:-1], whole[:60], b"x" + whole, sealed(b"REMITG\r\n", 1, policy.digest, b"x")]
    for data in bad:
        with pytest.raises(RestoreError, match="no saved gate"):
            Guard(policy).restore(data)


# ---- approvers


class Approver:
    """Answers as it is told, and hears what was answered."""

    def __init__(self, reply: Any) -> None:
        self.reply = reply
        self.heard: list[Answered] = []

    @hookimpl
    def remit_approve(self, request: Request) -> Any:
        """Answer, or run what answers."""
        return self.reply(request) if callable(self.reply) else self.reply

    @hookimpl
    def remit_answered(self, answered: Answered) -> None:
        """Hear."""
        self.heard.append(answered)


def _raises(request: Request) -> bool:
    raise OSError("no terminal")


async def _later(request: Request) -> Reply:
    await asyncio.sleep(0)
    return Reply(True, "ann")


APPROVERS: dict[str, tuple[Any, bool]] = {
    "yes": (True, True), "a reply": (Reply(True, "ann"), True), "a coroutine": (_later, True),
    "no": (False, False), "nobody": (None, False), "no yes": ("yes", False),
    "an error": (_raises, False),
}  # fmt: skip

UNHEARD = {"nobody": "there is no approver for it", "an error": "the approver failed"}


@pytest.mark.parametrize("case", APPROVERS)
def test_approvers(policy: Policy, case: str) -> None:
    """The first that answers is heard, and what is no plain yes is a no."""
    reply, yes = APPROVERS[case]
    approver = Approver(reply)
    gate = Guard(policy, plugins=[approver]).gate("c1")
    assert bool(gate.settle(pay(), gate.decide(pay()))) == yes
    other = Guard(policy, plugins=[approver]).gate("c1")

    async def settled() -> bool:
        return bool(await other.asettle(pay(), await other.adecide(pay())))

    assert asyncio.run(settled()) == yes
    assert [(one.by, one.yes) for one in approver.heard] == [("manager", yes)] * 2
    if case in ("a reply", "a coroutine"):
        assert approver.heard[0].person == "ann"
    if case in UNHEARD:  # the record must not say that the manager said no
        assert {one.person for one in approver.heard} == {f"nobody: {UNHEARD[case]}"}
    assert gate.settle(pay(1), gate.decide(pay(1)))  # nobody is asked


def test_who_does_not_answer_in_time(policy: Policy) -> None:
    """The call is denied, and nobody waits for the rest."""
    go_on = threading.Event()
    late = Approver(lambda request: go_on.wait(60))
    gate = Guard(policy, plugins=[late], wait=0.05).gate("c1")
    try:
        assert gate.settle(pay(), gate.decide(pay())).reason == "remit:refused"

        async def settled() -> str:
            return (await gate.asettle(pay(), await gate.adecide(pay()))).reason

        assert asyncio.run(settled()) == "remit:refused"
        assert {one.person for one in late.heard} == {"nobody: there was no answer in time"}
    finally:
        go_on.set()


def test_without_an_approver_it_is_a_deny(gate: Gate) -> None:
    """Nobody can be asked, so nobody agreed."""
    assert gate.settle(pay(), gate.decide(pay())).reason == "remit:refused"
