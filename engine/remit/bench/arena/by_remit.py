"""Remit itself on each workload: authority, defeats and the means of explaining all at work."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from itertools import count

import remit
from remit.conversation.model import Step

from .calls import ROLES, Calls, Judge, Request, Rule
from .texts import Scan, Texts
from .trace import INSIDE, Event, Start, Trace

_LEVELS = ("developer", "user")  # clauses take turns, so that both sides have weak and strong ones
_PARAMETERS = "amount: number, path: text, recipient: text, note: text"


def calls_spec(work: Calls) -> str:
    """W1 as a spec: each rule a clause, and a default that any permit beats."""
    head = [
        "spec bench.calls", "author developer",
        f"context principal: one of {', '.join(ROLES)}", "context conversation: record",
        *(f"tool {one}({_PARAMETERS})" for one in work.tools),
    ]  # fmt: skip
    clauses = [_clause(number, rule) for number, rule in enumerate(work.rules)]
    return "\n".join([*head, *clauses, "default deny for call at guideline", ""])


def _clause(number: int, rule: Rule) -> str:
    norm = "forbid" if rule.effect == "deny" else "permit"
    tests = (
        f'principal is {rule.role} and amount > {rule.above} and path starts with "{rule.prefix}"'
    )
    if rule.tool is None:
        tests = tests.replace("amount", "args.amount").replace("path", "args.path")
    at = _LEVELS[number % len(_LEVELS)]
    return f"clause {rule.id} at {at}\n  {norm} call {rule.tool or ''} where {tests}"


def call_of(request: Request) -> remit.Call:
    """A request as the step that a host makes of it."""
    context = {
        "principal": request["principal"]["role"],
        "conversation": request["conversation"],
    }
    return remit.Call(request["tool"], request["args"], context=context)


def answer(decision: remit.Decision) -> str:
    """What W1 wants to know of a decision."""
    if decision.verdict == "allow":
        return "allow"
    is_default = decision.decided_by == ("bench.calls::default.call",)
    return "default" if is_default else decision.verdict


def loader(work: Calls) -> Callable[[], remit.Policy]:
    """The policy from text, as far as it goes before the first decision."""
    text = calls_spec(work)
    return lambda: remit.load(text)


def loader_stored(work: Calls) -> Callable[[], remit.Policy]:
    """The policy from what was stored; norms are read when a step needs them."""
    data = stored(work)
    return lambda: remit.Policy.from_store(data)


def loader_decides(work: Calls) -> Callable[[], remit.Decision]:
    """The policy from what was stored, and a first decision."""
    data, step = stored(work), call_of(work.requests[0])
    return lambda: remit.Policy.from_store(data).session().decide(step)


def stored(work: Calls) -> bytes:
    """W1 as a stored policy."""
    return loaded(calls_spec(work)).store()


@lru_cache(maxsize=1)
def loaded(text: str) -> remit.Policy:
    """The policy of a spec; entrants that differ only in how they ask share it."""
    return remit.load(text)


def calls(work: Calls) -> Judge:
    """The request comes as a mapping, as it does to the peers, and is made a step in the clock."""
    decide = loaded(calls_spec(work)).session().decide
    return Judge(lambda request: answer(decide(call_of(request))))


def calls_stored(work: Calls) -> Judge:
    """The same under a policy that was stored."""
    decide = loader_stored(work)().session().decide
    return Judge(lambda request: answer(decide(call_of(request))))


def calls_step(work: Calls) -> Judge:
    """The step is made before."""
    decide = loaded(calls_spec(work)).session().decide
    return Judge(lambda step: answer(decide(step)), call_of)


def calls_session(work: Calls) -> Judge:
    """Each request is a conversation of its own."""
    policy = loaded(calls_spec(work))
    return Judge(lambda request: answer(policy.session().decide(call_of(request))))


def trace_spec(work: Trace) -> str:
    """W2 as a spec."""
    lines = ["spec bench.trace", "author developer", "tool search(q: text)"]
    for one in range(work.rules):
        lines += [
            f"tool read_{one}(q: text)", f"tool send_email_{one}(to: text, body: text)",
            f"clause exfiltration_{one}",
            f'  forbid call send_email_{one} where not (to ends with "{INSIDE}")',
            f'    and earlier (result of read_{one} where text contains "SECRET_{one}")',
        ]  # fmt: skip
    return "\n".join([*lines, ""])


def step_of(event: Event) -> Step:
    """An event as a step."""
    if event["kind"] == "result":
        return remit.Result(event["tool"], event["text"], id=event["id"])
    sends = event["tool"].startswith("send")
    args = {"to": event["to"], "body": "hello"} if sends else {"q": "x"}
    return remit.Call(event["tool"], args, event["id"])


class _Monitor:
    def __init__(self, policy: remit.Policy) -> None:
        self._decide = policy.session().decide

    def observe(self, event: Event) -> None:
        self._decide(step_of(event))

    def decide(self, event: Event) -> bool:
        return not self._decide(step_of(event))


def trace(work: Trace) -> Start:
    """What happened is judged too, as a host does, and then counts."""
    policy = remit.load(trace_spec(work))
    return lambda: _Monitor(policy)


def texts_spec(work: Texts) -> str:
    """W3 as a spec: each pattern a clause."""
    number = count()
    clauses = [
        f"clause p{next(number)}\n  forbid message where text matches /{one.replace('/', '[/]')}/"
        for one in work.patterns
    ]
    return "\n".join(["spec bench.texts", "author developer", *clauses, ""])


def texts(work: Texts) -> Scan:
    """The whole decision on a message, not only the search."""
    decide = remit.load(texts_spec(work)).session().decide
    return lambda text: not decide(remit.Message("assistant", text))
