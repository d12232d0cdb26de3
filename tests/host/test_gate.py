"""Events in, verdicts out: what a host does at each point, and that it fails closed."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import remit
from remit import Call, Given, Handoff, Message, Policy, Result
from remit.hooks import hookimpl
from remit.hooks.events import Event, Verdict, strictest
from remit.hooks.model import Told
from remit.host.gate import Gate
from remit.host.guard import Guard
from remit.host.history import WITHHELD
from remit.judges.model import Answer

SPEC = """
spec desk
author developer
tool pay(to: text, amount: number)
tool read(path: text)
tool rm(path: text)
setting most: number default 100

clause pay.most "Not that much."
  forbid call pay where amount > most
  otherwise deny advise "Pay less."
clause pay.cents
  forbid call pay where amount is 7
  otherwise rewrite amount to 8
clause pay.asked
  forbid call pay where to is "Eve"
  otherwise ask manager advise "A manager is asked."
clause mail
  forbid result where has email
  otherwise redact
clause poison
  forbid result where text contains "poison"
clause said
  forbid message where text contains "secret"
  otherwise redact as "***"
clause rude
  forbid message from user where text contains "idiot"
clause stop
  forbid call rm
  otherwise halt
clause noted
  forbid handoff
  otherwise warn
directive limit
  heard /at most (?P<n>\\d+)/
  set most <= number of n
"""


@pytest.fixture(scope="module")
def policy() -> Policy:
    return remit.load(SPEC)


@pytest.fixture
def gate(policy: Policy) -> Gate:
    return Guard(policy).gate("c1", agent="desk")


def call(amount: object = 1, to: str = "Bob", id: str = "") -> Event:
    """A payment is about to be made."""
    return Event("pre_tool_call", (Call("pay", {"to": to, "amount": amount}, id=id),), "c1")


def says(text: str, point: Any = "input", role: str = "user") -> Event:
    """Somebody says something."""
    return Event(point, (Message(role, text),), "c1")


def gave(text: str, id: str = "") -> Event:
    """A tool gave something."""
    return Event("post_tool_call", (Result("read", text, id=id),), "c1")


VERDICTS: dict[str, tuple[Event, str, object]] = {
    "allow": (call(), "allow", {"to": "Bob", "amount": 1}),
    "deny": (call(900), "deny", None),
    "rewrite": (call(7), "transform", {"to": "Bob", "amount": 8}),
    "ask": (call(to="Eve"), "ask", None),
    "redacted result": (gave("to a@b.org"), "transform", "to [redacted]"),
    "denied result": (gave("poison"), "deny", None),
    "redacted message": (says("a secret", "output", "assistant"), "transform", "a ***"),
    "unknown": (call("7"), "deny", None),
    "nothing": (Event("agent_startup", conversation="c1"), "allow", None),
    "handoff": (Event("handoff", (Handoff("b", "go on"),), "c1"), "allow", "go on"),
}


@pytest.mark.parametrize("case", VERDICTS)
def test_verdicts(gate: Gate, case: str) -> None:
    """The same sync and async."""
    event, kind, left = VERDICTS[case]
    other = Guard(gate.guard.policy).gate("c1")
    for verdict in (gate.decide(event), asyncio.run(other.adecide(event))):
        assert verdict.kind == kind
        assert bool(verdict) == (kind in ("allow", "transform"))
        if verdict and event.steps:
            after: Any = verdict.after
            assert (dict(after.args) if after.kind == "call" else after.text) == left


def test_what_is_told(gate: Gate) -> None:
    """Advice for the model, a reason for the log, warnings."""
    verdict = gate.decide(call(900))
    assert verdict.message == "Pay less."
    assert verdict.reason == "remit:deny:desk::pay.most"
    assert [one.verdict for one in verdict.decisions] == ["deny"]
    assert "Not that much" not in verdict.message
    assert gate.decide(gave("poison")).message.startswith("denied by `poison`")
    assert len(gate.decide(Event("handoff", (Handoff("b"),))).warnings) == 1


def test_a_halt_ends_the_run(gate: Gate) -> None:
    """And every later event is denied, for the run."""
    verdict = gate.decide(Event("pre_tool_call", (Call("rm"),)))
    assert (verdict.kind, verdict.scope) == ("deny", "run")
    later = gate.decide(call())
    assert (later.kind, later.scope) == ("deny", "run")
    assert later.reason.startswith("remit:halted")
    again = gate.decide(Event("pre_model_call"))  # nothing new, but the model is not to go on
    assert (again.kind, again.scope) == ("deny", "run")
    assert again.reason == "remit:halted"
    assert gate.decide(Event("agent_shutdown"))


class Broken:
    """A plugin in which everything fails."""

    @hookimpl
    def remit_decided(self, told: Told) -> None:
        """Fail."""
        raise OSError("no space left on device")


class Ears(Broken):
    """A recogniser that fails."""

    @hookimpl
    def remit_recognise(self, step: object) -> list[Given]:
        """Fail, otherwise."""
        raise KeyError("gone")

    @hookimpl
    def remit_decided(self, told: Told) -> None:
        """Hear."""


@pytest.mark.parametrize("plugin", [Broken(), Ears()])
def test_a_plugin_that_fails_denies(policy: Policy, plugin: object) -> None:
    """In our namespace, whatever it raises; the model hears nothing of it."""
    gate = Guard(policy, plugins=[plugin]).gate("c1")
    event = call() if type(plugin) is Broken else says("hello")
    for verdict in (gate.decide(event), asyncio.run(gate.adecide(event))):
        assert verdict.kind == "deny"
        assert verdict.reason.startswith("remit:engine_error: ")
        assert "space" not in verdict.message
    assert gate.decide(call()).kind == ("deny" if type(plugin) is Broken else "allow")


def test_what_is_no_step_denies(gate: Gate) -> None:
    """And so does what is no event."""
    odd: Any = ((object(), 1, None), (1,), None, 5, "ab")
    for event in (*(Event("pre_tool_call", one) for one in odd), *odd):
        for verdict in (gate.decide(event), asyncio.run(gate.guard.adecide(event))):
            assert verdict.kind == "deny"
            assert verdict.reason.startswith("remit:engine_error: ")
    assert strictest([None]).kind == "deny"


def test_a_judge_that_asks_its_gate_does_not_hang() -> None:
    """It gets a deny, and nobody waits for ever."""
    policy = remit.load(
        "spec s\nauthor developer\nclause c\n"
        '  forbid message from user where judged "is rude" by reader\n'
    )
    seen: list[Verdict] = []

    class Asking:
        immediate = True

        def answer(self, question: object) -> Answer:
            """Ask the gate that asks."""
            seen.append(mine.decide(says("x")))
            return Answer(truth=False)

    mine = Guard(policy, judges={"reader": Asking()}).gate("c1")
    assert mine.decide(says("hello"))
    assert seen[0].reason.startswith("remit:engine_error: RuntimeError")


def test_parallel_calls_take_turns(policy: Policy) -> None:
    """In threads and in tasks, each decided once."""
    policy = remit.load(
        "spec s\nauthor developer\ntool pay(to: text, amount: number)\nclause twice\n"
        "  forbid call pay where (count of call pay) >= 2\n"
    )
    gate = Guard(policy).gate("c1")
    with ThreadPoolExecutor(4) as pool:
        verdicts = list(pool.map(gate.decide, [call()] * 12))
    assert sum(map(bool, verdicts)) == 2

    async def together(gate: Gate) -> list[Verdict]:
        return await asyncio.gather(*(gate.adecide(call()) for _ in range(12)))

    assert sum(map(bool, asyncio.run(together(Guard(policy).gate("c1"))))) == 2


# ---- who speaks


def test_a_system_prompt_speaks_for_the_developer(policy: Policy) -> None:
    """Unless the host says otherwise; a user may not speak for it, nor a sub-agent's task."""
    for roles, kind in (({}, "deny"), ({"system": "agent"}, "allow")):
        gate = Guard(policy, roles=roles).gate("c1")
        sent = (Message("system", "Spend at most 20."), Message("user", "hi"))
        assert gate.decide(Event("pre_model_call", sent))
        assert gate.decide(call(30)).kind == kind


def test_plugins_recognise_directives(policy: Policy) -> None:
    """With the authority of whoever speaks."""

    class Ear:
        @hookimpl
        def remit_recognise(self, step: Any, directives: tuple[str, ...]) -> list[Given] | None:
            """Hear what no pattern hears."""
            assert directives == ("desk::limit",)
            return [Given("limit", {"n": "5"})] if "thrifty" in step.text else None

    gate = Guard(policy, plugins=[Ear()]).gate("c1")
    assert gate.decide(gave("be thrifty"))
    assert gate.decide(call(30))
    assert gate.decide(says("be thrifty")).steps == (Message("user", "be thrifty"),)
    assert not gate.decide(call(30))


def test_a_sub_agent_has_less_authority(policy: Policy) -> None:
    """Whoever gives it its task is no user; its own developer speaks as a user; never more."""
    gate = Guard(policy).gate("c1")
    gate.decide(says("at most 50"))
    child = gate.hand_on("helper")
    assert not child.decide(call(60))
    child.decide(says("at most 1"))
    assert child.decide(call(40))  # the task has no authority
    child.decide(Event("pre_model_call", (Message("system", "at most 10"),)))
    assert not child.decide(call(40))
    assert gate.decide(call(40))


# ---- what a framework sends again


def sent(*steps: Any, ids: tuple[str, ...] = ()) -> Event:
    """A model is about to be called."""
    return Event("pre_model_call", steps, "c1", ids=ids)


COUNTING = """
spec count
author developer
clause thrice
  forbid message from user where (count of message from user) >= 3
clause poison
  forbid result where text contains "poison"
clause mail
  forbid result where has email
  otherwise redact as "(mail)"
clause rude
  forbid message from user where text contains "idiot"
"""
YES, OK = Message("user", "yes"), Message("assistant", "ok")


def counting() -> Gate:
    """A gate that takes three messages of the user."""
    return Guard(remit.load(COUNTING)).gate("c1")


def test_a_history_is_judged_once() -> None:
    """The same words again are a new message, and an old one that is sent again is not."""
    gate = counting()
    history: list[Any] = []
    for turn in range(4):
        history.append(YES)
        verdict = gate.decide(sent(*history))
        assert bool(verdict) == (turn < 3)
        assert gate.decide(sent(*history)).kind in ("allow", "transform")  # a retry
        gate.decide(says("ok", "post_model_call", "assistant"))
        history.append(OK)


def test_a_history_that_was_cut_is_judged_once() -> None:
    """What was shown before the cut is known, and the new message with old words is not."""
    gate = counting()
    assert gate.decide(sent(YES, OK, YES))
    gate.decide(says("ok", "post_model_call", "assistant"))
    assert gate.decide(sent(YES, OK, YES))
    assert len(gate.decide(sent(YES, OK, YES)).decisions) == 0
    gate.decide(says("ok", "post_model_call", "assistant"))
    assert not gate.decide(sent(OK, YES, OK, YES))


def test_input_and_output_are_judged_once() -> None:
    """What was shown at an earlier point, in this turn."""
    gate = counting()
    for _ in range(3):
        assert len(gate.decide(says("yes")).decisions) == 1
        assert gate.decide(sent(YES)).decisions == ()
        assert len(gate.decide(says("ok", "post_model_call", "assistant")).decisions) == 1
        assert gate.decide(says("ok", "output", "assistant")).decisions == ()
    assert not gate.decide(says("yes"))


def test_ids_tell_messages_apart() -> None:
    """Wherever they stand; what was edited is another message."""
    gate = counting()
    assert len(gate.decide(sent(YES, YES, ids=("1", "2"))).decisions) == 2
    assert gate.decide(sent(YES, ids=("2",))).decisions == ()
    assert len(gate.decide(sent(YES, Message("user", "no"), ids=("1", "2"))).decisions) == 1


def test_what_is_denied_is_withheld_later() -> None:
    """So that one bad message or result does not end the conversation."""
    gate = counting()
    bad = Message("user", "you idiot")
    assert not gate.decide(sent(bad))
    verdict = gate.decide(sent(bad, OK, YES))
    assert verdict.kind == "transform"
    assert verdict.steps[0] == Message("user", WITHHELD)
    found = Result("read", "poison", id="7")
    again = gate.decide(sent(bad, OK, YES, found))
    assert again.kind == "transform"
    assert again.steps[3] == Result("read", WITHHELD, id="7")


def test_a_changed_result_stays_changed() -> None:
    """Whether the framework keeps our text or its own."""
    gate = counting()
    shown = Result("read", "ask a@b.org", id="7")
    verdict = gate.decide(Event("post_tool_call", (shown,)))
    assert verdict.after == Result("read", "ask (mail)", id="7")
    assert gate.decide(sent(YES, Call("read", id="7"), shown)).steps[2] == verdict.after
    assert gate.decide(sent(YES, Call("read", id="7"), verdict.after, OK)).kind == "allow"


def test_a_changed_error_stays_changed() -> None:
    """The error of a tool is a result, too."""
    gate = counting()
    shown = Result("read", error="ask a@b.org", id="7")
    after = gate.decide(Event("post_tool_call", (shown,))).after
    assert after == Result("read", error="ask (mail)", id="7")
    assert gate.decide(sent(YES, Call("read", id="7"), shown)).steps[2] == after
    assert gate.decide(sent(YES, Call("read", id="7"), after, OK)).kind == "allow"
    assert gate.decide(sent(YES, Call("read"), Result("read", error="b"))).kind == "allow"


def test_a_denied_call_has_an_answer() -> None:
    """What stands for its result in the framework's history is our own text."""
    gate = Guard(remit.load(SPEC)).gate("c1")
    verdict = gate.decide(call(900, id="9"))
    told = Result("pay", f"Error: {verdict.message}", id="9")
    after = gate.decide(sent(YES, Call("pay", id="9"), told))
    assert after.kind == "allow"
    assert len(after.decisions) == 1  # the user's message


# ---- guards


def test_a_shadow_only_watches(policy: Policy) -> None:
    """Everything goes on as it was; the log and the plugins hear what would not."""
    gate = Guard(policy, mode="shadow").gate("c1")
    for event in (call(900), call(7), call(to="Eve")):
        verdict = gate.decide(event)
        assert verdict.kind == "allow"
        assert verdict.steps == event.steps
        assert verdict.warnings
    assert not gate.decide(call()).warnings


def test_gates_have_names(policy: Policy) -> None:
    """One for each conversation, until it is closed; without a name, always another."""
    guard = Guard(policy)
    assert guard.gate("a") is guard.gate("a")
    assert guard.gate("") is not guard.gate("")
    assert guard.gate().conversation
    kept = guard.gate("a")
    assert guard.decide(Event("pre_tool_call", (Call("read"),))).kind == "deny"
    assert guard.restore(kept.hand_on("b").save()) is not guard.gate("a")
    assert guard.gate("a") is kept
    guard.close("a")
    assert guard.gate("a") is not kept


def test_judges_of_plugins(policy: Policy) -> None:
    """The host's own come first; two plugins that give one are an error."""

    class Giving:
        @hookimpl
        def remit_judges(self) -> dict[str, Any]:
            """One."""
            return {"reader": lambda question: False}

    def mine(question: object) -> bool:
        return True

    assert Guard(policy, plugins=[Giving()]).judges["reader"] is not mine
    both = [Giving(), Giving()]
    assert Guard(policy, plugins=both, judges={"reader": mine}).judges == {"reader": mine}
    with pytest.raises(ValueError, match="two plugins give the judge `reader`"):
        Guard(policy, plugins=both)


def test_what_the_host_declares() -> None:
    """At the start of the conversation; what the policy does not declare is an error, or a deny."""
    text = "spec s\nauthor developer\ncontext tier: one of a, b default a\nclause c\n"
    policy = remit.load(text + "  forbid call where tier is b\n")
    guard = Guard(policy, context={"tier": "b"})
    assert not guard.gate("1").decide(call())
    assert guard.gate("2", context={"tier": "a"}).decide(call())
    start = Event("agent_startup", conversation="3", context={"tear": "a"})
    assert guard.decide(start).kind == "deny"
    with pytest.raises(ValueError, match="tear"):
        guard.gate("3", context={"tear": "a"})


@pytest.mark.parametrize("event", [
    Event("pre_tool_call"), Event("handoff"),
    Event("lunch", (Call("look", {}),)),  # type: ignore[arg-type] # what it is about
])  # fmt: skip
def test_what_shows_nothing_to_judge_is_denied(event: Event) -> None:
    """A tool without its call, a point that is none."""
    policy = remit.load("spec open\nauthor developer\ntool look()\n")
    verdict = Guard(policy).gate().decide(event)
    assert (verdict.kind, verdict.reason) == ("deny", "remit:not_shown")
